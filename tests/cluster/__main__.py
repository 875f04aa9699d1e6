"""`python -m tests.cluster`: the local cluster by hand."""

import argparse
import sys
import time

from tests.cluster import local_cluster, processes
from tests.cluster.errors import ClusterError
from tests.cluster.folders import state_folder
from tests.cluster.programs import MODULES, find_program


def main() -> int:
    """Run one command; 1 if it cannot be done."""
    arguments = _parser().parse_args()
    try:
        return int(arguments.run(arguments) or 0)
    except ClusterError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.cluster", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for run in (_build, _up, _down, _status, _kubeconfig):
        command = commands.add_parser(run.__name__.removeprefix("_"), help=run.__doc__)
        command.set_defaults(run=run)
        if run is _down:
            command.add_argument("--purge", action="store_true", help="also delete the images it keeps")
    return parser


def _build(_: argparse.Namespace) -> None:
    """Build the programs that are neither given nor in the cache, and print where all are."""
    for module in MODULES:
        for program in module.packages:
            print(find_program(program))


def _up(_: argparse.Namespace) -> None:
    """Bring the cluster up."""
    begun = time.monotonic()
    access = local_cluster.up(state_folder())
    print(f"the local cluster is up ({time.monotonic() - begun:.1f} s). To use it:")
    print(f"  export KUBECONFIG={access.kubeconfig}")


def _down(arguments: argparse.Namespace) -> None:
    """End the cluster and everything it started."""
    begun = time.monotonic()
    local_cluster.down(state_folder(), purge=arguments.purge)
    print(f"the local cluster is down ({time.monotonic() - begun:.1f} s)")


def _status(_: argparse.Namespace) -> int:
    """Say what runs; 1 unless all of it does."""
    state = state_folder()
    for process in processes.recorded(state).values():
        print(f"{process.name}: {'runs' if processes.alive(process) else 'ended'} ({process.pid})")
    is_up = local_cluster.is_up(state)
    print(f"the local cluster in {state} is {'up' if is_up else 'not up'}")
    return 0 if is_up else 1


def _kubeconfig(_: argparse.Namespace) -> None:
    """Print the path of the administrator's kubeconfig."""
    if not local_cluster.is_up(state_folder()):
        raise ClusterError("the local cluster is not up: run `python -m tests.cluster up`")
    print(local_cluster.access_to(state_folder()).kubeconfig)


if __name__ == "__main__":
    sys.exit(main())
