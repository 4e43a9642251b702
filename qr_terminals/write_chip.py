"""
Writing a school's key onto a physical card, at the card office's terminal.

First the chip gets its own key and proves it, then the office binds what is printed here to a card.
A chip torn away half-way is bound to nobody; the same command makes it whole.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import closing
from typing import Final, TypeVar

from campus_code import Chip, ChipKeys, ChipKind, Refusal, RefusedError
from qr_terminals.cards import Card, Timed, classic, cpu, desfire
from qr_terminals.cards.psam import PsamError, write_psam
from qr_terminals.errors import ChipError
from qr_terminals.holdings import Held
from qr_terminals.readers.pcsc import NoSlotError, Slot

CARD_SECONDS: Final = 60.0
_LOOK_SECONDS = 0.5
Written = TypeVar("Written")
_WRITES: Final[dict[ChipKind, Callable[[Timed, ChipKeys], Chip]]] = {
    ChipKind.DESFIRE: lambda timed, keys: desfire.write(timed, keys, secrets.token_bytes),
    ChipKind.CPU: lambda timed, keys: cpu.write(timed, keys, secrets.token_bytes),
    ChipKind.CLASSIC: classic.write,
}


def write_chip(card: Card, kind: ChipKind, held: Held, clock: Callable[[], float]) -> Chip:
    """
    Write and prove one chip. ChipError: the rules do not take this kind, there is no key for it, or
    the chip did not take the key, was taken away, or still opens with a transport key.
    """
    rules = held.rules
    if rules is None or kind not in {one.kind for one in rules.nfc.chips}:
        raise ChipError(
            f"学校没有启用 {kind} 卡。", f"The school's rules do not take {kind} chips."
        )
    if kind not in held.chip_keys.kinds:
        raise ChipError(
            "还没有收到这种卡的密钥，请先联网同步一次。",
            "No key for this kind was received yet; let the terminal sync once.",
        )
    try:
        return _WRITES[kind](Timed(card, clock), held.chip_keys)
    except RefusedError as error:
        raise _not_written(error) from error


def write_in_slot(slot_name: str, kind: ChipKind, held: Held) -> Chip:
    """Wait for a card in the reader and write it. ChipError also without a reader or a card."""
    return _in_slot(slot_name, lambda card: write_chip(card, kind, held, time.monotonic))


def write_psam_in_slot(slot_name: str, held: Held, pairing: bytes) -> frozenset[ChipKind]:
    """
    Wait for a fresh PSAM, load it with the shared keys this terminal holds and seal it to this
    device. The kinds it proves; ChipError as for a card, and for a PSAM that was written before.
    """
    if not held.chip_keys.kinds:
        raise ChipError(
            "本机没有卡片密钥：请先不带 --psam 联网同步一次。",
            "This terminal holds no keys of chips; let it sync once without --psam.",
        )

    def write(card: Card) -> frozenset[ChipKind]:
        return write_psam(card, held.chip_keys, pairing, secrets.token_bytes).kinds

    try:
        return _in_slot(slot_name, write)
    except PsamError as error:
        raise ChipError(
            f"PSAM 没有写成：{error}。", f"The PSAM was not written: {error}."
        ) from error


def _in_slot(slot_name: str, write: Callable[[Card], Written]) -> Written:
    try:
        with closing(Slot(slot_name)) as slot:
            until = time.monotonic() + CARD_SECONDS
            while time.monotonic() < until:
                card = slot.connect() if slot.has_card(_LOOK_SECONDS) else None
                if card is not None:
                    try:
                        return write(card)
                    finally:
                        card.disconnect()
    except NoSlotError as error:
        raise ChipError(f"读卡器不可用：{error}。", f"There is no card reader: {error}.") from error
    raise ChipError("没有等到卡。", "No card was put on the reader.")


def _not_written(error: RefusedError) -> ChipError:
    if error.refusal is Refusal.CARD_REMOVED:
        return ChipError(
            "写到一半卡被拿开；请放回，再写一次。",
            "The card was taken away half-way; put it back and write it again.",
        )
    step = error.evidence.get("which", "")
    if step == "transport_key":
        return ChipError(
            "写完后出厂密钥仍能打开这张卡，不能发放。",
            "The card still opens with a transport key; it must not be handed out.",
        )
    return ChipError(
        f"这张卡没有写成（{step}）：它可能不是这种卡，或已由别处加密。",
        f"The card was not written ({step}): another kind, or somebody else's keys are on it.",
    )
