"""The chart's own copies of what is generated elsewhere."""

from podium.api.crd import render
from tests.helm.chart import CHART

_REPOSITORY = CHART.parents[1]


def test_the_kinds_in_the_chart_are_those_of_the_models() -> None:
    generated = render()
    for folder in (_REPOSITORY / "crds", CHART / "files/crds"):
        written = {file.name: file.read_text() for file in folder.iterdir()}
        differing = {name for name in written | generated if written.get(name) != generated.get(name)}
        assert not differing, f"{folder} is not what the models say: run `make crds`"
