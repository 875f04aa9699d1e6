"""Golden files: what is created, as people would read it. `UPDATE_GOLDEN=1` writes them anew."""

import os
from pathlib import Path
from typing import Any

import yaml

__all__ = ["assert_golden"]

_FOLDER = Path(__file__).parents[2] / "data" / "manifests"


# Any: the JSON of a Kubernetes object.
def assert_golden(name: str, raw: dict[str, Any]) -> None:
    """Compares an object with the golden one of this name."""
    path = _FOLDER / f"{name}.yaml"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.dump(raw, Dumper=_NoAliases, sort_keys=True, width=100))
    assert yaml.safe_load(path.read_text()) == raw, f"{path.name} differs: if it should, UPDATE_GOLDEN=1"


class _NoAliases(yaml.SafeDumper):
    """Repeats equal parts instead of pointing at them."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  # the base's signature
        return True
