from __future__ import annotations

from backend.domain.access import TerminalActor
from backend.domain.chip import card_of_chip
from backend.domain.chip_proof import PROOF_CONTEXT, ChipAsked, require_right
from backend.domain.visit import (
    Shown,
    Visit,
    require_card_in_hand,
    require_chip,
    require_hall,
    require_visitor,
)
from backend.tables.card import CardRow
from backend.tables.card_changes import card_of
from backend.tables.chips import bindings_of
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.tables.visits import begin_visit
from backend.usecases.key_board import open_chip_keys
from backend.usecases.ports import Vault
from campus_code import Refusal, RefusedError, RulesBundle


@retried
async def open_chip_visit(
    asked: ChipAsked,
    answer: bytes,
    terminal: TerminalActor,
    *,
    rules: RulesBundle,
    vault: Vault,
    at: int,
) -> Visit:
    """Open a visit at a terminal of the hall for whoever holds the chip that answered.

    One question opens one visit.

    Raises:
        ForbiddenError: the terminal is not of the hall.
        RefusedError: a wrong or late answer; a chip that is nobody's, or of a kind that opens no
            visit; a frozen, lost or closed card; an answer that opened a visit already.

    """
    require_hall(rules, terminal.group_id)
    require_chip(rules, asked.chip, at)
    secret = bytes.fromhex(vault.keyed_hash(asked.text, PROOF_CONTEXT))
    require_right(asked, asked.half(await open_chip_keys(vault), secret), answer, at)
    async with transaction():
        bindings = await bindings_of([asked.chip])
        row = await CardRow.get_or_none(number=card_of_chip(bindings.get(asked.chip, ()), at))
        if row is None:
            raise RefusedError(Refusal.UNKNOWN_CARD)
        card = card_of(row)
        require_visitor(card, card.issue)
        require_card_in_hand(card)
        return await begin_visit(
            terminal.terminal_id,
            row.id,
            row.issue,
            at,
            shown=Shown.CHIP,
            code_key=asked.use_key,
        )
