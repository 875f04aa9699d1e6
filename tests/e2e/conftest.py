"""One installation of Podium for all tests of a session, and competitions in it."""

import secrets
from collections.abc import Callable, Iterator

import pytest

from tests.cluster.access import ClusterAccess
from tests.cluster.settings import NODE_ADDRESS
from tests.e2e.contest import Contest, hold
from tests.e2e.installation import Installation, installation
from tests.e2e.models import Shelf
from tests.hub import Hub, Repositories, hub_in_thread

NewContest = Callable[..., Contest]
"""Holds a competition under a name that begins with the given word."""


@pytest.fixture(scope="session")
def installed_podium(cluster: ClusterAccess) -> Iterator[Installation]:
    """Podium in the local cluster, watching a namespace of its own that has a volume `store`."""
    with installation(cluster) as installed:
        yield installed


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """What the hub serves."""
    shelf = Shelf(tmp_path_factory.mktemp("hub"))
    shelf.fill()
    return shelf


@pytest.fixture(scope="session")
def hub(cluster: ClusterAccess, shelf: Shelf) -> Iterator[Hub]:
    """A hub that pods reach: it listens on the node's own address."""
    with hub_in_thread(shelf.root, host=NODE_ADDRESS) as hub:
        yield hub


@pytest.fixture(scope="session")
def new_contest(installed_podium: Installation, hub: Hub, shelf: Shelf) -> NewContest:
    """Holds competitions, each with a name of its own."""
    commits = {f"{one.kind}/{one.name}": one.commit for one in Repositories(shelf.root).all()}

    def new(word: str, *, every_blocks: int | None = None, reference: str | None = None) -> Contest:
        cadence = {} if every_blocks is None else {"every_blocks": every_blocks}
        name = f"{word}-{secrets.token_hex(2)}"
        return hold(installed_podium, hub.endpoint, commits, name, reference=reference, **cadence)

    return new
