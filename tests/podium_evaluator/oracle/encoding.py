"""Texts as tokens, by the `tokenizers` library and nothing else."""

from dataclasses import dataclass

from tokenizers import Tokenizer


@dataclass(frozen=True)
class Encoding:
    """A tokenizer as its tokenizer.json describes it.

    Attributes:
        tokenizer: Of the library.
        end: Text of the token that ends an answer, if any.
    """

    tokenizer: Tokenizer
    end: str | None = None

    def plain(self, text: str) -> list[int]:
        """Without what the tokenizer's post-processor adds."""
        return list(self.tokenizer.encode(text, add_special_tokens=False).ids)

    @property
    def begin(self) -> list[int]:
        """What the post-processor puts before a text: one token or none."""
        marked = self.tokenizer.encode("a", add_special_tokens=True)
        first = marked.special_tokens_mask.index(0)
        return list(marked.ids[:first])

    def from_the_start(self, text: str) -> list[int]:
        """A text that begins a sequence, with the token of the beginning once."""
        ids = self.plain(text)
        begin = self.begin
        return ids if ids[: len(begin)] == begin else begin + ids

    @property
    def ends(self) -> frozenset[int]:
        return frozenset() if self.end is None else frozenset({self.tokenizer.token_to_id(self.end)})

    def text(self, ids: list[int]) -> str:
        """Without special tokens."""
        return str(self.tokenizer.decode(ids, skip_special_tokens=True))


def last_tokens(prompt: list[int], begin: list[int], room: int) -> list[int]:
    """A prompt that fits: it loses its beginning but not the token that begins a text."""
    if len(prompt) <= room:
        return prompt
    return begin + prompt[len(prompt) - room + len(begin) :]
