"""Benchmarks of the evaluation engine against what a user would otherwise run, and their bars."""
