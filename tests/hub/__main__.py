"""`python -m tests.hub --root DIR [--host H] [--port P]`: serve a folder until interrupted."""

import argparse
import asyncio
import contextlib
import sys
from pathlib import Path

from tests.hub import Hub


async def serve(root: Path, host: str, port: int, token: str | None) -> None:
    """Serve until cancelled; the address is the first line on the standard error."""
    async with Hub(root, host=host, port=port, token=token) as hub:
        print(f"hub at {hub.endpoint}", file=sys.stderr, flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.hub", description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="folder with models/ and datasets/")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5580, help="0 for a free one (default %(default)s)")
    parser.add_argument("--token", help="opens private and gated repositories")
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(arguments.root, arguments.host, arguments.port, arguments.token))


if __name__ == "__main__":
    main()
