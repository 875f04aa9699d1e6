"""A submission's files must be there and be files; what was read is remembered by its digest."""

import hashlib
from collections.abc import Mapping
from typing import BinaryIO

import pytest

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure
from podium_evaluator.hub.source import Arrived, Listed, SubmissionFiles, nobody, take

_DATA = b"{}"
_DIGEST = hashlib.sha256(_DATA).hexdigest()


class Memory:
    """A source of equal files that records which are copied."""

    def __init__(self) -> None:
        self.copied: list[str] = []

    def files(self) -> Mapping[str, Listed]:
        return {"config.json": Listed(2), "tokenizer.json": Listed(2, sha256=_DIGEST)}

    def copy(self, name: str, target: BinaryIO, limit: int, arrived: Arrived = nobody) -> None:
        self.copied.append(name)
        target.write(_DATA[:limit])
        arrived(len(_DATA))

    def part(self, name: str, part: range) -> bytes:
        return _DATA[part.start : part.stop] if name in self.files() else b""


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def files(memory: Memory) -> SubmissionFiles:
    return SubmissionFiles(memory, memory.files())


def test_a_file_that_is_missing_or_a_link_is_refused_with_its_own_reason() -> None:
    files = {"config.json": Listed(1, regular=False)}

    for name, reason in (
        ("config.json", Reason.FILE_NOT_ALLOWED),
        ("tokenizer.json", Reason.TOKENIZER_MALFORMED),
        ("a.safetensors", Reason.NO_SAFETENSORS),
    ):
        with pytest.raises(Failure) as caught:
            take(files, name)
        assert caught.value.reason is reason


def test_a_file_that_need_not_be_there_may_be_absent(files: SubmissionFiles) -> None:
    assert files.read_if_there("special_tokens_map.json", 10) is None
    assert files.read_if_there("config.json", 10) == _DATA


def test_a_file_is_not_read_again_for_its_digest(files: SubmissionFiles, memory: Memory) -> None:
    files.read("config.json", 10)

    assert files.digest("config.json", 10) == _DIGEST
    assert memory.copied == ["config.json"]


def test_a_digest_that_is_announced_needs_no_reading(files: SubmissionFiles, memory: Memory) -> None:
    assert files.digest("tokenizer.json", 10) == _DIGEST
    assert not memory.copied
    assert files.digest("config.json", 10) == _DIGEST
    assert memory.copied == ["config.json"]
