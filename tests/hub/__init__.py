"""A model and dataset hub that serves folders to the real Hugging Face client.

The layout under the root is `models/<namespace>/<name>/` and `datasets/<namespace>/<name>/`. The branch
"main" of a repository is what its folder holds now: its commit is a hash of the contents, or given by a
file `.hub.json` in it, such as `{"commit": "<40 hex>", "access": "gated"}` with access public (the
default), private or gated. Earlier commits are listed there too, newest first, and have their files in
the folder `.hub/<40 hex>` of the repository:

    {"commit": "<40 hex>", "date": "2026-02-01T00:00:00.000Z",
     "history": [{"commit": "<40 hex>", "date": "2026-01-01T00:00:00.000Z"}]}

Faults can be injected: see `faults.py`.

    async with Hub(root) as hub:              # in an async test
        hub.faults.add(Refuse(429, retry_after=1), on="models/alice/tuned", times=2)
        ... HfApi(endpoint=hub.endpoint) ...  # in a thread: the client blocks

    with hub_in_thread(root) as hub:          # in any other test
"""

from tests.hub.faults import Faults, Refuse, Slow, Truncate, WrongEtag, WrongSize
from tests.hub.repository import Access, Repositories, Repository
from tests.hub.server import Hub, hub_in_thread

__all__ = [
    "Access",
    "Faults",
    "Hub",
    "Refuse",
    "Repositories",
    "Repository",
    "Slow",
    "Truncate",
    "WrongEtag",
    "WrongSize",
    "hub_in_thread",
]
