"""Contenders for a demo competition, made offline from pip packages alone.

A small language model, a fine-tuned one, and variants whose order is known beforehand: tuned is better
than a blend of both, which is better than the base model, which is better than the base with noise. A copy
and a truncated file show what happens to those. `__main__.py` is the recipe; every step is made once and
kept in the user's cache under a hash of what it was made from.
"""
