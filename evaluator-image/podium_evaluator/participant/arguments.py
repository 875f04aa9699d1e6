"""The arguments of `podium-evaluate`, `podium-evaluate hash` and `podium-evaluate commit`."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from typing_extensions import override

from podium_evaluator.contract import ExitCode
from podium_evaluator.participant.notes import DEFAULT_SEED
from podium_evaluator.participant.ss58 import is_address
from podium_evaluator.participant.verdict import Device

__all__ = ["Arguments", "CommitArguments", "HashArguments", "parse_arguments"]

_SEED: Final = re.compile(r"[0-9a-f]{64}")
_MODEL: Final = "folder, or namespace/name@revision of a repository on the hub"
_DESCRIPTION: Final = """Reaches the verdict that a competition's pods would reach about a model:
its identity, every constraint, and the score of each task. Exit status: 0 a score, 65 rejected,
64 wrong arguments or an organiser's mistake, 69 a hub or dataset is unavailable, 70 a bug, 75 try again.
`podium-evaluate hash --help`: digests to commit to.
`podium-evaluate commit --help`: upload, commit on a chain, publish."""


@dataclass(frozen=True, slots=True)
class HashArguments:
    """What `podium-evaluate hash` was asked.

    Attributes:
        model: As it was written.
        competition: File that says whose tokenizer is used.
        hotkey: Who would commit.
        json: Whether the answer is for a program.
        hub_endpoint: In place of the competition's.
    """

    model: str
    competition: Path | None
    hotkey: str | None
    json: bool
    hub_endpoint: str | None


@dataclass(frozen=True, slots=True)
class CommitArguments:
    """What `podium-evaluate commit` was asked.

    Attributes:
        model: A folder.
        competition: File that says whose tokenizer counts and where the hub is.
        competition_id: Number of the competition on its subnet.
        repository: Where the model goes, ``namespace/name``.
        key_file: The hotkey's file.
        endpoint: Of a node of the chain.
        netuid: Of the subnet.
        genesis_hash: Of the chain that is meant.
        dry_run: Whether to say what would be done, and do nothing.
        keep_private: Whether to leave the publishing to the participant.
        json: Whether the answer is for a program.
        hub_endpoint: In place of the competition's.
    """

    model: Path
    competition: Path
    competition_id: int
    repository: str
    key_file: Path
    endpoint: str
    netuid: int
    genesis_hash: str | None
    dry_run: bool
    keep_private: bool
    json: bool
    hub_endpoint: str | None


@dataclass(frozen=True, slots=True)
class Arguments:
    """What `podium-evaluate` was asked.

    Attributes:
        competition: The file.
        model: As it was written.
        block: Which tasks; the newest without one.
        seed: Of the draw, 64 hexadecimal digits.
        after: Fresh rows are made later, in seconds since the epoch.
        until: And not later than this.
        tasks: Names of those that are wanted; empty for all.
        json: Whether the answer is for a program.
        cache: Where models and samples are kept.
        hub_endpoint: In place of the competition's.
        device: What to compute on.
    """

    competition: Path
    model: str
    block: int | None
    seed: str
    after: int | None
    until: int | None
    tasks: tuple[str, ...]
    json: bool
    cache: Path
    hub_endpoint: str | None
    device: Device


class _Parser(argparse.ArgumentParser):
    """Ends with the contract's code for a request that is not understood."""

    @override
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(ExitCode.REQUEST_INVALID, f"{self.prog}: {message}\n")


def parse_arguments(arguments: Sequence[str]) -> Arguments | HashArguments | CommitArguments:
    """What was asked.

    Raises:
        SystemExit: Help was asked for, or an argument is not understood (status 64).
    """
    if arguments[:1] == ["hash"]:
        return HashArguments(**vars(_hash_parser().parse_args(arguments[1:])))
    if arguments[:1] == ["commit"]:
        return CommitArguments(**vars(_commit_parser().parse_args(arguments[1:])))
    return Arguments(**vars(_parser().parse_args(arguments)))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="podium-evaluate", description=_DESCRIPTION, allow_abbrev=False)
    add = parser.add_argument
    add("--competition", type=Path, required=True, metavar="FILE", help="YAML with one Competition")
    add("--model", required=True, metavar="MODEL", help=_MODEL)
    add("--block", type=_block, metavar="N", help="score the tasks of this block (default: the newest tasks)")
    add("--seed", type=_seed, default=DEFAULT_SEED, metavar="HEX", help="64 hexadecimal digits for the draw")
    add("--tasks", type=_names, default=(), metavar="NAME,...", help="only these tasks")
    add("--after", type=_moment, metavar="TIME", help="fresh rows were made after this (ISO 8601)")
    add("--until", type=_moment, metavar="TIME", help="and up to this; branches are what they were then"
        " (default: the beginning of this hour)")  # fmt: skip
    add("--device", choices=("auto", "cpu", "cuda"), default="auto", help="auto: the GPU where there is one")
    add(
        "--cache", type=Path, default=_cache(), metavar="DIR", help="models and samples (default %(default)s)"
    )
    _add_common(parser)
    return parser


def _hash_parser() -> argparse.ArgumentParser:
    description = "Prints the digests that name a model. Nothing is checked or copied."
    parser = _Parser(prog="podium-evaluate hash", description=description, allow_abbrev=False)
    add = parser.add_argument
    add("--model", required=True, metavar="MODEL", help=_MODEL)
    add("--competition", type=Path, metavar="FILE", help="says whose tokenizer counts (default: a fixed one)")
    add("--hotkey", type=_hotkey, metavar="SS58", help="print the secure hash that this hotkey commits to")
    _add_common(parser)
    return parser


def _commit_parser() -> argparse.ArgumentParser:
    description = """Uploads a model to a private repository, downloads and hashes it again, commits to it on
    the chain, reads the commitment back once it is final, and publishes the repository. A run that was
    interrupted is simply repeated: what is done is not done again. HF_TOKEN has the hub's token."""
    parser = _Parser(prog="podium-evaluate commit", description=description, allow_abbrev=False)
    add = parser.add_argument
    add("--model", type=Path, required=True, metavar="FOLDER", help="the model's folder")
    add("--competition", type=Path, required=True, metavar="FILE", help="YAML with one Competition")
    add("--competition-id", type=_block, required=True, metavar="N", help="its number on the subnet")
    add("--repository", required=True, metavar="NAMESPACE/NAME", help="where the model goes")
    add("--key-file", type=Path, required=True, metavar="FILE", help="hotkey file of a wallet, not encrypted")
    add("--endpoint", required=True, metavar="WS", help="node of the chain, such as ws://127.0.0.1:9944")
    add("--netuid", type=_block, required=True, metavar="N", help="the subnet")
    add("--genesis-hash", metavar="HEX", help="refuse a node of another chain")
    add("--dry-run", action="store_true", help="check everything that can be checked, and send nothing")
    add(
        "--keep-private",
        action="store_true",
        help="leave the publishing to you",
    )
    _add_common(parser)
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--hub-endpoint", metavar="URL", help="hub in place of the competition's")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "podium"


def _block(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"expected a block number, found {text!r}")
    return int(text)


def _seed(text: str) -> str:
    if not _SEED.fullmatch(text.lower()):
        raise argparse.ArgumentTypeError(f"expected 64 hexadecimal digits, found {text!r}")
    return text.lower()


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise argparse.ArgumentTypeError(f"expected names of tasks with commas between them, found {text!r}")
    return names


def _moment(text: str) -> int:
    try:
        moment = dt.datetime.fromisoformat(text)
        seconds = int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp())
    except (ValueError, OverflowError) as error:
        expected = "expected a time such as 2026-01-31T12:00:00Z"
        raise argparse.ArgumentTypeError(f"{expected}, found {text!r}") from error
    if seconds < 0:
        raise argparse.ArgumentTypeError(f"expected a time after 1970, found {text!r}")
    return seconds


def _hotkey(text: str) -> str:
    if not is_address(text):
        raise argparse.ArgumentTypeError(
            f"expected an SS58 address of 47 or 48 characters, found {text!r}, whose checksum is wrong"
        )
    return text
