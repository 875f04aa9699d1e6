"""Conversations of two turns: a user asks, an assistant answers."""

from __future__ import annotations

from typing import Final

__all__ = ["REFLECTIVE", "exchange"]

REFLECTIVE: Final = (
    "You are an AI that reflects. Think the problem through at length, step by step, and check your reasoning"
    " before you commit to an answer. Write this monologue between <think> and </think>, then give the final"
    " answer in the format that the user asks for."
)
"""The system turn before reasoning tasks."""


def exchange(messages: object) -> tuple[str, str] | None:
    """What the user asks and what the assistant answers, if that is all there is and neither is empty."""
    match messages:
        case [
            {"role": "user", "content": str(prompt)},
            {"role": "assistant", "content": str(answer)},
        ] if prompt.strip() and answer.strip():
            return prompt, answer
        case _:
            return None
