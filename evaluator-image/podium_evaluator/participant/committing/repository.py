"""A participant's own repository on the hub."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError
from huggingface_hub.hf_api import RepoSibling

from podium_evaluator.contract import FetchRequest, HuggingFaceSource, Reason
from podium_evaluator.errors import Failure, infrastructure
from podium_evaluator.hub.client import Hub
from podium_evaluator.participant.hashes import HashedFile, hash_model
from podium_evaluator.participant.model import NamedModel, UsageError

__all__ = ["OwnRepository"]

_UNAUTHORIZED: Final = (401, 403)


@dataclass(frozen=True)
class OwnRepository:
    """Implements `Repository`.

    Attributes:
        name: ``namespace/name``.
        folder: The model's.
        files: Of the folder, as far as the hash covers them: nothing else is uploaded.
        request: Says which architectures are known and whose tokenizer is used.
        hotkey: Who commits.
        hub: With the participant's token.
    """

    name: str
    folder: Path
    files: tuple[HashedFile, ...]
    request: FetchRequest
    hotkey: str
    hub: Hub

    @property
    def _api(self) -> HfApi:
        return HfApi(endpoint=self.hub.endpoint, token=self.hub.token)

    def revision(self) -> str | None:
        """The newest commit; None while the repository does not exist or has no files."""
        try:
            return self._api.model_info(self.name).sha
        except RepositoryNotFoundError:
            return None

    def holds_model(self) -> bool:
        """Whether its files are those of the folder, to the bit: models of one shape have one size."""
        listed = self._api.model_info(self.name, files_metadata=True).siblings or ()
        found = {one.rfilename: one for one in listed}
        return all(one.name in found and self._is_same(one, found[one.name]) for one in self.files)

    def _is_same(self, mine: HashedFile, theirs: RepoSibling) -> bool:
        if theirs.lfs is not None:
            return bool(theirs.lfs.sha256 == mine.sha256)
        content = (self.folder / mine.name).read_bytes()
        # As git names a file's content.
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
        return theirs.blob_id == blob.hexdigest()

    def upload(self) -> str:
        """Creates it, private, and uploads the folder; returns the commit."""
        try:
            self._api.create_repo(self.name, private=True, exist_ok=True)
            done = self._api.upload_folder(
                repo_id=self.name,
                folder_path=self.folder,
                allow_patterns=[one.name for one in self.files],
                commit_message="A model",
            )
        except HfHubHTTPError as error:
            if error.response is not None and error.response.status_code in _UNAUTHORIZED:
                text = f"{self.name}: the hub does not let you write"
                raise UsageError(f"{text}: set HF_TOKEN to a token that may") from error
            raise infrastructure(
                Reason.HUB_UNAVAILABLE, f"{self.name}: the upload failed: {error}"
            ) from error
        return str(done.oid)

    def _failed(self, error: Exception) -> Failure:
        text = f"{self.name}: the upload failed: {error}"
        return infrastructure(Reason.HUB_UNAVAILABLE, f"{text}; run the command again")

    def secure_hash(self, revision: str) -> str:
        """Downloads the model at a commit and hashes it with the hotkey."""
        source = HuggingFaceSource(repository=self.name, revision=revision)
        model = NamedModel(f"{self.name}@{revision}", source, Path("/"))
        return str(hash_model(model, self.request, self.hotkey, self.hub).secure)

    def is_private(self) -> bool:
        """Whether others cannot see it."""
        return bool(self._api.model_info(self.name).private)

    def publish(self) -> None:
        """Lets everybody see it."""
        self._api.update_repo_settings(self.name, private=False)
