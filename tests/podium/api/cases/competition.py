"""What the API server must say to Competitions, their tasks and evaluation apart."""

from functools import partial

from tests.podium.api.cases.case import ABSENT, Case
from tests.podium.api.objects import IMAGE

__all__ = ["COMPETITION_CASES"]

_case = partial(Case, "Competition")
_A_REPOSITORY = "must be a repository as namespace/name"
_PLAIN = {"name": "Plain", "text": "{{ messages[0].content }}"}
_A_DECIMAL = "must be a decimal in quotes, such as '12.5'"
_A_FRACTION = "must be a decimal from 0 to 1 in quotes, such as '0.05'"
_NAME_RULE = "must have at most 50 characters and no '.': names of Rounds and Jobs are built from it"
_REFERENCE = {"source": {"volume": {"claimName": "shelf", "path": "reference"}}}

_IDENTITY = (
    _case("everything that is needed", {}),
    _case("a name of 50 characters", {"metadata/name": 50 * "a"}),
    _case("a longer name", {"metadata/name": 51 * "a"}, {"metadata.name": _NAME_RULE}),
    _case("a name with a dot", {"metadata/name": "a.b"}, {"metadata.name": _NAME_RULE}),
    _case(
        "number 100",
        {"spec/competitionId": 100},
        {"spec.competitionId": "should be less than or equal to 99"},
    ),
    _case(
        "a subnet that is no name",
        {"spec/subnet": "Main"},
        {"spec.subnet": "must be 1 to 63 lower-case letters, digits and '-'"},
    ),
    _case("a pause", {"spec/suspend": True}, first={}),
    _case("another image", {"spec/evaluator/image": IMAGE.replace("c", "0")}, first={}),
    _case(
        "another subnet",
        {"spec/subnet": "other"},
        {"spec.subnet": "is immutable: create another Competition"},
        first={},
    ),
    _case(
        "another number",
        {"spec/competitionId": 5},
        {"spec.competitionId": "is immutable: commitments on the chain name it"},
        first={},
    ),
)

_CONSTRAINTS = (
    _case("no norms", {"spec/constraints/norms": ABSENT}),
    _case("everyone's own tokenizer", {"spec/constraints/tokenizer": {"policy": "Own"}}),
    _case(
        "more parameters at least than at most",
        {"spec/constraints/parameters/min": 4_000_000_000},
        {"spec.constraints.parameters.min": "must not exceed parameters.max"},
    ),
    _case(
        "a class that is no language model",
        {"spec/constraints/architectures": ["BertModel"]},
        {"spec.constraints.architectures[0]": "must be the class of a causal language model"},
    ),
    _case(
        "no architecture",
        {"spec/constraints/architectures": []},
        {"spec.constraints.architectures": "at least 1 items"},
    ),
    _case(
        "a fixed tokenizer of no revision",
        {"spec/constraints/tokenizer/revision": ABSENT},
        {"spec.constraints.tokenizer.policy": "policy Fixed needs repository and revision"},
    ),
    _case(
        "everyone's own tokenizer from one repository",
        {"spec/constraints/tokenizer/policy": "Own"},
        {
            "spec.constraints.tokenizer.policy": "policy Own takes each submission's tokenizer: "
            "leave out repository and revision"
        },
    ),
    _case("a tokenizer by its branch", {"spec/constraints/tokenizer/revision": "main"}),
    _case(
        "a tokenizer by something else",
        {"spec/constraints/tokenizer/revision": "../main"},
        {"spec.constraints.tokenizer.revision": "must be a commit of 40 hexadecimal digits, or the name of"},
    ),
    _case(
        "a chat template with spaces in its name",
        {"spec/constraints/tokenizer/templates": [{**_PLAIN, "name": "My own"}]},
        {"spec.constraints.tokenizer.templates[0].name": "must be letters, digits, '.' and '-'"},
    ),
    _case(
        "a tokenizer without a namespace",
        {"spec/constraints/tokenizer/repository": "tokenizer"},
        {"spec.constraints.tokenizer.repository": _A_REPOSITORY},
    ),
    _case(
        "a chat template of the organiser's",
        {
            "spec/constraints/tokenizer/chatTemplate": "Plain",
            "spec/constraints/tokenizer/templates": [_PLAIN],
        },
    ),
    _case(
        "a chat template that nobody described",
        {"spec/constraints/tokenizer/chatTemplate": "Plain"},
        {"spec.constraints.tokenizer.chatTemplate": "must be one of ChatML, Llama-2, Llama-3, Mistral,"},
    ),
    _case(
        "a chat template of a name of ours",
        {"spec/constraints/tokenizer/templates": [{**_PLAIN, "name": "ChatML"}]},
        {"spec.constraints.tokenizer.templates[0].name": "is a named template already"},
    ),
    _case(
        "a soft norm above the hard one",
        {"spec/constraints/norms/soft": "1000.5"},
        {"spec.constraints.norms.soft": "must be above 0 and must not exceed norms.hard"},
    ),
    _case(
        "a soft norm that is no number",
        {"spec/constraints/norms/soft": "x"},
        {"spec.constraints.norms.soft": _A_DECIMAL},
    ),
    _case(
        "a hard norm that is no number",
        {"spec/constraints/norms/hard": "-1"},
        {"spec.constraints.norms.hard": _A_DECIMAL},
    ),
    _case(
        "a fraction of more than all",
        {"spec/constraints/norms/softFraction": "1.5"},
        {"spec.constraints.norms.softFraction": _A_FRACTION},
    ),
)

_ROUNDS = (
    _case("the largest rounds that fit", {"spec/rounds/maxContenders": 128}),
    _case(
        "no deadline",
        {"spec/rounds/deadlineBlocks": ABSENT},
        {"spec.rounds.deadlineBlocks": "Required value"},
    ),
    _case(
        "129 contenders",
        {"spec/rounds/maxContenders": 129, "spec/rounds/historyLimit": 1},
        {"spec.rounds.maxContenders": "should be less than or equal to 128"},
    ),
    _case(
        "seats for the top only",
        {"spec/rounds/keepTop": 15},
        {"spec.rounds.keepTop": "must leave two seats of maxContenders to others"},
    ),
    _case(
        "a history that is too long",
        {"spec/rounds/maxContenders": 128, "spec/rounds/historyLimit": 17},
        {"spec.rounds.historyLimit": "must keep at most 2048 results: historyLimit × maxContenders"},
    ),
    _case(
        "rounds that overlap",
        {"spec/rounds/deadlineBlocks": 361},
        {"spec.rounds.deadlineBlocks": "must not exceed everyBlocks: rounds do not overlap"},
    ),
    _case(
        "an offset beyond the interval",
        {"spec/rounds/syncOffsetBlock": 360},
        {"spec.rounds.syncOffsetBlock": "must be below everyBlocks"},
    ),
)

_RANKING = (
    _case("a fixed advantage", {"spec/ranking/epsilon": {"kind": "Fixed", "start": "0.005"}}),
    _case("a softmax", {"spec/ranking/selection": "Softmax", "spec/ranking/temperature": "0.01"}),
    _case(
        "a decay to nowhere",
        {"spec/ranking/epsilon/blocks": ABSENT},
        {"spec.ranking.epsilon.kind": "LinearDecay needs end and blocks"},
    ),
    _case(
        "a fixed advantage that decays",
        {"spec/ranking/epsilon/kind": "Fixed"},
        {"spec.ranking.epsilon.kind": "Fixed stays at start: leave out end and blocks"},
    ),
    _case(
        "an advantage that grows",
        {"spec/ranking/epsilon/end": "0.06"},
        {"spec.ranking.epsilon.end": "must not exceed start"},
    ),
    _case(
        "a start in percent",
        {"spec/ranking/epsilon/start": "5%"},
        {"spec.ranking.epsilon.start": _A_FRACTION},
    ),
    _case("an end below 0", {"spec/ranking/epsilon/end": "-0.1"}, {"spec.ranking.epsilon.end": _A_FRACTION}),
    _case(
        "a softmax of no temperature",
        {"spec/ranking/selection": "Softmax"},
        {"spec.ranking.selection": "Softmax needs a temperature"},
    ),
    _case(
        "a temperature for a single winner",
        {"spec/ranking/temperature": "0.01"},
        {"spec.ranking.temperature": "only Softmax has a temperature"},
    ),
    _case(
        "a temperature of 0",
        {"spec/ranking/selection": "Softmax", "spec/ranking/temperature": "0.0"},
        {"spec.ranking.temperature": "must be above 0: win rates are divided by it"},
    ),
    _case(
        "a temperature that is no number",
        {"spec/ranking/selection": "Softmax", "spec/ranking/temperature": "warm"},
        {"spec.ranking.temperature": _A_DECIMAL},
    ),
    _case(
        "an average that never moves",
        {"spec/ranking/movingAverage": {"alpha": "1.0"}},
        {"spec.ranking.movingAverage.alpha": "must be below 1: at 1 no round would ever count"},
    ),
    _case(
        "an alpha that is no fraction",
        {"spec/ranking/movingAverage": {"alpha": ".9"}},
        {"spec.ranking.movingAverage.alpha": _A_FRACTION},
    ),
    _case(
        "an alpha that is a float",
        {"spec/ranking/movingAverage": {"alpha": 0.9}},
        {"spec.ranking.movingAverage.alpha": "must be of type string"},
    ),
    _case(
        "a threshold above the whole",
        {"spec/ranking/movingAverage": {"threshold": "2"}},
        {"spec.ranking.movingAverage.threshold": _A_FRACTION},
    ),
)

COMPETITION_CASES = _IDENTITY + _CONSTRAINTS + _ROUNDS + _RANKING
