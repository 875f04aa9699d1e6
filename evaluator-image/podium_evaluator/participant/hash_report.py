"""The digests of a model for people and for programs."""

from __future__ import annotations

import json
from typing import Final

from podium_evaluator.contract import ExitCode
from podium_evaluator.errors import exit_code
from podium_evaluator.participant.hashes import Hashes
from podium_evaluator.participant.verdict import as_told

__all__ = ["VERSION", "hashes_as_json", "hashes_as_text", "hashes_exit_code"]

VERSION: Final = "podium.dev/hashes/v1"


def hashes_exit_code(hashes: Hashes) -> ExitCode:
    """0, or the code of why there is no manifest."""
    return exit_code(hashes.failure.fault, hashes.failure.reason) if hashes.failure else ExitCode.DONE


def hashes_as_json(label: str, policy: str, hotkey: str | None, hashes: Hashes) -> str:
    """One document on one line.

    Args:
        label: Of the model.
        policy: Of the tokenizer, and whether it was assumed.
        hotkey: Who would commit.
        hashes: What was found.
    """
    manifest, failure = hashes.manifest, hashes.failure
    return json.dumps(
        {
            "version": VERSION,
            "model": label,
            "tokenizerPolicy": policy,
            "manifestDigest": manifest.digest if manifest else None,
            "manifestFiles": [one.name for one in manifest.files] if manifest else [],
            "contentHash": hashes.content,
            "hotkey": hotkey,
            "secureHash": hashes.secure,
            "files": [{"name": one.name, "bytes": one.bytes, "sha256": one.sha256} for one in hashes.files],
            "failure": None
            if failure is None
            else {
                "fault": failure.fault.value,
                "reason": failure.reason.value,
                "message": as_told(failure),
            },
        }
    )


def hashes_as_text(label: str, policy: str, hotkey: str | None, hashes: Hashes, *, assumed: bool) -> str:
    """Lines for a terminal; `assumed` says that nobody named the policy."""
    manifest, failure = hashes.manifest, hashes.failure
    lines = [f"model     {label}"]
    if manifest is not None:
        names = ", ".join(one.name for one in manifest.files)
        lines.append(f"manifest  {manifest.digest} (tokenizer policy {policy}: {names})")
    if failure is not None:
        lines.append(f"manifest  none: {failure.reason}: {as_told(failure)}")
    lines.append(f"content   {hashes.content}")
    if hashes.secure is not None:
        lines.append(f"secure    {hashes.secure} (of {hotkey})")
    lines += ["", "content and secure hash cover"]
    lines += [f"  {one.sha256}  {one.bytes:>14,}  {one.name}" for one in hashes.files]
    if assumed:
        lines += [
            "",
            "note: the manifest is that of a competition with a fixed tokenizer; --competition names one",
        ]
    return "\n".join(lines) + "\n"
