"""The packages that the contenders are made from."""

import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def install(folder: Path) -> None:
    """Install `requirements.txt` into a folder of its own.

    Without dependencies: those would bring a compiler's worth of packages, and replace some that the
    project pins.
    """
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*command, "--no-deps", "--no-compile", f"--target={folder}", f"--requirement={REQUIREMENTS}"],
        check=True,
    )
