"""The answer at the end of a trace, and the reference that is made of both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.datasets.reasoning_answers import boxed_reference, output_reference

_THOUGHT = "<think>so</think> It is"


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        (rf"{_THOUGHT} \boxed{{5}}", rf"{_THOUGHT} \boxed{{5}}"),
        # Nested braces belong to the answer.
        (rf"{_THOUGHT} \boxed{{\frac{{1}}{{2}}}}", rf"{_THOUGHT} \boxed{{\frac{{1}}{{2}}}}"),
        (r"a \boxed{x_{1_{2}} + {}}", r"a \boxed{x_{1_{2}} + {}}"),
        # Braces that LaTeX prints are no grouping.
        (r"a \boxed{\{1, 2\}}", r"a \boxed{\{1, 2\}}"),
        (r"a \boxed{\left\{ x \right.} b", r"a \boxed{\left\{ x \right.}"),
        (r"a \boxed{x \\} b", r"a \boxed{x \\}"),
        # The last box counts; what follows it is left out.
        (r"\boxed{1} no, \boxed{2}", r"\boxed{1} no, \boxed{2}"),
        (r"  It is $\boxed{2}$.  ", r"It is $ \boxed{2}"),
        ("It is\n\\[\n\\boxed{2}\n\\]\nDone.", "It is\n\\[ \\boxed{2}"),
        # A box that never closes is none.
        (r"a \boxed{1} b \boxed{2", r"a \boxed{1}"),
        (r"a \boxed{1", None),
        (r"a \boxed{\boxed{1}", r"a \boxed{ \boxed{1}"),
        (r"a \boxed{\boxed{1}}", r"a \boxed{\boxed{1}}"),
        # Without an answer there is no reference.
        ("It is 5.", None),
        (r"It is \boxed{}", None),
        (r"It is \boxed{ }", None),
        (r"\boxed{5}", None),
        ("", None),
        # A box in the monologue is no final answer.
        (r"<think>perhaps \boxed{5}</think> It is 5.", None),
        (
            r"<think>perhaps \boxed{4}</think> It is \boxed{5}",
            r"<think>perhaps \boxed{4}</think> It is \boxed{5}",
        ),
    ],
)
def test_the_reference_of_mathematics_ends_with_the_last_box(text: str, reference: str | None) -> None:
    assert boxed_reference(text) == reference


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        (f'{_THOUGHT} {{"output": "7"}}', f'{_THOUGHT} {{"output": "7"}}'),
        # The last one is taken out, not an equal one before it.
        (
            '<think>{"output": "7"}?</think> Yes: {"output": "7"}',
            '<think>{"output": "7"}?</think> Yes: {"output": "7"}',
        ),
        ('a {"output": "1"} b {"output": "2"} c', 'a {"output": "1"} b  c {"output": "2"}'),
        # Spelled in another way, written as usual.
        ('a {"output":"1"}', 'a {"output": "1"}'),
        ('a { "output" : "1" }', 'a {"output": "1"}'),
        # Escapes stay as they are; an escaped quote does not end the text.
        (r'a {"output": "say \"x\"\n"}', r'a {"output": "say \"x\"\n"}'),
        ('a {"output": "two\nlines"}', 'a {"output": "two\nlines"}'),
        ('a {"output": "{\'k\': 1}"}', 'a {"output": "{\'k\': 1}"}'),
        # What is around it stays.
        ('a\n```json\n{"output": "1"}\n```', 'a\n```json\n\n``` {"output": "1"}'),
        ('a {"output": 1}', None),
        ('a {"output": ""}', None),
        ('a {"output": "1"', None),
        ('{"output": "1"}', None),
        ("", None),
        ('<think>{"output": "7"}</think> It is 7.', None),
    ],
)
def test_the_reference_of_predicted_output_ends_with_the_last_object(
    text: str, reference: str | None
) -> None:
    assert output_reference(text) == reference


@given(st.text(alphabet=r'\boxed{}"output: x'), st.text(alphabet=r'\boxed{}"output: x'))
def test_any_text_is_read_and_a_reference_holds_all_of_the_trace(before: str, inside: str) -> None:
    text = f"t{before}\\boxed{{x}}{inside}"
    for reference in (boxed_reference(text), output_reference(text)):
        assert reference is None or reference.startswith("t")
    assert boxed_reference(f"t{before}\\boxed{{x}}") == f"{f't{before}'.strip()} \\boxed{{x}}"


def test_long_hostile_texts_take_no_time() -> None:
    assert boxed_reference("\\boxed{" * 100_000) is None
    assert output_reference('{"output": "' * 100_000) is None
