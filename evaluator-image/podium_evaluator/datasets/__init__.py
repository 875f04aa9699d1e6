"""Samples of a round: drawn by its seed, written once."""
