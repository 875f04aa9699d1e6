"""The signer's key: any form that wallets write, only the one that is meant, and never in a message."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from bittensor.keyfiles import Keypair

from podium.chain.signing import read_key
from podium.errors import KeyUnusableError

_SEED = "0x" + 31 * "c4" + "7e"
_KEY = Keypair.create_from_seed(bytes.fromhex(_SEED[2:]))
_PHRASE = "bottom drive obey lake curtain smoke basket hold race lonely fit walk"
_OF_PHRASE = Keypair.create_from_mnemonic(_PHRASE)

_FORMS = {
    "seed": (_SEED, _KEY),
    "seed and a newline": (_SEED + "\n", _KEY),
    "seed in JSON": (json.dumps({"secretSeed": _SEED, "ss58Address": _KEY.ss58_address}), _KEY),
    "phrase": (_PHRASE + "\n", _OF_PHRASE),
    "phrase in JSON": (json.dumps({"secretPhrase": _PHRASE}), _OF_PHRASE),
}


def _file(folder: Path, content: str) -> Path:
    file = folder / "hotkey"
    file.write_text(content)
    return file


@pytest.mark.parametrize("form", _FORMS)
def test_what_wallets_write_is_read(tmp_path: Path, form: str) -> None:
    content, expected = _FORMS[form]
    assert read_key(_file(tmp_path, content), expected.ss58_address).public_key == expected.public_key


_UNUSABLE = {
    "nothing": "",
    "an address alone": json.dumps({"ss58Address": _KEY.ss58_address}),
    "half a seed": _SEED[:30],
    "a phrase with a wrong word": _PHRASE.replace("lake", "lace"),
    "an encrypted file": "$NACL" + 200 * "x",
    "another key": _PHRASE,
}


@pytest.mark.parametrize("content", _UNUSABLE.values(), ids=_UNUSABLE)
def test_what_cannot_be_used_ends_the_signer_and_is_not_told(
    tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(KeyUnusableError) as raised:
        read_key(_file(tmp_path, content), _KEY.ss58_address)
    told = "".join((str(raised.value), repr(raised.value.__cause__), caplog.text, *capsys.readouterr()))
    assert str(tmp_path) in told
    for secret in (_SEED[2:30], "bottom drive", "basket hold"):
        assert secret not in told


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyUnusableError, match="mount the hotkey file"):
        read_key(tmp_path / "hotkey", _KEY.ss58_address)
