"""What the API server must accept and refuse, as tables: one module a kind."""

from tests.podium.api.cases.competition import COMPETITION_CASES
from tests.podium.api.cases.datasets import DATASET_CASES
from tests.podium.api.cases.evaluation import EVALUATION_CASES
from tests.podium.api.cases.round import ROUND_CASES
from tests.podium.api.cases.submission import SUBMISSION_CASES
from tests.podium.api.cases.subnet import SUBNET_CASES
from tests.podium.api.cases.tasks import TASK_CASES
from tests.podium.api.cases.weight_update import WEIGHT_UPDATE_CASES

__all__ = ["CASES"]

CASES = (
    *SUBNET_CASES,
    *COMPETITION_CASES,
    *TASK_CASES,
    *DATASET_CASES,
    *EVALUATION_CASES,
    *SUBMISSION_CASES,
    *ROUND_CASES,
    *WEIGHT_UPDATE_CASES,
)
