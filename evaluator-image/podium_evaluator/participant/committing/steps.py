"""The order of a commitment: upload, download and hash, commit, read back, publish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from podium_evaluator.errors import quoted
from podium_evaluator.participant.model import UsageError

__all__ = ["Chain", "Committed", "Repository", "Told", "commit_model", "commitment_text"]

MOST_BYTES = 128
"""What a commitment holds."""

Told = Callable[[str], None]
"""Hears a sentence of what is done."""


class Repository(Protocol):
    """A repository on the hub that is ours to write."""

    @property
    def name(self) -> str:
        """``namespace/name``."""
        ...

    def revision(self) -> str | None:
        """The newest commit; None while the repository does not exist."""
        ...

    def holds_model(self) -> bool:
        """Whether its files are those of the folder."""
        ...

    def upload(self) -> str:
        """Creates it, private, and uploads the folder; returns the commit."""
        ...

    def secure_hash(self, revision: str) -> str:
        """Downloads the model at a commit and hashes it with the hotkey."""
        ...

    def is_private(self) -> bool:
        """Whether others cannot see it."""
        ...

    def publish(self) -> None:
        """Lets everybody see it."""
        ...


class Chain(Protocol):
    """One subnet, and the hotkey that commits on it."""

    def committed(self) -> str | None:
        """What the hotkey has committed to, as of the newest finalized block."""
        ...

    def commit(self, value: str) -> int:
        """Commits, and returns the block once it is final."""
        ...


@dataclass(frozen=True)
class Committed:
    """What was done.

    Attributes:
        value: What is on the chain.
        block: Of the commitment, if this run made it.
    """

    repository: str
    revision: str
    value: str
    block: int | None
    published: bool


def commitment_text(repository: str, revision: str, secure_hash: str, competition_id: int) -> str:
    """What a hotkey commits to: ``namespace:name:commit:hash:competition``.

    Raises:
        UsageError: It is too long for a commitment.
    """
    namespace, _, name = repository.partition("/")
    value = f"{namespace}:{name}:{revision}:{secure_hash}:{competition_id}"
    if len(value.encode()) > MOST_BYTES:
        most = MOST_BYTES - len(value.encode()) + len(repository)
        raise UsageError(
            f"--repository {quoted(repository)}: at most {most} characters fit into a commitment"
        )
    return value


def commit_model(
    repository: Repository, chain: Chain, local_hash: str, competition_id: int, tell: Told, *, publish: bool
) -> Committed:
    """Goes through all steps, past those that are done.

    Args:
        repository: Where the model goes.
        chain: Where it is committed to.
        local_hash: Secure hash of the folder.
        competition_id: Number of the competition.
        tell: Hears of every step.
        publish: Whether to let others see the repository at the end.

    Raises:
        UsageError: What the hub has is not what the folder has.
    """
    revision = _uploaded(repository, tell)
    found = repository.secure_hash(revision)
    if found != local_hash:
        raise UsageError(f"{repository.name}@{revision} has the secure hash {found}, the folder {local_hash}")
    tell(f"downloaded again, and the hash is the folder's: {found}")
    value = commitment_text(repository.name, revision, found, competition_id)
    block = _on_chain(chain, value, tell)
    if publish and repository.is_private():
        repository.publish()
        tell(f"published: {repository.name}")
    return Committed(repository.name, revision, value, block, publish)


def _uploaded(repository: Repository, tell: Told) -> str:
    """The commit that holds the folder's files, uploaded unless it is there."""
    revision = repository.revision()
    if revision is not None and repository.holds_model():
        tell(f"uploaded already: {repository.name}@{revision}")
        return revision
    if revision is not None and not repository.is_private():
        raise UsageError(
            f"{repository.name} is public and has other files: whoever sees a model before its commitment"
            " can commit to it first. Make it private, or name another repository"
        )
    revision = repository.upload()
    tell(f"uploaded, private: {repository.name}@{revision}")
    return revision


def _on_chain(chain: Chain, value: str, tell: Told) -> int | None:
    """The block of the commitment; None if it had been made before."""
    if chain.committed() == value:
        tell("committed already")
        return None
    block = chain.commit(value)
    read = chain.committed()
    if read != value:
        raise UsageError(f"the chain holds {quoted(str(read))} after the commitment of {quoted(value)}")
    tell(f"committed in block {block}, final and read back")
    return block
