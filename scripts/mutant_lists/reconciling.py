"""Guards over orders of top-ups, WeChat Pay's bills and their reconciliation."""

from scripts.mutant_lists.mutant import Mutant, off

_TOP_UP = "backend/domain/top_up.py"
_TEXT = "backend/domain/bill_text.py"
_BILL = "backend/domain/wechat_bill.py"
_BOOKS = "backend/domain/reconciliation.py"


def _orders(name: str) -> str:
    return f"tests/unit/backend/test_top_up.py::test_{name}"


def _bills(name: str) -> str:
    return f"tests/unit/backend/test_wechat_bill.py::test_{name}"


def _differ(name: str) -> str:
    return f"tests/unit/backend/test_reconciliation.py::test_{name}"


ORDERS = (
    off(
        _TOP_UP,
        "if type(value) is not int:",
        _orders("anything_else_is_no_amount"),
        "True is a fen, and 1.0 is one too",
    ),
    off(
        _TOP_UP,
        "if not TOP_UP_FEN_MIN <= value <= highest_fen:",
        _orders("anything_else_is_no_amount"),
    ),
    Mutant(
        _TOP_UP,
        "highest_fen = min(school_max_fen, TOP_UP_FEN_MAX)",
        "highest_fen = school_max_fen",
        (_orders("a_school_narrows_the_range_and_never_widens_it"),),
    ),
    off(_TOP_UP, "if target not in NEXT[top_up.state]:", _orders("only_what_follows_follows")),
    Mutant(
        _TOP_UP,
        '        ("appid", top_up.app_id, told.app_id),\n',
        "",
        (_orders("one_field_that_differs_is_a_mismatch"),),
    ),
    Mutant(
        _TOP_UP,
        '        ("mchid", top_up.mchid, told.mchid),\n',
        "",
        (_orders("one_field_that_differs_is_a_mismatch"),),
        "money that went to another merchant is credited here",
    ),
    Mutant(
        _TOP_UP,
        '("out_trade_no", top_up.out_trade_no, told.out_trade_no),\n    )\n',
        ")\n",
        (_orders("one_field_that_differs_is_a_mismatch"),),
        "one order's payment credits another",
    ),
    Mutant(
        _TOP_UP,
        '"amount": told.total_fen != top_up.amount_fen,',
        '"amount": False,',
        (_orders("one_field_that_differs_is_a_mismatch"),),
        "a fen buys a hundred yuan",
    ),
    Mutant(
        _TOP_UP,
        '"currency": told.currency != CURRENCY,',
        '"currency": False,',
        (_orders("one_field_that_differs_is_a_mismatch"),),
    ),
    Mutant(
        _TOP_UP,
        '"trade_type": told.trade_type != TRADE_TYPE,',
        '"trade_type": False,',
        (_orders("one_field_that_differs_is_a_mismatch"),),
    ),
    Mutant(
        _TOP_UP,
        '"openid": bool(top_up.openid) and told.openid != top_up.openid,',
        '"openid": False,',
        (_orders("one_field_that_differs_is_a_mismatch"),),
    ),
    Mutant(
        _TOP_UP,
        "or (bool(top_up.transaction_id) and told.transaction_id != top_up.transaction_id),",
        ",",
        (_orders("the_same_again_is_a_repetition_and_another_payment_is_not"),),
        "a second payment of one order is taken for the first",
    ),
    off(
        _TOP_UP,
        "if top_up.state is TopUpState.PAID:",
        _orders("the_same_again_is_a_repetition_and_another_payment_is_not"),
        "what was credited is credited again",
    ),
    off(
        _TOP_UP,
        "if told.trade_state is not TradeState.SUCCESS:",
        _orders("one_field_that_differs_is_a_mismatch"),
        "what was given back already is credited",
    ),
    Mutant(
        _TOP_UP,
        "return Mismatch(differing) if differing else None",
        "return None",
        (_orders("a_refund_is_held_against_ours"),),
    ),
    off(
        _TOP_UP,
        "if len(raw) != ORDER_RANDOM_BYTES:",
        _orders("numbers_are_random_and_fit"),
        "an order's number can be guessed",
    ),
)
BILLS = (
    off(
        _TEXT,
        'if decimals[2:] != "000":',
        _bills("what_is_not_whole_fen_is_no_amount"),
        "parts of a fen fall under the table",
    ),
    off(
        _TEXT,
        "if read is None or (read < 0 and not may_be_negative):",
        _bills("one_wrong_cell_refuses_the_file"),
    ),
    off(_TEXT, "if at.date() != day_on:", _bills("one_wrong_cell_refuses_the_file")),
    off(_TEXT, 'if text in {"", "0"}:', _bills("one_wrong_cell_refuses_the_file")),
    off(_TEXT, "if names.count(name) != 1:", _bills("a_file_of_another_shape_is_refused")),
    off(
        _TEXT,
        "if len(set(names)) != len(names):",
        _bills("a_file_of_another_shape_is_refused"),
    ),
    off(_TEXT, "if not text.startswith(TICK):", _bills("a_file_of_another_shape_is_refused")),
    off(
        _TEXT,
        'if "," in cell and place not in free:',
        _bills("a_file_of_another_shape_is_refused"),
    ),
    off(
        _TEXT,
        "if surplus > 0 and free:",
        _bills("what_people_wrote_changes_no_amount"),
        "a product's name keeps a day from being reconciled",
    ),
    off(_TEXT, "if len(lines) != number + 1:", _bills("a_file_of_another_shape_is_refused")),
    off(_TEXT, "if len(raw) > BILL_BYTES_MAX:", _bills("a_file_that_is_too_long_is_refused")),
    off(_TEXT, "if len(lines) > BILL_LINES_MAX:", _bills("a_file_that_is_too_long_is_refused")),
    off(_BILL, "if digest in expected.digests_seen:", _bills("a_file_read_before_is_refused")),
    off(
        _BILL,
        'if line.text("商户号") != expected.mchid:',
        _bills("one_wrong_cell_refuses_the_file"),
    ),
    off(
        _BILL,
        'if line.text("公众账号ID") not in expected.app_ids:',
        _bills("one_wrong_cell_refuses_the_file"),
    ),
    off(
        _BILL,
        'if line.text("货币种类") != CURRENCY:',
        _bills("one_wrong_cell_refuses_the_file"),
    ),
    off(_BILL, "if made.amount_fen <= 0:", _bills("one_wrong_cell_refuses_the_file")),
    off(_BILL, "if key in seen:", _bills("a_line_twice_refuses_the_file")),
    off(
        _BILL,
        'if summary.count("总交易单数") != len(table.lines):',
        _bills("a_summary_a_fen_off_refuses_the_file"),
    ),
    off(
        _BILL,
        "if summary.fen(total, may_be_negative=True) != sum_fen:",
        _bills("a_summary_a_fen_off_refuses_the_file"),
    ),
    Mutant(
        _BILL,
        "        if is_wrong:",
        "        if False:",
        (_bills("a_wrong_fund_bill_is_refused"),),
    ),
    off(
        _BILL,
        "if direction not in {INCOME, EXPENSE}:",
        _bills("a_wrong_fund_bill_is_refused"),
    ),
)
BOOKS = (
    Mutant(
        _BOOKS,
        "return self.proposal is Proposal.CREDIT and self.cause is Cause.MISSING_NOTICE",
        "return True",
        (_differ("only_a_credit_that_the_bill_proves_is_safe"),),
        "differences post themselves",
    ),
    off(
        _BOOKS,
        "if one.ours_fen is None:",
        _differ("each_error_of_a_payment_has_its_cause"),
        "a payment nobody ordered is credited to nobody",
    ),
    off(
        _BOOKS,
        "if len(one.billed) > 1:",
        _differ("each_error_of_a_payment_has_its_cause"),
        "an order paid twice is seen once",
    ),
    off(
        _BOOKS,
        "if believed - {billed.transaction_id}:",
        _differ("each_error_of_a_payment_has_its_cause"),
    ),
    off(
        _BOOKS,
        "if one.ours_fen != billed.amount_fen:",
        _differ("a_missing_credit_of_another_amount_is_not_safe"),
        "a credit of another amount posts itself",
    ),
    off(
        _BOOKS,
        "if len(one.lines) > 1:",
        _differ("each_error_of_a_payment_has_its_cause"),
        "what was credited twice is not seen",
    ),
    off(
        _BOOKS,
        "if one.lines[0].amount_fen != billed.amount_fen:",
        _differ("each_error_of_a_payment_has_its_cause"),
    ),
    off(
        _BOOKS,
        "if one.is_held:",
        _differ("only_a_credit_that_the_bill_proves_is_safe"),
        "what a person is looking at posts itself",
    ),
    off(
        _BOOKS,
        "if one.is_done or subject is Subject.REFUND:",
        _differ("only_a_credit_that_the_bill_proves_is_safe"),
        "an order marked as paid is credited once more",
    ),
    off(
        _BOOKS,
        "if billed.refund_status in FAILED_IN_BILL:",
        _differ("each_error_of_a_refund_has_its_cause"),
        "a refund that never arrived is forgotten",
    ),
    Mutant(
        _BOOKS,
        "    if one.is_failed:\n        return Cause.REFUND_FAILED",
        "    if False:\n        return Cause.REFUND_FAILED",
        (_differ("each_error_of_a_refund_has_its_cause"),),
        "a refund that never arrived is forgotten",
    ),
    off(
        _BOOKS,
        "if bill.fee_fen != books.fee_fen:",
        _differ("a_fee_that_differs_is_one_difference"),
    ),
    off(
        _BOOKS,
        "if day_on not in days or not (one.is_done or one.lines):",
        _differ("other_days_are_left_to_their_own_bills"),
        "differences are invented",
    ),
    off(_BOOKS, "if expected_fen is None:", _differ("each_movement_that_differs_is_found")),
)
RECONCILING = (*ORDERS, *BILLS, *BOOKS)
