"""Contenders made from others without training."""

from pathlib import Path

import torch

from examples.demo.contenders.weights import FILE, read_tensors, write_model
from examples.demo.contenders.workshop import link

_BLENDED = 0.25  # of the way from base to tuned: clearly between the two; halfway beats both on plain text
_NOISE = 0.1  # standard deviations: clearly worse and finite; with twice that nothing is left of the model
_SEED = 37
_KEPT = 0.6
_MATRIX = 2


def blend(base: Path, tuned: Path, target: Path) -> None:
    """Every tensor a quarter of the way from `base` to `tuned`."""
    ends = read_tensors(tuned)
    tensors = {
        name: torch.lerp(tensor.float(), ends[name].float(), _BLENDED).to(tensor.dtype)
        for name, tensor in read_tensors(base).items()
    }
    write_model(tensors, base, target)


def add_noise(base: Path, target: Path) -> None:
    """Noise on every matrix, relative to its own spread."""
    generator = torch.Generator().manual_seed(_SEED)
    tensors = read_tensors(base)
    for name, tensor in tensors.items():
        if tensor.ndim == _MATRIX:
            noise = torch.randn(tensor.shape, generator=generator) * tensor.float().std() * _NOISE
            tensors[name] = (tensor.float() + noise).to(tensor.dtype)
    write_model(tensors, base, target)


def truncate(model: Path, target: Path) -> None:
    """A model whose weights end before their header says, as after an upload that broke off."""
    for file in model.iterdir():
        if file.name != FILE:
            link(file, target / file.name)
    size = int((model / FILE).stat().st_size * _KEPT)
    with (model / FILE).open("rb") as whole, (target / FILE).open("wb") as part:
        part.write(whole.read(size))
