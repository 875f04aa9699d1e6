"""`podium-evaluate commit`: nobody sees a model before its commitment is final; any run can be repeated."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from bittensor.keyfiles import Keypair
from huggingface_hub import HfApi
from huggingface_hub.errors import RepositoryNotFoundError

from podium_evaluator.contract import ExitCode
from podium_evaluator.participant.committing import chain as committing_chain
from tests.chain.chain import Chain, new_subnet
from tests.chain.metadata import runtime_metadata
from tests.chain.running import RunningNode, running_node
from tests.hub import Hub as Server
from tests.podium_evaluator.participant.conftest import TOKEN
from tests.podium_evaluator.participant.scene import Desk, Ended
from tests.podium_evaluator.tiny import write_model

# The hub's client hands bytes to its HTTP library in a way that this calls old.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")

_SEED = "0x" + 64 * "a"
_HOTKEY = Keypair.create_from_seed(bytes.fromhex(_SEED[2:])).ss58_address
_NETUID = 37


@dataclass
class Bench:
    """A participant with a folder, a token and a key, before a hub and a chain."""

    desk: Desk
    server: Server
    node: RunningNode
    key_file: Path

    def commit(self, *more: str, name: str = "alice/fresh") -> Ended:
        """The command; every run is a new process as far as it knows."""
        return self.desk.run(
            "commit",
            *("--model", str(self.desk.model), "--competition", str(self.desk.file), "--competition-id", "1"),
            *("--repository", name, "--key-file", str(self.key_file), "--netuid", str(_NETUID)),
            *("--endpoint", self.node.node.endpoint, "--hub-endpoint", self.server.endpoint, *more),
        )

    def committed(self) -> str | None:
        """What is on the chain."""
        record = self.node.do(lambda chain: chain.state.get("Commitments", "CommitmentOf", _NETUID, _HOTKEY))
        return committing_chain._text(record)

    def is_public(self, name: str = "alice/fresh") -> bool:
        """Whether somebody without a token sees the repository."""
        try:
            HfApi(endpoint=self.server.endpoint, token=False).model_info(name)
        except RepositoryNotFoundError:
            return False
        return True


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningNode]:
    metadata = runtime_metadata()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(committing_chain, "_POLL_SECONDS", 0.05)
    chain = Chain(metadata)
    new_subnet(chain, _NETUID).register(_HOTKEY, 0)
    chain.advance(5)
    with running_node(chain, block_seconds=0.05) as running:
        yield running


@pytest.fixture
def bench(desk: Desk, server: Server, node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr("huggingface_hub._commit_api.is_xet_available", lambda: False)
    monkeypatch.setattr("huggingface_hub.hf_api.is_xet_available", lambda: False)
    key_file = desk.folder / "hotkey"
    key_file.write_text(_SEED)
    return Bench(desk, server, node, key_file)


def test_a_folder_becomes_a_published_repository_with_a_commitment(bench: Bench) -> None:
    ended = bench.commit()
    assert ended.code == ExitCode.DONE, ended.errors
    steps = ("uploaded, private", "downloaded again", "committed in block", "published")
    places = [ended.errors.index(step) for step in steps]
    assert places == sorted(places)
    value = bench.committed()
    assert value is not None
    assert value in ended.output
    namespace, name, revision, _, number = value.split(":")
    assert (namespace, name, number) == ("alice", "fresh", "1")
    assert bench.is_public()
    found = HfApi(endpoint=bench.server.endpoint).model_info("alice/fresh")
    assert found.sha == revision


def test_a_second_run_finds_everything_done(bench: Bench) -> None:
    bench.commit()
    before = bench.node.do(lambda chain: chain.nonce(_HOTKEY))
    ended = bench.commit("--json")
    assert ended.code == ExitCode.DONE
    assert "uploaded already" in ended.errors
    assert "committed already" in ended.errors
    assert ended.document["block"] is None
    assert bench.node.do(lambda chain: chain.nonce(_HOTKEY)) == before


@pytest.mark.parametrize("step", ["upload", "secure_hash", "commit", "committed", "publish"])
def test_a_run_that_ended_anywhere_is_completed_by_the_next(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    owner = "repository.OwnRepository" if step in {"upload", "secure_hash", "publish"} else None
    path = f"podium_evaluator.participant.committing.{owner or 'chain.BittensorCommitments'}.{step}"

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(path, interrupted)
        assert bench.commit().code not in {ExitCode.DONE, ExitCode.EVALUATOR_BUG}
        assert not bench.is_public()
    ended = bench.commit()
    assert ended.code == ExitCode.DONE, ended.errors
    assert bench.is_public()
    assert bench.committed() is not None


def test_a_dry_run_sends_nothing(bench: Bench) -> None:
    ended = bench.commit("--dry-run")
    assert ended.code == ExitCode.DONE, ended.errors
    assert "nothing was sent" in ended.output
    assert bench.committed() is None
    assert not (bench.desk.folder / "hub/models/alice/fresh").exists()


def test_another_model_of_the_same_shape_is_uploaded_anew(bench: Bench) -> None:
    bench.commit("--keep-private")
    first = bench.committed()
    shutil.rmtree(bench.desk.model)
    write_model(bench.desk.model, seed=7)
    ended = bench.commit("--keep-private")
    assert ended.code == ExitCode.DONE, ended.errors
    assert bench.committed() != first
    assert not bench.is_public()


def test_a_public_repository_with_other_files_is_not_written_to(bench: Bench) -> None:
    shutil.rmtree(bench.desk.model)
    write_model(bench.desk.model, seed=7)
    ended = bench.commit(name="alice/tuned")
    assert ended.code == ExitCode.REQUEST_INVALID
    assert "can commit to it first" in ended.errors
    assert bench.committed() is None


def test_what_the_hub_changed_is_not_committed_to(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    path = "podium_evaluator.participant.committing.repository.OwnRepository.secure_hash"
    monkeypatch.setattr(path, lambda *_: 43 * "x" + "=")
    ended = bench.commit()
    assert ended.code == ExitCode.REQUEST_INVALID
    assert "has the secure hash" in ended.errors
    assert bench.committed() is None
    assert not bench.is_public()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--genesis-hash", "0x" + 64 * "0"), "is of the chain"),
        (("--repository", "no-namespace"), "expected namespace/name"),
        (("--repository", f"alice/{60 * 'x'}"), "characters fit"),
        (("--key-file", "/nowhere"), "no key that can sign"),
        (("--model", "/nowhere"), "expected a folder"),
    ],
)
def test_what_cannot_be_used_is_said_before_anything_is_sent(
    bench: Bench, arguments: tuple[str, str], said: str
) -> None:
    ended = bench.commit(*arguments, "--dry-run")
    assert ended.code == ExitCode.REQUEST_INVALID
    assert said in ended.errors
    assert _SEED[2:] not in ended.errors


def test_without_a_token_that_may_write_the_sentence_says_what_to_set(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_of_somebody_else")
    ended = bench.commit()
    assert ended.code == ExitCode.REQUEST_INVALID
    assert "HF_TOKEN" in ended.errors


def test_the_hubs_address_is_not_taken_from_a_strangers_file(bench: Bench) -> None:
    bench.desk.write(hub__endpoint=bench.server.endpoint)
    ended = bench.desk.run(
        "commit",
        *("--model", str(bench.desk.model), "--competition", str(bench.desk.file), "--competition-id", "1"),
        *("--repository", "alice/fresh", "--key-file", str(bench.key_file), "--netuid", "37"),
        *("--endpoint", bench.node.node.endpoint),
    )
    assert ended.code == ExitCode.REQUEST_INVALID
    assert "--hub-endpoint" in ended.errors
    assert json.dumps(TOKEN) not in ended.errors
