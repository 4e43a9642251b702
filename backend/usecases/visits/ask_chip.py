from __future__ import annotations

from backend.domain.access import TerminalActor
from backend.domain.chip_proof import NONCE_BYTES, PROOF_CONTEXT, ChipAsked
from backend.domain.visit import require_chip, require_hall
from backend.usecases.key_board import open_chip_keys
from backend.usecases.ports import Randomness, Vault
from campus_code import Chip, RulesBundle


async def ask_chip(
    chip: Chip,
    heard: bytes,
    terminal: TerminalActor,
    *,
    rules: RulesBundle,
    vault: Vault,
    randomness: Randomness,
    at: int,
) -> tuple[ChipAsked, bytes]:
    """What was asked, and what a kiosk is to tell the chip in its field.

    It is the same for a chip that nobody is bound to: who asks learns nothing.

    Raises:
        ForbiddenError: the terminal is not of the hall.
        RefusedError: a kind that opens no visit, or that has no key yet.

    """
    require_hall(rules, terminal.group_id)
    require_chip(rules, chip, at)
    asked = ChipAsked(terminal.terminal_id, chip, heard, randomness(NONCE_BYTES), at)
    secret = bytes.fromhex(vault.keyed_hash(asked.text, PROOF_CONTEXT))
    return asked, asked.half(await open_chip_keys(vault), secret).told
