"""`python -m tests.cluster.images [operator|evaluator|all]`: build, push, and print references as JSON."""

import argparse
import json
import sys

from tests.cluster.errors import ClusterError
from tests.cluster.images import IMAGES, build
from tests.cluster.settings import REGISTRY


def main() -> int:
    """Build the named images; 1 with a message when a step failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster.images", description=__doc__)
    parser.add_argument("image", nargs="?", default="all", choices=[*IMAGES, "all"])
    parser.add_argument("--registry", default=REGISTRY, help="host:port, plain HTTP (default %(default)s)")
    arguments = parser.parse_args()
    names = list(IMAGES) if arguments.image == "all" else [arguments.image]
    try:
        print(json.dumps({name: build(name, arguments.registry) for name in names}, indent=2))
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
