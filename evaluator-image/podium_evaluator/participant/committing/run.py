"""What `podium-evaluate commit` does, out of its arguments."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from podium_evaluator.errors import quoted
from podium_evaluator.hub.client import Hub
from podium_evaluator.participant.arguments import CommitArguments
from podium_evaluator.participant.committing.chain import BittensorCommitments, read_hotkey
from podium_evaluator.participant.committing.repository import OwnRepository
from podium_evaluator.participant.committing.steps import commit_model, commitment_text
from podium_evaluator.participant.competition import Competition
from podium_evaluator.participant.hashes import hash_model
from podium_evaluator.participant.model import UsageError, find_model
from podium_evaluator.participant.requests import fetch_request

__all__ = ["commit"]

_SOME_COMMIT = 40 * "0"
"""As long as any."""


def commit(asked: CommitArguments, competition: Competition, hub: Hub) -> str:
    """Goes through the steps, or says what they would be; returns what is printed at the end.

    Raises:
        UsageError: An argument cannot be used, or what is on the hub or chain is not what was sent.
        Failure: The folder is no model, or the hub or chain is away.
    """
    if not asked.model.is_dir():
        raise UsageError(f"--model: expected a folder, found {quoted(str(asked.model), 200)}")
    if asked.repository.count("/") != 1 or asked.repository.startswith("/") or asked.repository.endswith("/"):
        raise UsageError(f"--repository: expected namespace/name, found {quoted(asked.repository, 200)}")
    keypair = read_hotkey(asked.key_file)
    hotkey = str(keypair.ss58_address)
    model = find_model(str(asked.model), hub)
    request = fetch_request(competition, model.source, hub.endpoint)
    hashes = hash_model(model, request, hotkey, hub)
    if hashes.failure is not None:
        raise hashes.failure
    local = str(hashes.secure)
    chain = BittensorCommitments(asked.endpoint, asked.netuid, keypair, asked.genesis_hash)
    commitment_text(asked.repository, _SOME_COMMIT, local, asked.competition_id)
    repository = OwnRepository(asked.repository, asked.model.resolve(), hashes.files, request, hotkey, hub)
    if asked.dry_run:
        return _plan(asked, hotkey, local, chain.committed())
    done = commit_model(repository, chain, local, asked.competition_id, _tell, publish=not asked.keep_private)
    if asked.json:
        return json.dumps({**asdict(done), "hotkey": hotkey}) + "\n"
    return f"{hotkey} is committed to {done.value}\n"


def _plan(asked: CommitArguments, hotkey: str, secure_hash: str, now: str | None) -> str:
    if asked.json:
        plan = {"hotkey": hotkey, "secureHash": secure_hash, "committed": now, "repository": asked.repository}
        return json.dumps({"dryRun": True, **plan}) + "\n"
    return (
        f"would upload {asked.model} to {asked.repository}, private\n"
        f"would commit on netuid {asked.netuid} by {hotkey}, with the secure hash {secure_hash}\n"
        f"which is committed to {now or 'nothing'} now\n"
        f"would {'keep it private' if asked.keep_private else 'publish it'}; nothing was sent\n"
    )


def _tell(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
