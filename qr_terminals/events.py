"""What can happen to a terminal (events), and what it can be told to do (effects). All values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from campus_code import Approved, Declined, Dish, Refusal, TerminalRecord
from qr_terminals.answers import Answer
from qr_terminals.cards.identify import Proof
from qr_terminals.judge import Presented

# ------------------------------------------------------------------------------------- events


@dataclass(frozen=True, slots=True)
class Scanned:
    """A reader reported a text, a card with what it proved."""

    text: str
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A card in the field told nothing that counts, and why."""

    reason: Refusal
    evidence: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Typed:
    """The cashier typed an amount (fen), or None to clear it; `dishes` is what it is the sum of."""

    amount_fen: int | None
    dishes: tuple[Dish, ...] = ()


@dataclass(frozen=True, slots=True)
class PinTyped:
    """The cardholder typed a PIN for the tap that was just refused for want of one."""

    pin: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Looking, or the journal, said no."""

    reason: Refusal
    evidence: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The credential is right. `asks`: the server is to be asked."""

    presented: Presented
    asks: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """The attempt is durable under this sequence."""

    sequence: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The server's verdict on the attempt of this sequence."""

    sequence: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No verdict came in time; whether the server posted it is not known."""

    sequence: int


@dataclass(frozen=True, slots=True)
class Decided:
    """The terminal's own verdict."""

    verdict: Approved | Declined


@dataclass(frozen=True, slots=True)
class Committed:
    """The record is durable."""

    record: TerminalRecord


@dataclass(frozen=True, slots=True)
class Closed:
    """The attempt is reversed and that is durable."""


@dataclass(frozen=True, slots=True)
class VoidAsked:
    """The cashier wants a payment undone; `record` is it, None when there is none to undo."""

    record: TerminalRecord | None


@dataclass(frozen=True, slots=True)
class JournalFailed:
    """A write did not become durable."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Locked:
    """
    It takes nothing more: the server says it is revoked, or (`view` lease_over) it has been without
    a sync for longer than its lease.
    """

    view: str = "revoked"


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A sync went through: it is not revoked (any more)."""


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """The cashier begins to practise, or goes back to taking money."""

    is_on: bool


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something for the cashier to read that changes nothing about money."""

    view: View


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Nothing happened but time."""


Event = (
    Scanned
    | Unread
    | Typed
    | PinTyped
    | Refused
    | Accepted
    | Begun
    | Answered
    | Unanswered
    | Decided
    | Committed
    | Closed
    | VoidAsked
    | JournalFailed
    | Locked
    | Unlocked
    | TrainingSet
    | Noticed
    | TimePassed
)

# ------------------------------------------------------------------------------------ effects


@dataclass(frozen=True, slots=True)
class Look:
    """Verify a text; answer Refused or Accepted. In training the neighbours are told nothing."""

    text: str
    asked_fen: int | None
    pin: str | None
    proof: Proof | None = None
    is_training: bool = False


@dataclass(frozen=True, slots=True)
class Begin:
    """Make the attempt durable; answer Begun or JournalFailed."""

    presented: Presented


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the server; Answered or Unanswered comes later."""

    presented: Presented
    sequence: int


@dataclass(frozen=True, slots=True)
class DecideAlone:
    """Decide with what is known here; answer Decided."""

    presented: Presented


@dataclass(frozen=True, slots=True)
class Commit:
    """Make the payment durable; answer Committed, Refused or JournalFailed."""

    presented: Presented
    amounts: Approved | Answer
    sequence: int | None


@dataclass(frozen=True, slots=True)
class Close:
    """Make the reversal of an attempt durable; answer Closed or JournalFailed."""

    presented: Presented
    sequence: int


@dataclass(frozen=True, slots=True)
class Void:
    """Make the reversal of an earlier payment durable; answer Committed or JournalFailed."""

    record: TerminalRecord


@dataclass(frozen=True, slots=True)
class View:
    """
    What the screen shows. `shown_as`: approved, refused, voided, waiting, fault, revoked, trained…
    In training nothing is charged: `amount_fen` of a trained view is what it would have been.
    """

    shown_as: str
    scan: str = ""
    record: TerminalRecord | None = None
    refusal: Refused | None = None
    amount_fen: int | None = None
    dishes: tuple[Dish, ...] = ()
    is_again: bool = False
    is_after_restart: bool = False
    is_training: bool = False
    note: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Show:
    """Put a view on the screen."""

    view: View


@dataclass(frozen=True, slots=True)
class KeepTraining:
    """Keep on disk whether somebody practises, before it is so; JournalFailed when it is not."""

    is_on: bool


@dataclass(frozen=True, slots=True)
class Count:
    """Count a refusal for the heartbeat."""

    reason: Refusal


Effect = Look | Begin | Ask | DecideAlone | Commit | Close | Void | KeepTraining | Show | Count
