"""`python -m tests.bench NAME --peer PEER`: see `--help` and docs/engine.md."""

from tests.bench.command import main

if __name__ == "__main__":
    raise SystemExit(main())
