"""The model that a participant names: a folder, or a repository at a commit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from podium_evaluator.contract import HuggingFaceSource, Reason, VolumeSource
from podium_evaluator.errors import Failure, infrastructure, quoted, submission
from podium_evaluator.hub.client import Hub, HubError, HubProblem
from podium_evaluator.hub.revisions import resolve_revision

__all__ = ["NamedModel", "UsageError", "find_model"]

_REPOSITORY: Final = re.compile(
    r"(?P<repository>[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*)@(?P<revision>[A-Za-z0-9._/-]{1,100})"
)
_WHOLE: Final = "."
"""The folder itself, seen from where it is mounted."""


class UsageError(Exception):
    """An argument cannot be used: what was expected and what was found."""


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model, found.

    Attributes:
        label: What it is called in reports, with the commit where there is one.
        source: For requests.
        mount: Where the source's volume is mounted.
    """

    label: str
    source: HuggingFaceSource | VolumeSource
    mount: Path

    @classmethod
    def unfound(cls, label: str) -> NamedModel:
        """A model that is only known by name."""
        return cls(label, VolumeSource(path=_WHOLE), Path())


def find_model(text: str, hub: Hub) -> NamedModel:
    """The model that an argument names; a branch becomes the commit that it is now.

    Args:
        text: A folder, or ``namespace/name@revision``. What is both is the folder.
        hub: Where repositories are.

    Raises:
        UsageError: It is neither.
        Failure: The revision cannot be found, or the hub does not answer.
    """
    folder = Path(text)
    # An empty text, such as an unset variable, would be the current folder.
    if text and folder.is_dir():
        resolved = folder.resolve()
        return NamedModel(str(resolved), VolumeSource(path=_WHOLE), resolved)
    found = _REPOSITORY.fullmatch(text)
    if found is None:
        raise UsageError(
            f"--model: expected a folder or namespace/name@revision, found {quoted(text, 200)},"
            " which is no folder here"
        )
    repository, revision = found["repository"], found["revision"]
    try:
        commit = resolve_revision(hub, repository, revision, "model", None)
    except HubError as error:
        raise _failure(error, repository, revision) from error
    source = HuggingFaceSource(repository=repository, revision=commit)
    return NamedModel(f"{repository}@{commit}", source, Path())


def _failure(error: HubError, repository: str, revision: str) -> Failure:
    where = f"model repository {quoted(repository, 140)}"
    match error.problem:
        case HubProblem.UNAVAILABLE:
            return infrastructure(Reason.HUB_UNAVAILABLE, f"{where}: {error}")
        case HubProblem.REPOSITORY:
            return submission(
                Reason.NOT_YET_PUBLISHED, f"{where}: {error}; make it public to have it evaluated"
            )
        case HubProblem.REVISION | HubProblem.ENTRY:
            return submission(Reason.REVISION_NOT_FOUND, f"{where} at {revision}: {error}")
