"""Samples of every kind, each with something that could go wrong."""

from podium_evaluator.datasets.base import (
    ChoiceSample,
    InstructionSample,
    ReferenceSample,
    Rule,
    Sample,
    TextSample,
)

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
    TextSample("t3", "No."),
)
LIKELY = (
    ChoiceSample("l0", "Which animal barks?", ("the dog", "the cat", "the sun", "two one"), 0),
    ChoiceSample("l1", "How many?", ("one", "two"), 1),
    ChoiceSample("l2", "Which colour? " * 12, ("RED", "é", "No such colour is known to the cat"), 0),
    ChoiceSample("l3", "Is it? ", ("cat", "dog", "sun", "two"), 2),
)
CHOSEN = tuple(
    ChoiceSample(f"c{index}", f"{question}\nA. cat\nB. dog\nC. sun\nD. no", ("A", "B", "C", "D"), index % 4)
    for index, question in enumerate(
        ("Which?", "What is it? ", "Who is the one?", "A or B?", "And now, " * 9, "How?", "é", "No, why? ")
    )
)
INSTRUCTIONS = (
    InstructionSample(
        "i0",
        ('Obey: no commas.\n\n"Who is it?"', 'Obey: no commas.\n\n"What is the sun?"'),
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
