"""Questions and the story are read from files as the packages hold them."""

import json
from pathlib import Path

from examples.demo.contenders.sources import Question, read_questions, read_story

QUESTIONS = """The following are multiple choice questions (with answers) about fruit.

Q: Which of these is
a fruit?
(A) Chair (B) Apple (C) River (D) Cloud
A: Let's think step by step. One can
eat it. The answer is (B).

Q: Which of these is
a fruit?
(A) Chair (B) Apple (C) River (D) Cloud
A: Let's think step by step. Again. The answer is (B).

Q: A question without options, which is left out.
A: Let's think step by step. The answer is (A)."""

LONG = "It was a long story. " * 20


def write(packages: Path, name: str, text: str) -> None:
    file = packages / name
    file.parent.mkdir(parents=True)
    file.write_text(text)


def test_questions_are_parsed_and_distinct(tmp_path: Path) -> None:
    name = "lm_eval/tasks/mmlu/flan_cot_fewshot/_cot_prompts.json"
    write(tmp_path, name, json.dumps({"fruit": QUESTIONS}))
    (question,) = read_questions(tmp_path)
    assert question == Question(
        "fruit", "Which of these is\na fruit?", ("Chair", "Apple", "River", "Cloud"), "Again.", 1
    )


def test_the_story_is_cut_out_of_its_licence_in_pieces_of_whole_paragraphs(tmp_path: Path) -> None:
    text = (
        f"Header\n*** START OF THE PROJECT GUTENBERG EBOOK IN THE YEAR 2889 ***\n\nShort.\n\n{LONG}\n\n"
        f"{LONG}\n\nToo short to be a piece.\n\n*** END OF THE PROJECT\nLicence {LONG}"
    )
    write(tmp_path, "reasoning_gym/data/in_the_year_2889.txt", text)
    assert read_story(tmp_path) == [f"Short. {LONG.strip()}", LONG.strip()]
