"""Guards over what goes back: reversals, refunds, voids."""

from scripts.mutant_lists.mutant import Mutant, off

_REVERSAL = "backend/domain/payment_reversal.py"
_APPROVE = "backend/usecases/payments/approve_correction.py"
_ASK = "backend/usecases/payments/ask_correction.py"
_TESTS = "tests/usecases/test_payment_"


def _reversals(name: str) -> str:
    return f"{_TESTS}reversals.py::{name}"


def _corrections(name: str) -> str:
    return f"tests/usecases/test_corrections.py::{name}"


CORRECTIONS = (
    off(
        _REVERSAL,
        "if key in state.reversals:",
        _reversals("test_two_reversals_in_one_set_give_back_once"),
        "a payment is given back twice",
    ),
    off(
        _REVERSAL,
        "if state.terminals[attempt.terminal_id].is_revoked:",
        _reversals("test_a_revoked_terminals_journal_undoes_nothing"),
        "a stolen terminal gives its takings away",
    ),
    off(
        _REVERSAL,
        "if undo.is_corrected:",
        _corrections("test_a_refunded_payment_cannot_be_reversed_too"),
        "refunded and reversed: more goes back than was paid",
    ),
    Mutant(
        _REVERSAL,
        "    _put_down(state, attempt, entry_id=entry_id, payment_id=payment.id)\n",
        "",
        (_reversals("test_a_payment_is_undone_once"),),
        "a reversal leaves no trace and is done again",
    ),
    Mutant(
        _REVERSAL,
        "        _put_down(state, attempt, entry_id=next(state.entry_ids), payment_id=0)\n",
        "",
        (_reversals("test_a_late_arrival_of_what_was_undone_is_refused"),),
        "nothing refuses the late arrival of what was undone",
    ),
    Mutant(
        _REVERSAL,
        "        state.writes.settled_suspense[payment.id] = entry_id\n",
        "        pass\n",
        (_reversals("test_an_undone_shortfall_closes_its_item"),),
        "somebody is asked to pay a shortfall that was undone",
    ),
    Mutant(
        _REVERSAL,
        "if undo.payment.code_key is not None:",
        "if True:",
        (_reversals("test_an_undone_dispute_gives_the_holder_nothing"),),
        "undoing what the school bore raises the holder's limits",
    ),
    off(
        _APPROVE,
        "if request.made_by == actor.label:",
        _corrections("test_one_person_cannot_do_it_alone"),
        "one person alone moves money",
    ),
    off(
        _APPROVE,
        "if standing:",
        _corrections("test_approving_twice_pays_once"),
        "two approvals of one request pay twice",
    ),
    off(
        _APPROVE,
        "if reversals or (payment.borne_fen and not payment.is_courtesy):",
        _corrections("test_a_reversed_payment_cannot_be_refunded_too"),
        "reversed and refunded: more goes back than was paid",
    ),
    off(
        _APPROVE,
        "if int(given_back) + asked.amount_fen > payment.charged_fen:",
        _corrections("test_never_more_than_was_paid"),
        "refunds exceed the payment",
    ),
    Mutant(
        _APPROVE,
        "            approved_by,\n",
        "            asked.made_by,\n",
        (_corrections("test_refunds_go_back_in_reverse_order"),),
        "the books do not say who approved",
    ),
    off(
        _ASK,
        "if not 1 <= asked.amount_fen <= payment.charged_fen:",
        _corrections("test_never_more_than_was_paid"),
        "more than was paid is asked for",
    ),
)
