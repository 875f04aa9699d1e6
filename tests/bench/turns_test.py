"""Benchmarks take turns."""

import threading

from tests.bench.turns import own_turn


def test_a_second_one_waits_for_the_first() -> None:
    told: list[str] = []
    waits, ended = threading.Event(), threading.Event()

    def tell(line: str) -> None:
        told.append(line)
        waits.set()

    def second() -> None:
        with own_turn(tell):
            ended.set()

    with own_turn(told.append):
        other = threading.Thread(target=second)
        other.start()
        assert waits.wait(20)
        assert not ended.is_set()
    other.join(20)

    assert ended.is_set()
    assert told == ["waiting for another benchmark to end"]
