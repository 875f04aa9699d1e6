"""Which contenders there are and what each is made from."""

from functools import partial
from importlib import resources
from importlib.metadata import version
from pathlib import Path

from examples.demo.contenders.base_model import convert_apart
from examples.demo.contenders.corpus import write_corpus
from examples.demo.contenders.packages import REQUIREMENTS, install
from examples.demo.contenders.repositories import write_repositories
from examples.demo.contenders.training import train
from examples.demo.contenders.variants import add_noise, blend, truncate
from examples.demo.contenders.workshop import Workshop

_HERE = Path(__file__).parent
_LIBRARIES = ("torch", "transformers", "safetensors")


def make_all(workshop: Workshop) -> Path:
    """The root of the repositories: about four minutes on two idle cores the first time."""
    packages = workshop.make("packages", install, REQUIREMENTS)
    versions = (f"{name} {version(name)}" for name in _LIBRARIES)
    base = workshop.make(
        "base", partial(convert_apart, packages), packages, _HERE / "base_model.py", *versions
    )
    words = Path(str(resources.files("podium_evaluator.datasets") / "words.txt"))
    sources = (_HERE / "corpus.py", _HERE / "sources.py", words)
    corpus = workshop.make("corpus", partial(write_corpus, packages), packages, *sources)
    tuned = workshop.make("tuned", partial(train, base, corpus), base, corpus, _HERE / "training.py")
    variants = _HERE / "variants.py"
    models = {
        "base": base,
        "tuned": tuned,
        "blend25": workshop.make("blend25", partial(blend, base, tuned), base, tuned, variants),
        "noisy": workshop.make("noisy", partial(add_noise, base), base, variants),
        "copy": tuned,  # byte for byte
        "malformed": workshop.make("malformed", partial(truncate, tuned), tuned, variants),
    }
    named = (f"{name}={model.name}" for name, model in models.items())
    write = partial(write_repositories, models, base, corpus)
    return workshop.make("hub", write, corpus, *named, _HERE / "repositories.py")
