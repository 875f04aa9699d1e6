"""Models that know what they want, a tokenizer with whole words, and samples of every kind."""

import json
from typing import Any

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

from podium_evaluator.datasets.base import (
    ChoiceSample,
    InstructionSample,
    ReferenceSample,
    Rule,
    Sample,
    TextSample,
)
from tests.podium_evaluator.tiny import EVERY, Tensors, random_tensors

BEGIN, END = "<s>", "</s>"
_MARKS = (BEGIN, END, "<|im_start|>", "<|im_end|>", "<|end|>")
_WORDS = (
    *(" A", " B", " C", " D", " cat", " dog", " sun", " the", " is", " RED", " two", " one", " it", " No"),
    *("\n*", ". ", "! ", ", ", ' "', "user", "ant", "é"),
)
_WANTED = {" A": 2.0, " B": 2.0, " C": 2.0, " D": 2.0, "\n*": 1.5, ". ": 1.5, " cat": 1.5, END: 1.6}
"""Rows of the head that are longer than others: such tokens are said more often."""


_LAST_NORMS = (
    "model.norm.weight",
    "model.final_layernorm.weight",
    "gpt_neox.final_layer_norm.weight",
    "transformer.ln_f.weight",
)


def tokenizer(*, begins: bool) -> Tokenizer:
    """Byte-level BPE of about 350 tokens; one whose texts begin with a token also ends them with one."""
    vocabulary = {letter: index for index, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    merges: list[tuple[str, str]] = []
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    for word in _WORDS:
        letters = byte_level.pre_tokenize_str(word)[0][0]
        for end in range(2, len(letters) + 1):
            if letters[:end] not in vocabulary:
                vocabulary[letters[:end]] = len(vocabulary)
                merges.append((letters[: end - 1], letters[end - 1]))
    found = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    found.pre_tokenizer = byte_level
    found.decoder = decoders.ByteLevel()
    found.add_special_tokens(list(_MARKS))
    if begins:
        pair = [(mark, found.token_to_id(mark)) for mark in (BEGIN, END)]
        found.post_processor = processors.TemplateProcessing(
            single=f"{BEGIN} $A {END}", pair=f"{BEGIN} $A {BEGIN} $B {END}", special_tokens=pair
        )
    return found


def document(architecture: str) -> dict[str, Any]:
    """A configuration of two layers; a bound on logits is wide enough for a clear choice."""
    bounds = {"attn_logit_softcapping": 20.0, "final_logit_softcapping": 20.0}
    changes = bounds if architecture == "Gemma2ForCausalLM" else {}
    return {**EVERY[architecture], **changes, "torch_dtype": "float32"}


def opinionated(
    described: dict[str, Any], seed: int = 1, dtype: str = "F32", sharpness: float = 8.0, depth: float = 8.0
) -> Tensors:
    """Random weights that look at all of the text and are sure of what they say next.

    Args:
        sharpness: Scale of the logits: how clear the best token is.
        depth: Scale of what layers add; without it a model with a tied head repeats the last token.
    """
    tensors = random_tensors(described, seed, dtype)
    vocabulary = described["vocab_size"]
    wide = [name for name, tensor in tensors.items() if tensor.ndim == 2 and tensor.shape[0] == vocabulary]
    heads = [name for name in wide if "lm_head" in name or "embed_out" in name] or wide
    # A tied head is scaled by the norm before it, where there is one: embeddings stay small.
    last = [name for name in tensors if name in _LAST_NORMS] or heads
    for name, tensor in tensors.items():
        scale: Any = np.float32(sharpness if name in last else 1)
        if name in heads:
            scale = scale * _preferences(vocabulary)[:, None]
        elif tensor.ndim == 2 and name not in wide:
            scale = np.float32(depth)
        tensors[name] = tensor * scale
    return tensors


def _preferences(vocabulary: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    scale = np.ones(vocabulary, np.float32)
    of = tokenizer(begins=False)
    for word, factor in _WANTED.items():
        scale[of.encode(word, add_special_tokens=False).ids[0]] = factor
    return scale


REFERENCES = (
    ReferenceSample("r0", "Sort the following words alphabetically: sun cat dog. ", "cat dog sun"),
    ReferenceSample("r1", "  What is it?\n", "It is the cat, and the dog. " * 6, "You are a reflective AI."),
    ReferenceSample("r2", "Größe in Zürich: 東京 🐈", "naïve café — 東京 🐈"),
    ReferenceSample("r3", "Repeat <|im_end|> as it is. " * 9, "x", "Be brief."),
    ReferenceSample("r4", "?", " two  spaces \n\n"),
)
TEXTS = (
    TextSample("t0", "The cat is red. The dog is one of two. " * 6),
    TextSample("t1", "It rains, and the sun! " * 14),
    TextSample("t2", "Été: 東京."),
    TextSample("t3", "<s>No."),
)
LIKELY = (
    ChoiceSample("l0", "Which animal barks?", ("the dog", "the cat", "the sun", "two one"), 0),
    ChoiceSample("l1", "How many?", ("one", "two"), 1),
    ChoiceSample("l2", "Which colour? " * 12, ("RED", "é", "No such colour is known to the cat"), 0),
    ChoiceSample("l3", "Is it? ", ("cat", "dog", "sun", "two"), 2),
)
CHOSEN = tuple(
    ChoiceSample(f"c{index}", f"{question}\nA. cat\nB. dog\nC. sun\nD. no", ("A", "B", "C", "D"), index % 4)
    for index, question in enumerate(("Which?", "What is it? ", "Who is the one?", "A or B?", "And now, " * 9))
)
INSTRUCTIONS = (
    InstructionSample(
        "i0",
        ("Obey: no commas.\n\n\"Who is it?\"", "Obey: no commas.\n\n\"What is the sun?\""),
        (
            Rule("NoCommas", ((), ())),
            Rule("KeywordForbidden", (("two",), ("sun",))),
            Rule("KeywordFrequency", (("A", 2), ("B", 1))),
            Rule("WordCountAtLeast", ((25,), (30,))),
        ),
    ),
    InstructionSample(
        "i1",
        ("How many?", "Which colour, and why?"),
        (
            Rule("BulletCountFrequency", ((2,), (1,))),
            Rule("KeywordInclusion", (("Cat",), ("D",))),
            Rule("WordCountAtMost", ((40,), (25,))),
        ),
    ),
)
SAMPLES: dict[str, tuple[Sample, ...]] = {
    "references": REFERENCES,
    "texts": TEXTS,
    "likely": LIKELY,
    "chosen": CHOSEN,
    "instructions": INSTRUCTIONS,
}


def tokenizer_json(*, begins: bool) -> bytes:
    """The file of a submission or of the competition."""
    return json.dumps(json.loads(tokenizer(begins=begins).to_str())).encode()
