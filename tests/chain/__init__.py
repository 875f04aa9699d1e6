"""A stand-in for a Bittensor node: the real SDK talks to it over a real WebSocket.

Storage has the real keys and encodings of a runtime's own metadata, extrinsics are taken apart and their
signatures, nonces and eras checked, and the pallet's rules decide. What fails is switched with `faults`.
"""
