"""``python -m podium_evaluator``."""

import sys

from podium_evaluator.cli import main

sys.exit(main())
