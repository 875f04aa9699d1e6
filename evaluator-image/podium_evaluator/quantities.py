"""Counts of parameters and bytes in messages: short, and never equal where the numbers differ."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

__all__ = ["compared", "engineering"]

_WRITTEN_OUT: Final = 10**6


def engineering(count: int) -> str:
    """Three digits and a power of 1,000 (``3.42e9``); small counts are written out."""
    if count < _WRITTEN_OUT:
        return str(count)
    return Decimal(f"{count:.2e}").to_eng_string().replace("E+", "e")


def compared(found: int, limit: int) -> tuple[str, str]:
    """Both counts, written out where three digits would not tell them apart."""
    short = engineering(found), engineering(limit)
    return short if short[0] != short[1] else (str(found), str(limit))
