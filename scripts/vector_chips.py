"""The cases of vectors/chip_keys.json and of chips.json."""

from typing import Any

import campus_code as cc
from campus_code.chips import TAKEN_AWAY

Case = dict[str, Any]
MASTER = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
CHIPS = (
    cc.Chip(cc.ChipKind.DESFIRE, bytes.fromhex("04782e21801d80")),
    cc.Chip(cc.ChipKind.CPU, bytes.fromhex("2023000000123456")),
    cc.Chip(cc.ChipKind.CLASSIC, bytes.fromhex("deadbeef")),
    cc.Chip(cc.ChipKind.CLASSIC, bytes.fromhex("04a1b2c3d4e5f6")),
)
CARDS = ("20240013", "57299993", "00000000", "20240013")


def chip_key_cases() -> list[Case]:
    """Each chip's own key, diversified from the shared key of its kind."""
    return [
        {
            "chip": str(chip),
            "master": MASTER.hex(),
            "key": cc.chip_key(cc.ChipKey(chip.kind, MASTER), chip).hex(),
        }
        for chip in CHIPS
    ]


def chip_list_cases() -> list[Case]:
    """Payloads, applied to a list of version 4 with one chip: what it holds then, or why not."""
    pairs = tuple(zip(CHIPS, CARDS, strict=True))
    full = cc.pack_chips(pairs)
    head, rows = full[:12], [full[at : at + 16] for at in range(12, len(full), 16)]
    gone = TAKEN_AWAY.to_bytes(4, "big")
    payloads = {
        "four chips, one card has two": full,
        "an empty full list": cc.pack_chips(()),
        "changes: one added, one taken away": cc.pack_chips([(CHIPS[0], None), pairs[1]], 4),
        "changes: another card's now": cc.pack_chips([(CHIPS[0], CARDS[1])], 4),
        "changes since another version": cc.pack_chips((), 3),
        "taken away in a full list": full[:-4] + gone,
        "not ascending": head + rows[1] + rows[0] + rows[2] + rows[3],
        "given twice": head + rows[0] + rows[0] + rows[2] + rows[3],
        "an unknown kind": head + b"\x09" + full[13:],
        "a uid of another length": head + rows[0][:1] + b"\x04" + full[14:],
        "bytes behind the uid": head + rows[0][:11] + b"\x01" + full[24:],
        "a card number over eight digits": full[:-4] + (10**8).to_bytes(4, "big"),
        "the count does not fit": full[:-1],
        "more chips than there may be": full[:8] + (200_001).to_bytes(4, "big") + full[12:],
    }
    return [_case(name, payload) for name, payload in payloads.items()]


def held_list() -> cc.ChipList:
    """The list the payloads are applied to."""
    return cc.ChipList(3).apply(cc.pack_chips([(CHIPS[0], CARDS[0])]), 4)


def _case(name: str, payload: bytes) -> Case:
    held: list[list[str]] | None = None
    try:
        held = [[str(chip), number] for chip, number in held_list().apply(payload, 5)]
        result = "ok"
    except cc.DocumentError as error:
        result = error.why.value
    return {"name": name, "payload": payload.hex(), "result": result, "held": held}
