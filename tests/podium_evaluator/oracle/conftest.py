"""Evaluations here run in one process that reaches whatever this machine reaches."""

from collections.abc import Iterator

import pytest
import transformers

from podium_evaluator import evaluate


@pytest.fixture(scope="module", autouse=True)
def unguarded() -> Iterator[None]:
    transformers.utils.logging.disable_progress_bar()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate, "reachable", lambda _: ())
        yield
