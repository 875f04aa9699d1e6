"""A competition on a chain: from commitments to a row of weights that only the signer could set."""

import asyncio
import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from bittensor.keyfiles import Keypair

from podium_evaluator.hub.secure_hash import content_hash, secure_hash
from tests.chain.chain import Chain, new_subnet
from tests.chain.metadata import runtime_metadata
from tests.chain.randomness import ROUND, block_time_to_the_past, opened, pending_commits
from tests.chain.running import RunningNode, running_node
from tests.chain.subnet import PALLET
from tests.cluster.access import ClusterAccess
from tests.cluster.settings import NODE_ADDRESS
from tests.e2e.contest import Contest, competition_of, condition, is_over, phase_of
from tests.e2e.installation import Installation, Raw, installation
from tests.e2e.models import Shelf
from tests.e2e.signing import sign_once
from tests.hub import Hub, Repositories

pytestmark = pytest.mark.e2e

_NETUID = 37
_SEED = "0x" + 64 * "5"
_NEVER, _EPOCH = 100_000, 40
"""Blocks, each a second. No round begins by itself."""

_SETTLED_SECONDS = 300.0
# By their places in the end; who commits first is no better for it.
_MODELS = ("uniform", "warm", "hot", "burning")


def _key(name: str) -> Keypair:
    return Keypair.create_from_uri(f"//{name}")


_VALIDATOR = Keypair.create_from_seed(bytes.fromhex(_SEED[2:]))
_OWNER, _GARBLER = _key("owner"), _key("garbler")
_MINERS = {name: _key(name) for name in _MODELS}


@dataclass(frozen=True)
class Story:
    """A round on a chain, its payment, and the garbage that somebody committed to meanwhile."""

    contest: Contest
    node: RunningNode
    round: Raw
    payment: Raw

    @property
    def podium(self) -> Installation:
        return self.contest.podium

    def hotkey(self, name: str) -> str:
        return _MINERS[name].ss58_address


def _populated() -> Chain:
    chain = Chain(runtime_metadata(), lag=2, genesis_time=int(time.time()) - 20, block_seconds=1)
    subnet = new_subnet(chain, _NETUID)
    for keypair in (_VALIDATOR, _OWNER, *_MINERS.values(), _GARBLER):
        subnet.register(keypair.ss58_address, 0, stake=10**12)
    subnet.set_permit(_VALIDATOR.ss58_address, True)
    subnet.set_rule("WeightsSetRateLimit", 5)
    chain.state.put(PALLET, "SubnetOwnerHotkey", _NETUID, value=_OWNER.ss58_address)
    chain.advance(20)
    return chain


def _target(node: RunningNode) -> Raw:
    return {
        "endpoints": [node.node.endpoint],
        "genesisHash": node.node.chain.genesis,
        "netuid": _NETUID,
        "hotkey": _VALIDATOR.ss58_address,
    }


@pytest.fixture(scope="module")
def node() -> Iterator[RunningNode]:
    """Where pods reach it, as they reach the hub."""
    with running_node(_populated(), host=NODE_ADDRESS) as running:
        yield running


@pytest.fixture(scope="module")
def story(cluster: ClusterAccess, node: RunningNode, hub: Hub, shelf: Shelf) -> Iterator[Story]:
    commits = {f"{one.kind}/{one.name}": one.commit for one in Repositories(shelf.root).all()}
    target = {**_target(node), "subnet": "chained"}
    with installation(cluster, target=target, key=_SEED) as podium:
        contest = Contest(podium, "chained", datetime.now(UTC), commits)
        podium.apply(_subnet(node), competition_of(contest, hub.endpoint, _NEVER))
        contest.wait(lambda: _ready(contest), "the competition is ready", _SETTLED_SECONDS)
        _commit_all(node, shelf, commits)
        contest.wait(lambda: _discovered(contest), "commitments are submissions", 60.0)
        names = list(contest.submissions())
        contest.wait_for_verdicts(*names)
        ended = contest.wait_for_round(_open_round(contest, node), is_over)
        yield Story(contest, node, ended, contest.wait_for_payment(ended["metadata"]["name"]))


def _subnet(node: RunningNode) -> Raw:
    shares = [{"competition": "chained", "percent": 100}]
    spec = {
        "bittensor": _target(node),
        "discovery": "Enabled",
        "schedule": [{"startBlock": 0, "shares": shares}],
        "weights": {"everyBlocks": _EPOCH},
    }
    return {
        "apiVersion": "podium.dev/v1alpha1",
        "kind": "Subnet",
        "metadata": {"name": "chained"},
        "spec": spec,
    }


def _ready(contest: Contest) -> Raw | None:
    found = contest.podium.get("comp", "chained")
    return found if condition(found, "Ready").get("status") == "True" else None


def _commit_all(node: RunningNode, shelf: Shelf, commits: dict[str, str]) -> None:
    for name, keypair in _MINERS.items():
        folder = shelf.root / "models/strangers" / name
        files = (folder / "config.json", folder / "model.safetensors")
        digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
        hashed = secure_hash(content_hash(digests), keypair.ss58_address)
        commit = commits[f"models/strangers/{name}"]
        node.commit(keypair, _NETUID, f"strangers:{name}:{commit}:{hashed}:1")
    node.commit(_GARBLER, _NETUID, "vote for me")


def _discovered(contest: Contest) -> Raw | None:
    found = contest.submissions()
    return found if len(found) == len(_MODELS) else None


def _open_round(contest: Contest, node: RunningNode) -> str:
    """Lets a round begin in some blocks, as an organiser moves the cadence; returns its name."""
    block = node.do(lambda chain: chain.height) + 5
    patch = {"spec": {"rounds": {"syncOffsetBlock": block}}}
    contest.podium.kubectl("patch", "comp", "chained", "--type=merge", f"--patch={json.dumps(patch)}")
    return f"chained-{block}"


def test_every_commitment_is_a_submission_of_its_hotkey_at_its_block(story: Story) -> None:
    found = story.contest.submissions().values()
    assert {one["spec"]["hotkey"] for one in found} == {one.ss58_address for one in _MINERS.values()}
    state = story.node.do(lambda chain: chain.state.copy())
    for one in found:
        block = int(state.get("Commitments", "LastCommitment", _NETUID, one["spec"]["hotkey"]))
        assert one["status"]["commitBlock"] == block


def test_what_is_no_commitment_is_told_and_becomes_nothing(story: Story) -> None:
    events = story.podium.all("events.events.k8s.io", "--field-selector=reason=UnusableCommitment")
    assert any(_GARBLER.ss58_address in one["note"] for one in events)
    assert all(one["spec"]["hotkey"] != _GARBLER.ss58_address for one in story.contest.submissions().values())


def test_nobody_else_writes_a_submission_where_a_chain_is(story: Story) -> None:
    (stored, *_) = story.contest.submissions().values()
    refusal = story.podium.refusal({**stored, "metadata": {"name": "of-a-stranger"}})
    assert "come from its commitments" in refusal


def test_the_round_is_seeded_by_its_block_and_ranks_the_models(story: Story) -> None:
    spec, status = story.round["spec"], story.round["status"]
    assert spec["blockHash"] == story.node.do(lambda chain: chain.blocks[spec["block"]].hash)
    by_hotkey = {keypair.ss58_address: name for name, keypair in _MINERS.items()}
    assert [by_hotkey[one["hotkey"]] for one in status["ranking"]] == list(_MODELS)


def test_the_row_on_the_chain_is_the_ranking(story: Story) -> None:
    assert phase_of(story.payment) == "Verified"
    assert condition(story.payment, "Complete")["reason"] == "RowMatches"
    first = story.round["status"]["ranking"][0]["hotkey"]
    uid = story.node.do(lambda chain: chain.subnet(_NETUID).uid(first))
    assert story.node.do(lambda chain: chain.subnet(_NETUID).row(0)) == {uid: 65535}


def test_every_epoch_has_one_effective_extrinsic(story: Story) -> None:
    def effects(chain: Chain) -> list[int]:
        return [
            block.number // _EPOCH
            for block in chain.blocks
            for one in block.included
            if one.error is None and one.extrinsic.function == "set_mechanism_weights"
        ]

    epochs = story.node.do(effects)
    assert epochs
    assert len(set(epochs)) == len(epochs)


def test_the_key_is_nowhere_but_in_the_signers_secret(story: Story) -> None:
    place = f"--namespace={story.podium.signer_namespace}"
    signer = f"deployment/{story.podium.release}-signer"
    seen = [
        story.podium.access.kubectl("logs", place, signer).stdout,
        story.podium.access.kubectl("get", "pods,deployments,events", place, "--output=yaml").stdout,
        story.podium.kubectl("get", "wu,subnet,events", "--output=yaml"),
    ]
    assert all(_SEED[2:] not in text for text in seen)
    assert "key is usable" in seen[0]


def test_what_is_committed_where_weights_are_hidden_is_the_ranking(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A reveal in the past needs a signer whose blocks have a length of our choice, so this one runs here,
    # with the rights of the other.
    signer = f"deployment/{story.podium.release}-signer"
    place = f"--namespace={story.podium.signer_namespace}"
    story.podium.access.kubectl("scale", place, signer, "--replicas=0")
    story.podium.access.kubectl("wait", place, "pods", "--all", "--for=delete", "--timeout=60s")
    story.node.do(lambda chain: chain.subnet(_NETUID).set_rule("CommitRevealWeightsEnabled", True))
    block = story.node.do(lambda chain: chain.height)

    def handed_over() -> Raw | None:
        found = story.podium.all("wu")
        return next((one for one in found if one["spec"]["epoch"]["startBlock"] > block), None)

    update = story.contest.wait(handed_over, "weights of an epoch with commits", _SETTLED_SECONDS)

    async def of_the_past(_: object) -> float:
        return story.node.do(lambda chain: block_time_to_the_past(chain, _NETUID))

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("bittensor.client.Client.block_time", of_the_past)
    story.node.standing.set()
    asyncio.run(sign_once(story.podium, "chained", story.node, _NETUID, _VALIDATOR, tmp_path))
    story.node.standing.clear()
    commits = story.contest.wait(lambda: _commits(story), "the commit is in a block", 60.0)
    ((hotkey, _, sealed, reveal_round),) = commits["pending"]
    assert (hotkey, reveal_round) == (_VALIDATOR.ss58_address, ROUND)
    _, row = opened(sealed)
    uids = {story.node.do(lambda chain, key=key: chain.subnet(_NETUID).uid(key)): key for key in _hotkeys()}
    shares = {one["hotkey"]: Fraction(one["share"]) for one in update["spec"]["weights"]}
    top = max(shares.values())
    assert {uids[uid]: weight for uid, weight in row.items()} == {
        key: pytest.approx(float(share / top * 65535), abs=1) for key, share in shares.items()
    }
    assert max(shares, key=lambda key: shares[key]) == story.round["status"]["ranking"][0]["hotkey"]


def _hotkeys() -> list[str]:
    return [one.ss58_address for one in _MINERS.values()]


def _commits(story: Story) -> Raw | None:
    found = story.node.do(lambda chain: pending_commits(chain, _NETUID))
    return {"pending": found} if found else None
