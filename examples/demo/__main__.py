"""`make demo`: a competition between real language models, on a real Kubernetes, from nothing.

1. start a one-node Kubernetes here, or use the current context's;
2. build the two images, make the contenders, serve them from a hub;
3. install Podium with its Helm chart;
4. apply a Subnet, a Competition and six submissions, and follow what happens;
5. show the objects, the leaderboard and one explanation, and say how to go on.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from examples.demo import objects
from examples.demo.chain_process import NETUID, SEED, DemoChain, commit_all, hotkeys, start_chain, validator
from examples.demo.contenders.progress import Progress
from examples.demo.contenders.recipe import make_all
from examples.demo.contenders.workshop import default_workshop
from examples.demo.follow import follow
from examples.demo.hub_process import repositories_of, start_hub
from examples.demo.platform import Failed, Platform, current_platform, local_platform
from tests.cluster.errors import ClusterError

_SIGNER, _KEY = "podium-signer", "validator-hotkey"
_CHART = Path(__file__).parents[2] / "helm" / "podium"


def main() -> int:
    """Runs the demo; what went wrong is said in one sentence."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.demo", description="A competition from nothing."
    )
    parser.add_argument("--cluster", choices=("local", "current"), default="local")
    parser.add_argument("--chain", choices=("none", "stub"), default="none", help="where weights go")
    parser.add_argument("--hub-address", help="this machine as pods of the current cluster reach it")
    arguments = parser.parse_args()
    progress = Progress("demo")
    try:
        run(arguments.cluster, arguments.chain, arguments.hub_address, progress)
    except (Failed, ClusterError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return 0


def run(cluster: str, chain: str, hub_address: str | None, progress: Progress) -> None:
    """The whole demo.

    Raises:
        Failed: A step did not come to its end.
    """
    progress.say("preparing the cluster and the images (minutes the first time)")
    platform = local_platform() if cluster == "local" else current_platform(hub_address)
    progress.say("making the contenders: a small language model, a tuned one, and variants")
    made = make_all(default_workshop())
    hub = start_hub(made, platform.hub_address)
    node = start_chain(platform.hub_address) if chain == "stub" else None
    install(platform, node, progress)
    hold(platform, hub, made, node, progress)
    report(platform, progress, "msub/bob-blend" if node is None else _paid(platform))
    if node is not None:
        print(f"The validator's weights on the chain, by uid: {node.row()}")


def install(platform: Platform, node: DemoChain | None, progress: Progress) -> None:
    """Installs Podium, and brings the evaluator's image to the node."""
    progress.say("installing Podium with Helm")
    platform.kubectl(
        "apply", "-f", "-", stdin=objects.render("namespace.yaml", {"namespace": platform.namespace})
    )
    repository, _, digest = platform.operator_image.partition("@")
    platform.run_helm(
        "upgrade",
        "--install",
        "podium",
        str(_CHART),
        "--namespace",
        platform.system_namespace,
        "--create-namespace",
        "--wait",
        "--timeout",
        "5m",
        "--set",
        f"watchNamespaces={{{platform.namespace}}}",
        "--set",
        f"operator.image.repository={repository}",
        "--set",
        f"operator.image.digest={digest}",
        *(_signing(platform, node) if node is not None else ()),
    )
    progress.say("pulling the evaluator's image")
    pod = {"namespace": platform.namespace, "evaluator_image": platform.evaluator_image}
    platform.kubectl("apply", "-f", "-", stdin=objects.render("pull.yaml", pod))
    platform.kubectl(
        "wait",
        "pod/pull-evaluator",
        "-n",
        platform.namespace,
        "--for=jsonpath={.status.phase}=Succeeded",
        "--timeout=10m",
    )
    platform.kubectl("delete", "pod/pull-evaluator", "-n", platform.namespace, "--wait=false")


def _signing(platform: Platform, node: DemoChain) -> list[str]:
    """The signer's key in its namespace, and the values that bind it to the chain."""
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": _SIGNER}}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": _KEY, "namespace": _SIGNER}}
    for document in (space, {**secret, "stringData": {"hotkey": SEED}}):
        platform.kubectl("apply", "-f", "-", stdin=json.dumps(document))
    target = {
        "namespace": platform.namespace,
        "subnet": "chain",
        "endpoints": [node.endpoint],
        "genesisHash": node.genesis_hash,
        "netuid": NETUID,
        "hotkey": validator(),
        "secret": {"name": _KEY},
    }
    targets = f"signer.targets={json.dumps([target])}"
    return ["--set", "signer.createNamespace=false", "--set-json", targets]


def hold(platform: Platform, hub: str, root: Path, node: DemoChain | None, progress: Progress) -> None:
    """Holds the competition, anew if an earlier one is still there."""
    everything = ("comp", "msub", "round", "wu", "subnet")
    platform.kubectl("delete", ",".join(everything), "--all", "-n", platform.namespace)
    repositories = repositories_of(root)
    begun = "the first round opens within two minutes; models are fetched and checked meanwhile"
    if node is not None:
        progress.say("applying the Subnet and the Competition; six participants commit on the chain")
        subnet = objects.chain(platform, node.endpoint, node.genesis_hash, NETUID, validator())
        offset = objects.first_sync(node.block)
        competition = objects.competition(platform, hub, repositories, subnet="chain", sync_offset=offset)
        platform.kubectl("apply", "-f", "-", stdin=f"{subnet}---\n{competition}")
        commit_all(node, root, repositories)
        progress.say(begun)
        follow(platform, progress, hotkeys())
        return
    progress.say("applying the Subnet, the Competition and six submissions")
    ledger = objects.ledger(platform, datetime.now(UTC))
    competition = objects.competition(platform, hub, repositories)
    platform.kubectl("apply", "-f", "-", stdin=f"{ledger}---\n{competition}")
    for submission in objects.submissions(platform, repositories):
        platform.kubectl("apply", "-f", "-", stdin=submission)
        time.sleep(objects.BLOCK_SECONDS)  # within one block, chance decides who was first
    progress.say(begun)
    follow(platform, progress)


def _paid(platform: Platform) -> str:
    """The newest weights that are on the chain."""
    sorting = "--sort-by=.spec.epoch.startBlock"
    shown = "-o=jsonpath={range .items[?(@.status.phase=='Verified')]}{.metadata.name}{'\\n'}{end}"
    return f"wu/{platform.kubectl('get', 'wu', '-n', platform.namespace, sorting, shown).split()[-1]}"


def report(platform: Platform, progress: Progress, explained: str) -> None:
    """Shows what came of it and how to go on."""
    # It would hold a round every few minutes, for as long as the cluster is up.
    _suspend(platform)
    progress.say("done; the competition is suspended\n")
    print(platform.kubectl("get", "comp,msub,round,wu", "-A"))
    for command in (["leaderboard", "small-models"], ["explain", explained]):
        print(f"$ podium {' '.join(command)} -n {platform.namespace}")
        print(platform.podium(*command, "-n", platform.namespace))
    print("Look around:")
    if platform.environment.get("KUBECONFIG"):
        print(f"  export KUBECONFIG={platform.environment['KUBECONFIG']}")
    print(f"  {Path(sys.executable).with_name('podium')} explain comp/small-models -n {platform.namespace}")
    print(f"  kubectl get events -n {platform.namespace} --sort-by=.lastTimestamp")
    resume = f"--type merge -p '{_suspension(suspended=False)}'"
    print(f"  kubectl patch comp small-models -n {platform.namespace} {resume}")
    print("Clean up:")
    print("  make cluster-down")


def _suspend(platform: Platform) -> None:
    target = ("comp/small-models", "-n", platform.namespace)
    platform.kubectl("patch", *target, "--type", "merge", "--patch", _suspension(suspended=True))


def _suspension(*, suspended: bool) -> str:
    return json.dumps({"spec": {"suspend": suspended}})


if __name__ == "__main__":
    sys.exit(main())
