"""The two networks of the node: `podium0` for pods, and `podium-iso0`, from which nothing is reached.

`podium0` is a bridge whose own address is the node's. `podium-iso0` is a bridge without ports and without
addresses. An isolated pod has a macvlan interface in private mode on top of it, so that its frames go
neither to other pods nor to the machine, IPv6's own link-local addresses included.
"""

import json
import shutil
from pathlib import Path

from tests.cluster.commands import run
from tests.cluster.errors import ClusterError
from tests.cluster.settings import ISOLATED_NETWORK, NODE_ADDRESS, NODE_POD_NETWORK, POD_NETWORK

POD_BRIDGE = "podium0"
ISOLATED_BRIDGE = "podium-iso0"
# kube-proxy's own names in nftables mode, and ours for the address translation of outgoing traffic.
TABLES = (("ip", "kube-proxy"), ("ip6", "kube-proxy"), ("ip", "podium"))
_UNMARKED = ""
_PLUGIN_FOLDERS = ("/usr/lib/cni", "/opt/cni/bin")
_RESULTS = Path("/var/lib/cni/results")  # where containerd's CNI library notes what it set up

_TRANSLATION = f"""
table ip podium {{
  chain postrouting {{
    type nat hook postrouting priority srcnat;
    ip saddr {NODE_POD_NETWORK} ip daddr != {POD_NETWORK} oifname != "{POD_BRIDGE}" masquerade
  }}
}}
"""


def create_network(state: Path) -> None:
    """Create the bridges, marked with the state folder they belong to, and the CNI configuration."""
    for bridge in (POD_BRIDGE, ISOLATED_BRIDGE):
        run(["ip", "link", "add", bridge, "type", "bridge"])
        run(["ip", "link", "set", bridge, "alias", str(state)])
        run(["ip", "link", "set", bridge, "up"])
    run(["ip", "address", "add", f"{NODE_ADDRESS}/24", "dev", POD_BRIDGE])
    run(["nft", "--file", "-"], input=_TRANSLATION)
    for name, plugin in cni_plugins(state).items():
        folder = cni_folder(state, name)
        folder.mkdir(parents=True)
        configuration = {"cniVersion": "1.0.0", "name": f"podium-{name}", "plugins": [plugin]}
        (folder / "10-podium.conflist").write_text(json.dumps(configuration, indent=2))


def remove_network(state: Path) -> None:
    """Delete what `create_network`, kube-proxy and CNI left, if the pods' bridge is this folder's.

    Without that bridge there is nothing: it is created first and deleted last.
    """
    if bridge_owner() not in {_UNMARKED, str(state)}:
        return
    for result in _RESULTS.glob("*"):
        if str(state) in result.read_text():
            result.unlink()
    for family, table in tables():
        run(["nft", "delete", "table", family, table])
    for bridge in (ISOLATED_BRIDGE, POD_BRIDGE):
        if bridge in interfaces():
            run(["ip", "link", "delete", bridge])


def check_network_is_free(state: Path) -> None:
    """Raise a ClusterError if another cluster uses this machine's network."""
    owner = bridge_owner()
    if owner not in {None, _UNMARKED, str(state)}:
        raise ClusterError(
            f"another local cluster runs on this machine, its state is in {owner}. End it first: "
            f"`PODIUM_CLUSTER_STATE={owner} python -m tests.cluster down`."
        )
    if owner is None and tables():
        raise ClusterError(
            f"nftables already has {tables()}: another Kubernetes node seems to run on this machine, and "
            "the local cluster would break it. Use that one: `make demo CLUSTER=current`."
        )
    taken = run(["ip", "route", "show", "to", "root", POD_NETWORK]).splitlines()
    if foreign := [route for route in taken if POD_BRIDGE not in route]:
        raise ClusterError(f"{POD_NETWORK} is in use on this machine: {foreign}; the local cluster needs it")


def bridge_owner() -> str | None:
    """The state folder that the pods' bridge is marked with, None where there is no bridge.

    It is empty if the program was killed between creating the bridge and marking it.
    """
    return interfaces().get(POD_BRIDGE)


def interfaces() -> dict[str, str]:
    """The network interfaces of this machine and what each is marked with."""
    links = json.loads(run(["ip", "-json", "link", "show"]))
    return {link["ifname"]: link.get("ifalias", "") for link in links}


def tables() -> list[tuple[str, str]]:
    """Those of `TABLES` that exist."""
    listed = json.loads(run(["nft", "--json", "list", "tables"]))["nftables"]
    present = {(entry["table"]["family"], entry["table"]["name"]) for entry in listed if "table" in entry}
    return [table for table in TABLES if table in present]


def plugin_folder() -> str | None:
    """Where the CNI plugins are installed."""
    return next((folder for folder in _PLUGIN_FOLDERS if shutil.which("bridge", path=folder)), None)


def cni_folder(state: Path, name: str) -> Path:
    """The folder of the CNI configuration of a runtime: `default` or `isolated`."""
    return state / "cni" / name


def cni_plugins(state: Path) -> dict[str, dict[str, object]]:
    """The CNI plugin configuration of each runtime."""
    addresses = {"type": "host-local", "dataDir": str(state / "cni" / "addresses")}
    default = {"ranges": [[{"subnet": NODE_POD_NETWORK}]], "routes": [{"dst": "0.0.0.0/0"}]}
    return {
        "default": {
            "type": "bridge",
            "bridge": POD_BRIDGE,
            "isGateway": True,
            "hairpinMode": True,  # a pod may reach itself through its Service
            "ipam": {**addresses, **default},
        },
        "isolated": {
            "type": "macvlan",
            "master": ISOLATED_BRIDGE,
            "mode": "private",
            "ipam": {**addresses, "ranges": [[{"subnet": ISOLATED_NETWORK}]]},
        },
    }
