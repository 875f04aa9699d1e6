"""Instruction following: how many of the stated rules the answers of a model obey."""
