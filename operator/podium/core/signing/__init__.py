"""How one epoch's weights are set exactly once on a chain, as pure decisions.

An update is checked against its inputs (`objections`), against what the chain demands (`preflight`), turned
into the chain's numbers (`vector`), and followed from bytes to a row on the chain (`following`, `verifying`).
"""
