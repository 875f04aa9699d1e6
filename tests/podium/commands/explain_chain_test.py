"""What `podium explain wu/NAME` tells of weights on a chain."""

from podium.commands.explain import _weight_update

_STATUS = {
    "uidsBlock": 700,
    "uids": [{"hotkey": "5F4tQyWrhfGVcNho", "uid": 7}],
    "attempts": [
        {"nonce": 3, "era": {"birthBlock": 700, "deathBlock": 732}, "hash": "0xaa"},
        {"nonce": 4, "era": {"birthBlock": 740, "deathBlock": 772}, "hash": "0xbb"},
    ],
    "spentNonces": [{"nonce": 3, "block": 733, "reason": "ForeignExtrinsic"}],
    "includedBlock": 745,
    "revealRound": 99,
    "verification": {"block": 1200, "matches": True, "message": "the row is the one meant"},
}


def test_every_attempt_is_told_with_what_became_of_it() -> None:
    raw = {"spec": {"epoch": {"startBlock": 700, "endBlock": 1059}}, "status": _STATUS}
    assert _weight_update(raw)[1:] == [
        "  at block 700: 5F4tQyWr… is uid 7",
        "  attempt 1: nonce 3, for blocks 700 to 731, 0xaa; without effect: ForeignExtrinsic at block 733",
        "  attempt 2: nonce 4, for blocks 740 to 771, 0xbb",
        "  included in block 745",
        "  committed; revealed at round 99 of the public randomness",
        "  at block 1200: the row is the one meant",
    ]
