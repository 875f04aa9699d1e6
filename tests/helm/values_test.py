"""Values: the defaults are enough, and what is wrong is refused in words that say what to do."""

import pytest
import yaml

from tests.helm.chart import CHART, Change, helm, refusal, render

pytestmark = pytest.mark.cluster

_WRONG: dict[str, tuple[Change, str]] = {
    "no watched namespace": (
        {"watchNamespaces": []},
        "watchNamespaces: expected at least one namespace for Podium to work in, found none. Set for example",
    ),
    "the operator's own namespace watched": (
        {"watchNamespaces": ["podium-system"]},
        'expected namespaces other than that of the operator, found "podium-system"',
    ),
    "the signer's namespace watched": (
        {"watchNamespaces": ["competitions", "podium-signer"]},
        'signer.namespace: expected a namespace that is not watched, found "podium-signer"',
    ),
    "namespaces as one text": ({"watchNamespaces": "a,b"}, "at '/watchNamespaces': got string, want array"),
    "a namespace that cannot be": ({"watchNamespaces": ["Big"]}, "at '/watchNamespaces/0': 'Big' does not"),
    "a namespace twice": (
        {"watchNamespaces": ["a", "a"]},
        "at '/watchNamespaces': items at 0 and 1 are equal",
    ),
    "a misspelt value": ({"loging": {}}, "additional properties 'loging' not allowed"),
    "a misspelt value inside": (
        {"operator": {"image": {"tagg": "1"}}},
        "at '/operator/image': additional properties 'tagg' not allowed",
    ),
    "a tag in the repository": ({"operator": {"image": {"repository": "a/b:1"}}}, "at '/operator/image/repo"),
    "a digest that is none": ({"operator": {"image": {"digest": "sha256:1"}}}, "at '/operator/image/digest'"),
    "a signer's tag without a repository": ({"signer": {"image": {"tag": "1"}}}, "at '/signer/image'"),
    "an unknown level": ({"logging": {"level": "loud"}}, "at '/logging/level': value must be one of 'debug'"),
    "no limit of memory": (
        {"operator": {"resources": {"limits": {"memory": None}}}},
        "at '/operator/resources/limits': missing property 'memory'",
    ),
    "an interval without unit": (
        {"metrics": {"serviceMonitor": {"interval": "30"}}},
        "at '/metrics/serviceMonitor/interval'",
    ),
    "a switch as text": ({"crds": {"install": "no"}}, "at '/crds/install': got string, want boolean"),
    "a group with a quote": (
        {"admissionPolicies": {"exemptGroups": ["a' || true"]}},
        "at '/admissionPolicies/exemptGroups/0'",
    ),
}


def test_the_watched_namespaces_are_all_that_must_be_said() -> None:
    assert render({})


@pytest.mark.parametrize(("change", "said"), _WRONG.values(), ids=_WRONG.keys())
def test_a_wrong_value_is_refused(change: Change, said: str) -> None:
    assert said in refusal(change)


def test_every_value_is_known_to_the_schema() -> None:
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    schema = yaml.safe_load((CHART / "values.schema.json").read_text())
    # `global` is Helm's own, for charts inside charts.
    assert set(schema["properties"]) - {"global"} == set(defaults)


def test_helm_finds_nothing_to_complain_about() -> None:
    done = helm("lint", "--strict", str(CHART), "--set=watchNamespaces={competitions}")
    assert done.returncode == 0, done.stdout
    assert "WARNING" not in done.stdout
