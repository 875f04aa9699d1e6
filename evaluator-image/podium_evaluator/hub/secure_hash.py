"""The hash that a participant commits to before publishing, as the former validator computed it.

Its model store loaded a repository with the `AutoModelForCausalLM` and `AutoTokenizer` of transformers
4.48.3 into an empty cache and hashed what they had fetched: the content hash is base64(SHA-256(the base64
SHA-256 digests of all files, one after another in the order of their names)), the secure hash is
base64(SHA-256(content hash + hotkey)). Names and sizes are not hashed.

What those loaders fetch follows from names: the configuration, the weights, and of the optional files those
that are there and that the tokenizer's class asks for. The class is a participant's choice and some files
are fetched before it fails, so every subset of the optional files counts.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Iterator, Mapping
from typing import Final

from podium_evaluator.contract import Reason
from podium_evaluator.errors import quoted, submission

__all__ = ["OPTIONAL_FILES", "check_secure_hash", "content_hash", "secure_hash"]

OPTIONAL_FILES: Final = (
    # The model's loader, where it is there.
    "generation_config.json",
    # Any tokenizer's loader.
    "added_tokens.json",
    "chat_template.jinja",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
    # Llama, Mistral, Phi-3, Gemma and PreTrainedTokenizerFast.
    "tokenizer.model",
    # GPT-2, GPT-NeoX, Bart, CodeGen (Phi) and Qwen2.
    "merges.txt",
    "vocab.json",
    # Classes that a tokenizer_config.json may name instead: T5, XLM-RoBERTa, BERT.
    "sentencepiece.bpe.model",
    "spiece.model",
    "vocab.txt",
)
"""At most 2¹² subsets are tried. An adapter's configuration was read only where PEFT was installed, which
the former validator did not require."""


def content_hash(digests: Mapping[str, str]) -> str:
    """Hash of a set of files.

    Args:
        digests: File name to the hex SHA-256 of its bytes.
    """
    return _hash("".join(_base64(digests[name]) for name in sorted(digests)))


def secure_hash(content: str, hotkey: str) -> str:
    """What a hotkey commits to.

    Args:
        content: As from `content_hash`.
        hotkey: Its SS58 address.
    """
    return _hash(content + hotkey)


def check_secure_hash(
    committed: str, hotkey: str, required: Mapping[str, str], optional: Mapping[str, str]
) -> tuple[str, ...]:
    """The files that give the hash that was committed to.

    Args:
        committed: The secure hash.
        hotkey: Whose it is.
        required: Digests of configuration, weights and their index, hex by name.
        optional: The same of those `OPTIONAL_FILES` that are there.

    Raises:
        Failure: `SECURE_HASH_MISMATCH`.
    """
    names = sorted({*required, *optional})
    digests = {name: _base64({**required, **optional}[name]) for name in names}
    for left_out in _subsets(sorted(optional)):
        content = _hash("".join(digests[name] for name in names if name not in left_out))
        if secure_hash(content, hotkey) == committed:
            return tuple(name for name in names if name not in left_out)
    whole = secure_hash(content_hash({**required, **optional}), hotkey)
    considered = ", ".join(quoted(name, 140) for name in [*sorted(required)[:8], *sorted(optional)])
    raise submission(
        Reason.SECURE_HASH_MISMATCH,
        f"secure hash {committed} was committed to, the files have {whole}; no choice among the optional"
        f" ones gives it either; considered: {considered}",
    )


def _subsets(names: list[str]) -> Iterator[frozenset[str]]:
    # Nothing left out comes first: that is the usual case.
    for count in range(len(names) + 1):
        yield from map(frozenset, itertools.combinations(names, count))


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _base64(digest: str) -> str:
    return base64.b64encode(bytes.fromhex(digest)).decode()
