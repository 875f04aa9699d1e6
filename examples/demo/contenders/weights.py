"""Models as files: reading tensors, and writing a model that differs from the base in them alone."""

import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

FILE = "model.safetensors"


def read_tensors(model: Path) -> dict[str, torch.Tensor]:
    """All tensors of a model's folder, by name, in the order of their names."""
    return dict(sorted(load_file(model / FILE).items()))


def write_model(tensors: dict[str, torch.Tensor], base: Path, target: Path) -> None:
    """Write the base model with other tensors."""
    for file in base.iterdir():
        if file.name != FILE:
            shutil.copy2(file, target / file.name)
    save_file(
        {name: tensor.contiguous() for name, tensor in tensors.items()},
        target / FILE,
        metadata={"format": "pt"},
    )
