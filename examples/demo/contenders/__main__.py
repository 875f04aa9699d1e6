"""`python -m examples.demo.contenders [--check]`: make the contenders, print their repositories as JSON."""

import argparse
import json

from examples.demo.contenders.order import check_order
from examples.demo.contenders.recipe import make_all
from examples.demo.contenders.repositories import describe_repositories
from examples.demo.contenders.workshop import default_workshop


def main() -> None:
    """Make everything; with --check also score the contenders and compare their order."""
    parser = argparse.ArgumentParser(prog="python -m examples.demo.contenders", description=__doc__)
    parser.add_argument("--check", action="store_true", help="score them with the evaluator (a minute)")
    arguments = parser.parse_args()
    root = make_all(default_workshop())
    if arguments.check:
        check_order(root)
    print(json.dumps({"root": str(root), "repositories": describe_repositories(root)}, indent=2))


if __name__ == "__main__":
    main()
