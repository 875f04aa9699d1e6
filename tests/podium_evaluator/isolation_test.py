"""What counts as a way out of the pod, tried on sockets of this machine."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from podium_evaluator.isolation import Target, default_gateway, reachable, resolvers, targets

_ROUTES = """Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask
eth0	0000F40A	00000000	0001	0	0	0	0000FFFF
eth0	00000000	0100F40A	0003	0	0	0	00000000
"""


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def resolver() -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def answer() -> None:
            question, client = server.recvfrom(512)
            server.sendto(question[:2] + b"\x81\x80", client)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(timeout=5)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_an_open_port_is_reachable_and_a_closed_one_is_not(listener: int) -> None:
    found = reachable([Target("node", "127.0.0.1", closed_port()), Target("outside", "127.0.0.1", listener)])

    assert found == (f"outside 127.0.0.1:{listener}/tcp",)


def test_a_resolver_that_answers_is_reachable(resolver: int) -> None:
    assert reachable([Target("dns", "127.0.0.1", resolver, "dns")]) == (f"dns 127.0.0.1:{resolver}/dns",)


def test_silence_takes_one_time_limit_for_all_targets() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        target = Target("dns", "127.0.0.1", silent.getsockname()[1], "dns")
        started = time.monotonic()

        assert reachable([target] * 10, seconds=0.2) == ()
        assert time.monotonic() - started < 1.5


def test_the_targets_are_those_of_the_pods_surroundings() -> None:
    environment = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "6443"}

    found = targets(environment, "search x\nnameserver 10.96.0.10\n", _ROUTES)

    assert Target("api-server", "10.0.0.1", 6443) in found
    assert Target("dns", "10.96.0.10", 53, "dns") in found
    assert Target("dns", "10.96.0.10", 53) in found
    assert Target("metadata", "169.254.169.254", 80) in found
    assert Target("node", "10.244.0.1", 10250) in found
    assert any(target.role == "outside" for target in found)


def test_the_usual_addresses_are_tried_where_nothing_is_known() -> None:
    found = targets({}, "", "")

    assert Target("api-server", "10.96.0.1", 443) in found
    assert {target.role for target in found} == {"api-server", "metadata", "outside"}


def test_odd_files_are_read_as_far_as_they_make_sense() -> None:
    assert resolvers("nameserver\nnameserver 1.2.3.4 # x\n;nameserver 5.6.7.8\n") == ("1.2.3.4",)
    assert default_gateway("header\nshort\n") is None
    assert default_gateway("") is None
