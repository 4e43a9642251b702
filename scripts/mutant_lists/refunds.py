"""Guards over refunds of top-ups: how much goes back, by whom, and what WeChat Pay says."""

from scripts.mutant_lists.mutant import Mutant, off

_RULES = "backend/domain/refund.py"
_DRAWER_RULES = "backend/domain/drawer.py"
_LOTS = "backend/domain/lot.py"
_TABLE = "backend/tables/refunds.py"
_LOT_READS = "backend/tables/lots.py"
_ASK = "backend/usecases/refunds/ask_refund.py"
_APPROVE = "backend/usecases/refunds/approve_refund.py"
_REJECT = "backend/usecases/refunds/reject_refund.py"
_SETTLE = "backend/usecases/refunds/settle_refund.py"
_NOTICE = "backend/usecases/refunds/apply_refund_notice.py"
_DO = "backend/usecases/refunds/do_refunds.py"


def _refunds(name: str) -> str:
    return f"tests/usecases/test_refunds.py::test_{name}"


def _leavings(name: str) -> str:
    return f"tests/usecases/test_leavings.py::test_{name}"


def _drawers(name: str) -> str:
    return f"tests/usecases/test_drawers.py::test_{name}"


def _wire(name: str) -> str:
    return f"tests/api/test_top_up_refunds.py::test_{name}"


def _lots(name: str) -> str:
    return f"tests/properties/test_lots.py::test_{name}"


RULES = (
    off(
        _RULES,
        "if lot.origin is not Origin.WECHAT:",
        _refunds("cash_goes_back_over_the_counter_only"),
        "cash is asked of WeChat Pay",
    ),
    off(_RULES, "if now > lot.refundable_until:", _refunds("a_year_and_not_a_second_more")),
    off(_RULES, "if parts >= PARTS_MAX:", _refunds("fifty_parts_and_not_one_more")),
    off(
        _RULES,
        "if amount_fen > left_fen:",
        _refunds("twenty_partials_at_once_never_give_back_more_than_was_paid"),
        "more goes back than is left of a top-up",
    ),
    Mutant(
        _RULES,
        "left_fen = min(found[0].left_fen, purse.free_fen)",
        "left_fen = purse.free_fen",
        (_refunds("twenty_partials_at_once_never_give_back_more_than_was_paid"),),
        "older money goes back under a newer order's name",
    ),
    Mutant(
        _RULES,
        " - self.owed_fen, 0)",
        ", 0)",
        (_refunds("what_is_owed_stays"),),
    ),
    Mutant(
        _RULES,
        "is_open = one.lot.origin is Origin.WECHAT and now <= one.lot.refundable_until",
        "is_open = one.lot.origin is Origin.WECHAT",
        (_leavings("a_lot_past_its_date_is_cash_to_fetch"),),
    ),
    Mutant(
        _RULES,
        "if is_open and amount_fen > 0 and parts.get(one.lot.id, 0) < PARTS_MAX:",
        "if amount_fen > 0 and parts.get(one.lot.id, 0) < PARTS_MAX:",
        (_leavings("one_tap_sends_each_lot_to_its_origin_and_shows_the_cash"),),
        "cash is asked of WeChat Pay when its holder leaves",
    ),
    Mutant(
        _RULES,
        "        for one in purse.left()\n"
        "        if one.lot.origin is Origin.CASH or now > one.lot.refundable_until\n"
        "    ]\n    taken = []",
        "        for one in purse.left()\n    ]\n    taken = []",
        (_drawers("what_wechat_pay_takes_back_is_not_paid_in_cash"),),
        "a payer's money is paid out to somebody else in cash",
    ),
    off(
        _RULES,
        "if found_fen < amount_fen:",
        _drawers("what_wechat_pay_takes_back_is_not_paid_in_cash"),
        "a cash-out of 9 yuan takes 5 from the purse",
    ),
    Mutant(
        _RULES,
        "return max([now, *(at + GAP_SECONDS for at in others)])",
        "return now",
        (_refunds("parts_of_one_order_are_a_minute_apart"),),
    ),
    Mutant(
        _RULES,
        "    if target in NEXT[state]:\n        return target",
        "    return target",
        (_refunds("done_once_whatever_is_told_again"),),
        "older news undoes newer",
    ),
    Mutant(
        _RULES,
        'return Mismatch(("status",))',
        "return None",
        (_refunds("arrived_although_it_is_in_the_purse_again_is_for_a_person"),),
        "money that arrived and is in the purse too is nobody's business",
    ),
    Mutant(
        _RULES,
        "if state not in {RefundState.ASKED, RefundState.REJECTED} and (is_old or is_same):",
        "if is_old or is_same:",
        (_refunds("of_a_refund_that_was_never_sent_nothing_can_be_told"),),
    ),
    off(
        _RULES,
        "if target not in NEXT[state]:",
        _refunds("rejected_is_rejected"),
        "a rejected refund is booked",
    ),
    off(
        _DRAWER_RULES,
        "if difference_fen and not note.strip():",
        _drawers("a_difference_needs_a_note_and_another_person"),
    ),
    Mutant(
        _LOTS,
        "part = min(left_fen, lot.amount_fen - lot.returned_fen)",
        "part = min(left_fen, lot.amount_fen)",
        (_lots("every_fen_knows_its_lot_whatever_happens"),),
        "what went back is counted as still there",
    ),
    Mutant(
        _LOTS,
        "for lot in reversed(lots):",
        "for lot in lots:",
        (_lots("spending_is_first_in_first_out"),),
    ),
)

REFUNDS = (
    off(_APPROVE, "if row.made_by == actor.label:", _refunds("nobody_approves_what_he_asked_for")),
    off(
        _APPROVE,
        "if refund.state not in {RefundState.ASKED, RefundState.REJECTED}:",
        _refunds("a_repeated_approval_takes_once"),
    ),
    Mutant(
        _APPROVE,
        "    judge_refund_of(purse, refund.lot_id, refund.amount_fen, len(mine), now)\n",
        "",
        (_refunds("twenty_partials_at_once_never_give_back_more_than_was_paid"),),
        "what was true when it was asked for decides",
    ),
    Mutant(
        _LOT_READS,
        'sql.select("balance_fen,floor_fen", "account", account, lock)',
        'sql.select("balance_fen,floor_fen", "account", account)',
        (_refunds("twenty_partials_at_once_never_give_back_more_than_was_paid"),),
        "two processes read the same balance",
    ),
    off(_REJECT, "if state is RefundState.REJECTED:", _refunds("rejected_is_rejected")),
    Mutant(
        _REJECT,
        "        require_next(state, RefundState.REJECTED)\n",
        "",
        (_refunds("who_asked_may_take_it_back_until_it_is_booked"),),
        "a refund on its way is called rejected",
    ),
    off(
        _SETTLE,
        "if row.made_by == actor.label:",
        _refunds("an_abnormal_one_is_settled_by_another_person"),
    ),
    off(
        _SETTLE,
        "if state is not RefundState.ABNORMAL:",
        _refunds("an_abnormal_one_is_settled_by_another_person"),
        "one that is on its way is called done",
    ),
    off(
        _NOTICE,
        "if applied.fields:",
        _refunds("arrived_although_it_is_in_the_purse_again_is_for_a_person"),
    ),
    Mutant(
        _TABLE,
        "target = mismatch or follow(refund.state, told.status)",
        "target = follow(refund.state, told.status)",
        (_refunds("told_otherwise_moves_nothing"),),
        "a refund of another amount ends ours",
    ),
    off(
        _TABLE,
        "if RefundState.REFUSED not in NEXT[refund.state]:",
        _refunds("a_refusal_after_a_notice_changes_nothing"),
    ),
    off(
        _TABLE,
        "if target in UNDONE:",
        _refunds("what_wechat_pay_gives_up_is_in_the_purse_again"),
        "the holder loses what WeChat Pay never gave back",
    ),
    off(
        _ASK,
        "if said != (asked.lot_id, asked.amount_fen, asked.reason, actor.label):",
        _refunds("a_key_asks_once"),
    ),
    off(
        _ASK,
        "if type(asked.amount_fen) is not int or asked.amount_fen < 1:",
        _refunds("what_is_no_request_is_named"),
    ),
    off(
        _ASK,
        "if not 1 <= len(asked.reason) <= REASON_LENGTH_MAX:",
        _refunds("what_is_no_request_is_named"),
    ),
    Mutant(
        _ASK,
        "    judge_refund_of(read_purse(*purse_rows), lot.id, asked.amount_fen, count, at)\n",
        "",
        (_refunds("what_was_eaten_does_not_go_back"),),
    ),
    off(
        _DO,
        "if free_at > now:",
        _wire("parts_of_one_order_wait_for_each_other_whoever_is_late"),
        "two parts of one order within a minute",
    ),
    Mutant(
        _DO,
        "        return await _look_first(pay, row, refused)",
        "        raise refused",
        (_wire("taken_on_although_the_answer_was_a_no"),),
        "the purse gets back what the payer got too",
    ),
    Mutant(
        _DO,
        "    except RefundRefusedError as error:\n"
        "        await give_up_refund(ledger, clock, row, error.code)\n",
        "    except RefundRefusedError:\n",
        (_wire("what_wechat_pay_refuses_is_in_the_purse_again"),),
    ),
)

GOING_BACK: tuple[Mutant, ...] = (*RULES, *REFUNDS)
