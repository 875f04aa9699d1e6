"""Steps whose results are folders, made once and named by what they were made from."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from examples.demo.contenders.progress import Progress


@dataclass(frozen=True)
class Workshop:
    """The folder that holds the results of all steps."""

    folder: Path

    def make(self, name: str, build: Callable[[Path], None], *ingredients: Path | str) -> Path:
        """The folder that `build` filled, now or earlier.

        Args:
            name: Of the step.
            build: Fills the empty folder that it is given; of a build that fails nothing stays.
            ingredients: What decides the result. A file counts by its contents; a folder is the result of
                another step and counts by its name.
        """
        made = self.folder / f"{name}-{_fingerprint(ingredients)}"
        if made.exists():
            return made
        self.folder.mkdir(parents=True, exist_ok=True)
        with Path(f"{made}.lock").open("w") as lock:
            # Of several that want it at once, one builds and the rest wait.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                self._build(name, build, made)
        return made

    def _build(self, name: str, build: Callable[[Path], None], made: Path) -> None:
        progress = Progress(name)
        progress.say("begins")
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=f".{name}-") as unfinished:
            target = Path(unfinished) / "made"
            target.mkdir()
            build(target)
            _open_to_readers(target)
            target.rename(made)
        progress.say("done")


def default_workshop() -> Workshop:
    """In the user's cache, as the XDG base directory specification has it."""
    chosen = Path(os.environ.get("XDG_CACHE_HOME", ""))
    cache = chosen if chosen.is_absolute() else Path.home() / ".cache"
    return Workshop(cache / "podium" / "demo")


def link(source: Path, target: Path) -> None:
    """Put a file or a folder's files at `target` as hard links, which take no room; copy where links fail."""
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        for entry in source.iterdir():
            link(entry, target / entry.name)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _fingerprint(ingredients: tuple[Path | str, ...]) -> str:
    digest = hashlib.sha256()
    for ingredient in ingredients:
        if isinstance(ingredient, Path) and ingredient.is_file():
            digest.update(ingredient.read_bytes())
        else:
            digest.update((ingredient.name if isinstance(ingredient, Path) else ingredient).encode())
        digest.update(b"\0")
    return digest.hexdigest()[:12]


def _open_to_readers(folder: Path) -> None:
    """Whoever serves or reads them may run as another user; safetensors writes files for the owner only."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
