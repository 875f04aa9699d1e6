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

    @property
    def ends(self) -> frozenset[int]:
        """The token that ends an answer, if there is one."""
        return frozenset() if self.end is None else frozenset(self.plain(self.end))

    def text(self, ids: list[int]) -> str:
        """Without special tokens."""
        return str(self.tokenizer.decode(ids, skip_special_tokens=True))


@dataclass(frozen=True)
class Scored:
    """A sequence for the model and how many of its last tokens count."""

    ids: list[int]
    count: int


def in_windows(begin: list[int], context: list[int], scored: list[int], limit: int) -> list[Scored]:
    """Sequences of at most `limit` tokens in which every scored token counts once.

    A context that is too long loses its beginning. What is too long without any context goes on in further
    windows, each of which knows at least one token before it, and the last one as many as fit.
    """
    room = limit - len(begin)
    found = []
    while scored:
        known = room - len(scored) if len(scored) < room else min(1, len(context))
        kept = context[max(0, len(context) - known) :]
        now = scored[: room - len(kept)]
        found.append(Scored(begin + kept + now, len(now)))
        context, scored = context + now, scored[len(now) :]
    return found
