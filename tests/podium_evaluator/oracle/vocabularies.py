"""Three small tokenizers of the kinds that models have, with whole words that a model can be fond of."""

from typing import Literal

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

Kind = Literal["Plain", "Begins", "Pieces"]
"""Byte-level, without and with a token that begins a text; and one as SentencePiece makes them, with it."""

BEGIN, END = "<s>", "</s>"
_MARKS = (BEGIN, END, "<|im_start|>", "<|im_end|>", "<|end|>")
_WORDS = (
    *(" A", " B", " C", " D", " cat", " dog", " sun", " the", " is", " RED", " two", " one", " it", " No"),
    *("\n*", ". ", "! ", ", ", ' "', "user", "ant", "é"),
)


def tokenizer(kind: Kind) -> Tokenizer:
    """The library's object, all ids below 512."""
    found = _pieces() if kind == "Pieces" else _bytes()
    found.add_special_tokens(list(_MARKS))
    pair = [(mark, found.token_to_id(mark)) for mark in (BEGIN, END)]
    if kind == "Begins":
        # It ends texts too: that is never wanted.
        found.post_processor = processors.TemplateProcessing(f"{BEGIN} $A {END}", special_tokens=pair)
    elif kind == "Pieces":
        found.post_processor = processors.TemplateProcessing(f"{BEGIN} $A", special_tokens=pair)
    return found


def _bytes() -> Tokenizer:
    """As GPT-2's: words over 256 letters that stand for bytes."""
    split = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    words = [split.pre_tokenize_str(word)[0][0] for word in _WORDS]
    found = Tokenizer(_merged(sorted(pre_tokenizers.ByteLevel.alphabet()), words))
    found.pre_tokenizer = split
    found.decoder = decoders.ByteLevel()
    return found


def _pieces() -> Tokenizer:
    """As Llama 2's: blanks are letters, one is put before a text, unknown letters fall apart into bytes."""
    as_bytes = [f"<0x{value:02X}>" for value in range(256)]
    letters = [chr(code) for code in range(33, 127)]
    words = [word.replace(" ", "▁") for word in _WORDS if word.isascii() and "\n" not in word]
    found = Tokenizer(_merged(["<unk>", *as_bytes, "▁", *letters], words, byte_fallback=True))
    found.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    found.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return found


def _merged(letters: list[str], words: list[str], *, byte_fallback: bool = False) -> models.BPE:
    vocabulary = {letter: index for index, letter in enumerate(letters)}
    merges: list[tuple[str, str]] = []
    for word in words:
        for end in range(2, len(word) + 1):
            if word[:end] not in vocabulary:
                vocabulary[word[:end]] = len(vocabulary)
                merges.append((word[: end - 1], word[end - 1]))
    if byte_fallback:
        return models.BPE(vocabulary, merges, unk_token=letters[0], byte_fallback=True)
    return models.BPE(vocabulary, merges)
