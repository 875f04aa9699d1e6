"""What the API server must say to how a Competition is evaluated: pods, store, hub, reference."""

from functools import partial

from tests.podium.api.cases.case import ABSENT, Case
from tests.podium.api.objects import COMMIT

__all__ = ["EVALUATION_CASES"]

_case = partial(Case, "Competition")
_AN_OBJECT = "must be the name of an object: a-z, 0-9, '-' and '.'"
_REFERENCE = {"source": {"volume": {"claimName": "shelf", "path": "reference"}}}

_EVALUATOR = (
    _case(
        "a sandbox, a queue and chosen nodes",
        {
            "spec/evaluator/runtimeClassName": "gvisor",
            "spec/evaluator/queueName": "gpus",
            "spec/evaluator/priorityClassName": "evaluations",
            "spec/evaluator/nodeSelector": {"example.com/gpu": "a100"},
            "spec/evaluator/tolerations": [{"operator": "Exists"}, {"key": "gpu", "value": "yes"}],
        },
    ),
    _case(
        "an image by its tag",
        {"spec/evaluator/image": "images.example/evaluator:latest"},
        {"spec.evaluator.image": "must name the image by digest: name@sha256: and 64 hexadecimal digits"},
    ),
    _case(
        "no limit of memory",
        {"spec/evaluator/resources/limits/memory": ABSENT},
        {"spec.evaluator.resources.limits": "must limit cpu and memory: a stranger's model runs here"},
    ),
    _case(
        "a limit that is no quantity",
        {"spec/evaluator/resources/limits/memory": "plenty"},
        {"spec.evaluator.resources.limits.memory": "should match"},
    ),
    _case(
        "a limit below nothing",
        {"spec/evaluator/resources/limits/cpu": -4},
        {"spec.evaluator.resources.limits.cpu": "should be greater than or equal to 0"},
    ),
    _case(
        "eleven attempts",
        {"spec/evaluator/maxAttempts": 11},
        {"spec.evaluator.maxAttempts": "should be less than or equal to 10"},
    ),
    *(
        _case(
            f"{field} that is no name",
            {f"spec/evaluator/{field}": "A B"},
            {f"spec.evaluator.{field}": _AN_OBJECT},
        )
        for field in ("runtimeClassName", "queueName", "priorityClassName")
    ),
    _case(
        "a toleration of any value that names one",
        {"spec/evaluator/tolerations": [{"operator": "Exists", "key": "gpu", "value": "yes"}]},
        {"spec.evaluator.tolerations[0].value": "operator Exists has no value"},
    ),
    _case(
        "a toleration of no key",
        {"spec/evaluator/tolerations": [{"value": "yes"}]},
        {"spec.evaluator.tolerations[0].operator": "operator Equal needs a key"},
    ),
)

_SURROUNDINGS = (
    _case(
        "a hub with a token",
        {"spec/hub": {"endpoint": "https://hub.example/x", "tokenSecretName": "hub-token"}},
    ),
    _case("a reference on an allowed volume", {"spec/reference": _REFERENCE}),
    _case(
        "a reference by its commit",
        {"spec/reference": {"source": {"huggingFace": {"repository": "organiser/base", "revision": COMMIT}}}},
    ),
    _case(
        "a reference on another volume",
        {"spec/reference": _REFERENCE, "spec/volumeClaims": ["other"]},
        {"spec.reference.source.volume.claimName": "must be one of volumeClaims"},
    ),
    _case(
        "a reference of no source",
        {"spec/reference": {"source": {}}},
        {"spec.reference.source": "needs exactly one of huggingFace and volume"},
    ),
    _case(
        "a reference by its branch",
        {"spec/reference": {"source": {"huggingFace": {"repository": "base", "revision": "main"}}}},
        {
            "spec.reference.source.huggingFace.repository": "must be a repository as namespace/name",
            "spec.reference.source.huggingFace.revision": "must be a commit of 40",
        },
    ),
    _case(
        "a reference outside its volume",
        {
            "spec/reference": {"source": {"volume": {"claimName": "Shelf", "path": "../x"}}},
            "spec/volumeClaims": ["Shelf"],
        },
        {
            "spec.reference.source.volume.claimName": _AN_OBJECT,
            "spec.reference.source.volume.path": "must be a relative path without '.', '..' or empty parts",
            "spec.volumeClaims[0]": _AN_OBJECT,
        },
    ),
    _case(
        "a store that holds no submission",
        {"spec/store/maxBytes": 2**30},
        {"spec.store.maxBytes": "must hold at least one submission of constraints.maxBytes"},
    ),
    _case("a store that is no name", {"spec/store/claimName": "S"}, {"spec.store.claimName": _AN_OBJECT}),
    _case(
        "a token that is no name",
        {"spec/hub": {"tokenSecretName": "T"}},
        {"spec.hub.tokenSecretName": _AN_OBJECT},
    ),
    _case(
        "a hub with a password in its address",
        {"spec/hub": {"endpoint": "https://me:secret@hub.example"}},
        {"spec.hub.endpoint": "must be an http:// or https:// address without credentials"},
    ),
)

EVALUATION_CASES = _EVALUATOR + _SURROUNDINGS
