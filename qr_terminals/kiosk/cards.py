"""Physical cards and phones in the field of a kiosk's reader, proved by the server.

A kiosk holds no key: it carries what the card says to the server, what the server says to the card,
and the card's answer back. Whether that is right is the server's to say.
"""

from __future__ import annotations

from typing import Final

from campus_code import Chip, ChipKind, ChipRules, NfcRules, Refusal, RefusedError
from campus_code.limits import AMOUNT_FEN_MAX
from qr_terminals.cards.identify import Wanted
from qr_terminals.cards.phone import Answered
from qr_terminals.cards.safe import Proving
from qr_terminals.errors import ServerError
from qr_terminals.kiosk.hall import ChipProof, Hall
from qr_terminals.kiosk.visitors import Visitors
from qr_terminals.readers import Scan, Unread

KINDS: Final = (ChipKind.DESFIRE, ChipKind.CPU)
"""What is asked at all; whether the school takes it, the server says. A Classic chip proves nothing
to a server, so nothing of it is asked."""
RULES: Final = NfcRules(tuple(ChipRules(kind, AMOUNT_FEN_MAX, AMOUNT_FEN_MAX) for kind in KINDS))
ANY_DAY: Final = 0


class ServerSafe:
    """The safe that is the server, for one card. What it said last is kept: a proof, or a fault."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self.proof: ChipProof | None = None
        self.error: ServerError | None = None

    def begin(self, chip: Chip, heard: bytes) -> Proving:
        """As every safe does; the answer is taken along, to be judged with the opening."""
        try:
            asked = self._hall.ask_chip(chip, heard)
        except ServerError as error:
            self.error = error
            raise RefusedError(Refusal.CHIP_KEYS_AWAY, chip=chip.kind.value) from error

        def keep(answer: bytes) -> bool:
            self.proof = ChipProof(chip, heard, asked, answer)
            return True

        return Proving(asked.told, keep)


class Cards:
    """What a kiosk asks of a card, and what becomes of its answer."""

    def __init__(self, terminal_id: int, hall: Hall, visitors: Visitors) -> None:
        self._terminal_id = terminal_id
        self._hall = hall
        self._visitors = visitors
        self._safe = ServerSafe(hall)

    def wanted(self) -> Wanted:
        """What to ask of the next card; called from the reader's thread."""
        self._safe = ServerSafe(self._hall)
        return Wanted(self._terminal_id, 0, RULES, self._safe, ANY_DAY)

    def take(self, one: Scan | Unread) -> None:
        """A card was asked; called from the reader's thread."""
        if isinstance(one, Unread):
            error = self._safe.error or said(RefusedError(one.reason, **one.evidence))
            self._visitors.refuse(error)
        elif isinstance(one.proof, Answered):
            answered = one.proof
            self._visitors.open(lambda: self._hall.open(one.text, answered))
        elif self._safe.proof is not None:
            proof = self._safe.proof
            self._visitors.open(lambda: self._hall.open_with_card(proof))


def said(error: RefusedError) -> ServerError:
    """A refusal of this box as the screen tells the server's."""
    return ServerError(error.sentence("zh"), error.sentence("en"), 422, error.refusal.value)
