"""The former subnet in numbers: what the example competitions must say, value by value.

Written down from the release history of its validator, not from the examples.
"""

from dataclasses import dataclass

__all__ = ["COMPETITIONS", "SCHEDULE", "Expected", "TaskRow"]

GIB = 1024**3
_LIST_A = {"GemmaForCausalLM", "LlamaForCausalLM", "MistralForCausalLM"}
_LIST_B = _LIST_A | {"Gemma2ForCausalLM"}
_GPT_4 = {"policy": "Fixed", "repository": "Xenova/gpt-4", "revision": "main", "chatTemplate": "ChatML"}
_MMLU = "macrocosm-os/macrobench-bittensor-01"


@dataclass(frozen=True)
class TaskRow:
    """A task: weight, method, kind of dataset, repository, samples, ceiling and what else was set."""

    weight: str
    method: str
    dataset: str
    repository: str | None
    samples: int
    ceiling: str | None = None
    more: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class Expected:
    """One competition."""

    number: int
    parameters: tuple[int, int]
    sequence_length: int
    architectures: set[str]
    tokenizer: dict[str, str]
    max_bytes: int
    epsilon: dict[str, object]
    every_blocks: int
    delay: int
    keep_top: int
    selection: tuple[str, str | None]
    average: tuple[str, str]
    tasks: dict[int, dict[str, TaskRow]]


def _decay(start: str, end: str, blocks: int) -> dict[str, object]:
    return {"kind": "LinearDecay", "start": start, "end": end, "blocks": blocks}


def _choice(weight: str, samples: int) -> TaskRow:
    more = (("minimumSamples", 50), ("answerBy", "Generation"))
    return TaskRow(weight, "MultipleChoice", "syntheticMmlu", _MMLU, samples, None, more)


def _sorting(weight: str) -> TaskRow:
    more = (("minimumWords", 2), ("maximumWords", 20))
    return TaskRow(weight, "ReferenceLoss", "wordSorting", None, 400, "40", more)


def _web(weight: str) -> TaskRow:
    return TaskRow(weight, "TextLoss", "fineWeb", "HuggingFaceFW/fineweb-edu-score-2", 400, "20")


def _rules(weight: str, version: str) -> TaskRow:
    dataset = "instructionFollowing"
    return TaskRow(weight, "InstructionFollowing", dataset, _MMLU, 20, None, (("rules", version),))


def _synthetic(weight: str, samples: int, *more: tuple[str, object]) -> TaskRow:
    repository = "PrimeIntellect/SYNTHETIC-1-SFT-Data"
    return TaskRow(weight, "ReferenceLoss", "synthetic1Sft", repository, samples, None, more)


def _codeforces(weight: str, samples: int) -> TaskRow:
    return TaskRow(weight, "ReferenceLoss", "codeforcesCots", "open-r1/codeforces-cots", samples)


def _mixture(
    choice: str, sorting: str, web: str = "", rules: str = "", version: str = "", samples: int = 700
) -> dict[str, TaskRow]:
    tasks = {"synthetic-mmlu": _choice(choice, samples), "word-sorting": _sorting(sorting)}
    tasks |= {"fineweb": _web(web)} if web else {}
    return tasks | ({"if-eval": _rules(rules, version)} if rules else {})


COMPETITIONS = {
    "sn9-model": Expected(
        number=1,
        parameters=(0, 6_900_000_000),
        sequence_length=4096,
        architectures=_LIST_A,
        tokenizer=_GPT_4,
        max_bytes=15 * GIB,
        epsilon=_decay("0.005", "0.001", 50_400),
        every_blocks=360,
        delay=1200,
        keep_top=4,
        selection=("Softmax", "0.01"),
        average=("0.5", "0"),
        tasks={
            0: {
                "chat": TaskRow(
                    "1",
                    "ReferenceLoss",
                    "promptResponse",
                    "your-organisation/prompt-response-pairs",
                    400,
                    None,
                    (("refusals", "Drop"),),
                )
            }
        },
    ),
    "b7-multichoice": Expected(
        number=2,
        parameters=(0, 6_900_000_000),
        sequence_length=4096,
        architectures=_LIST_A,
        tokenizer=_GPT_4,
        max_bytes=15 * GIB,
        epsilon=_decay("0.05", "0.01", 36_000),
        every_blocks=270,
        delay=1600,
        keep_top=3,
        selection=("WinnerTakesAll", None),
        average=("0.85", "0.18"),
        tasks={
            3_790_400: {"synthetic-mmlu": _choice("1", 400)},
            4_139_465: _mixture("0.975", "0.025", samples=400),
            4_250_808: _mixture("0.90", "0.05", "0.05"),
            4_344_030: _mixture("0.85", "0.05", "0.05", "0.05", "V1"),
            4_451_695: _mixture("0.80", "0.05", "0.10", "0.05", "V1"),
            4_523_592: _mixture("0.75", "0.05", "0.10", "0.10", "V2"),
        },
    ),
    "instruct-8b": Expected(
        number=3,
        parameters=(0, 8_100_000_000),
        sequence_length=4096,
        architectures=_LIST_B,
        tokenizer={"policy": "Own", "chatTemplate": "ChatML"},
        max_bytes=20 * GIB,
        epsilon=_decay("0.05", "0.01", 7200),
        every_blocks=270,
        delay=1600,
        keep_top=3,
        selection=("WinnerTakesAll", None),
        average=("0.85", "0.18"),
        tasks={
            4_451_695: _mixture("0.80", "0.05", "0.10", "0.05", "V1"),
            4_523_592: _mixture("0.75", "0.05", "0.10", "0.10", "V2"),
            4_675_163: _mixture("0.65", "0.05", "0.10", "0.20", "V2"),
            5_050_637: _mixture("0.30", "0.05", "0.35", "0.30", "V2"),
        },
    ),
    "distilled-reasoning-3b": Expected(
        number=4,
        parameters=(3_200_000_000, 3_400_000_000),
        sequence_length=16_384,
        architectures=_LIST_B,
        tokenizer=_GPT_4,
        max_bytes=15 * GIB,
        epsilon=_decay("0.05", "0.01", 21_600),
        every_blocks=360,
        delay=460,
        keep_top=3,
        selection=("WinnerTakesAll", None),
        average=("0.9", "0.18"),
        tasks={
            5_158_632: {"synthetic-1-sft": _synthetic("1", 150, ("systemPrompt", "None"))},
            5_201_837: {
                "synthetic-1-sft": _synthetic("0.5", 80),
                "codeforces-cots": _codeforces("0.5", 80),
            },
            5_504_237: {
                "synthetic-1-sft": _synthetic("0.5", 120),
                "codeforces-cots": _codeforces("0.5", 120),
            },
        },
    ),
}
"""By name, in the order of their ids."""

SCHEDULE = {
    0: {"sn9-model": 100},
    3_790_400: {"sn9-model": 95, "b7-multichoice": 5},
    3_794_000: {"sn9-model": 90, "b7-multichoice": 10},
    3_797_600: {"sn9-model": 85, "b7-multichoice": 15},
    3_801_200: {"sn9-model": 80, "b7-multichoice": 20},
    3_804_800: {"sn9-model": 75, "b7-multichoice": 25},
    3_808_400: {"sn9-model": 70, "b7-multichoice": 30},
    3_812_000: {"sn9-model": 65, "b7-multichoice": 35},
    3_815_600: {"sn9-model": 60, "b7-multichoice": 40},
    3_819_200: {"b7-multichoice": 100},
    4_451_695: {"b7-multichoice": 90, "instruct-8b": 10},
    4_552_883: {"b7-multichoice": 75, "instruct-8b": 25},
    4_675_163: {"instruct-8b": 100},
    5_158_632: {"distilled-reasoning-3b": 100},
}
"""Percent of the reward by competition, from a block on."""
