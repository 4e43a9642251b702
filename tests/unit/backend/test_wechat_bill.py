"""Bills: amounts without fractions, cells that people wrote, and each way a file is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.domain import bill_text
from backend.domain.bill_text import BillFault, BillRefusedError, read_yuan
from backend.domain.wechat_bill import (
    ExpectedBill,
    LineKind,
    TradeBill,
    digest_of,
    read_fund_bill,
    read_trade_bill,
)

EXPECTED = ExpectedBill(date(2026, 9, 1), "1900000109", frozenset({"wx1"}))
HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,"
    "交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,"
    "充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,"
    "费率备注"
)
SUMMARY = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
PAYMENT = (
    "`2026-09-01 12:00:00,`wx1,`1900000109,`0,`,`4200-1,`tu-1,`o-1,`JSAPI,`SUCCESS,`OTHERS,`CNY,"
    "`50.00,`0.00,`0,`0,`0.00,`0.00,`,`,`校园卡充值,`,`0.30000,`0.60%,`50.00,`0.00,`"
)
REFUND = (
    "`2026-09-01 23:59:59,`wx1,`1900000109,`0,`,`4200-1,`tu-1,`o-1,`JSAPI,`REFUND,`OTHERS,`CNY,"
    "`0.00,`0.00,`5030-1,`rf-1,`20.00,`0.00,`ORIGINAL,`PROCESSING,`校园卡充值,`,`-0.12000,`0.60%,"
    "`0.00,`20.00,`"
)
TOTALS = "`2,`50.00,`20.00,`0.00,`0.18000,`50.00,`20.00"
FUND_HEADER = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),"
    "账户结余(元),资金变更提交申请人,备注,业务凭证号"
)
FUND_SUMMARY = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
FUNDS = [
    "`2026-09-01 12:00:00,`4200-1,`4200-1,`交易,`交易,`收入,`50.00,`50.00,`1900000109API,`a,b,`V1",
    "`2026-09-01 12:00:00,`4200-1,`4200-1,`交易,`扣除交易手续费,`支出,`0.30,`49.70,`API,`,`V2",
    "`2026-09-01 23:59:59,`5030-1,`4200-1,`退款,`退款,`支出,`19.88,`29.82,`API,`退款,`;x,`V3",
]
FUND_TOTALS = "`3,`1,`50.00,`2,`20.18"


def text(*lines: str, end: str = "\r\n", mark: str = "\ufeff") -> bytes:
    return (mark + "".join(line + end for line in lines)).encode()


def trade(payment: str = PAYMENT, refund: str = REFUND, totals: str = TOTALS) -> bytes:
    return text(HEADER, payment, refund, SUMMARY, totals)


def fund(*lines: str, totals: str = FUND_TOTALS) -> bytes:
    return text(FUND_HEADER, *(lines or FUNDS), FUND_SUMMARY, totals)


def refused(read: Callable[[], object]) -> BillRefusedError:
    with pytest.raises(BillRefusedError) as caught:
        read()
    return caught.value


@pytest.mark.parametrize(
    "written, fen",
    [
        ("0", 0),
        ("0.0", 0),
        ("0.01", 1),
        ("12.3", 1230),
        ("12.30", 1230),
        ("12.30000", 1230),
        ("-0.07000", -7),
        ("-0.00", 0),
        ("999999999999.99", 99_999_999_999_999),
        ("0.1", 10),
        ("0.29", 29),  # 0.29 * 100 is 28.999999999999996 in fractions
    ],
)
def test_yuan_become_fen(written: str, fen: int) -> None:
    assert read_yuan(written) == fen


@pytest.mark.parametrize(
    "written",
    [
        *("", "-", ".", "1.", ".1", "1.234", "0.00001", "1e2", "1,000.00", "+1.00", " 1.00"),
        *("1.00 ", "１.00", "1.00\n", "0x1", "nan", "--1", "1.000000", "9" * 13, "1.0.0", "¥1"),
    ],
)
def test_what_is_not_whole_fen_is_no_amount(written: str) -> None:
    assert read_yuan(written) is None


@given(st.integers(-(10**14) + 1, 10**14 - 1), st.sampled_from(["", "000"]))
@example(fen=-1, more="")
def test_every_amount_comes_back(fen: int, more: str) -> None:
    sign = "-" if fen < 0 else ""
    assert read_yuan(f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}{more}") == fen


def test_a_bill_is_read() -> None:
    bill = read_trade_bill(trade(), EXPECTED)
    paid, back = bill.lines
    assert (paid.kind, paid.amount_fen, paid.fee_fen) == (LineKind.PAYMENT, 5_000, 30)
    assert (paid.transaction_id, paid.out_trade_no, paid.occurred_at) == (
        *("4200-1", "tu-1"),
        1_788_235_200,
    )
    assert (back.kind, back.amount_fen, back.fee_fen) == (LineKind.REFUND, 2_000, -12)
    assert (back.refund_id, back.out_refund_no, back.refund_status) == (
        *("5030-1", "rf-1"),
        "PROCESSING",
    )
    assert bill.fee_fen == 18
    assert bill.digest == digest_of(trade())


def without_digest(bill: TradeBill) -> TradeBill:
    return replace(bill, digest="")


def test_marks_and_line_ends_make_no_difference() -> None:
    lines = (HEADER, PAYMENT, REFUND, SUMMARY, TOTALS)
    usual = without_digest(read_trade_bill(text(*lines), EXPECTED))
    for end in ("\n", "\r\n"):
        for mark in ("", "\ufeff"):
            for more in ((), ("",), ("", "")):
                raw = text(*lines, *more, end=end, mark=mark)
                assert without_digest(read_trade_bill(raw, EXPECTED)) == usual
    ticked = text(*(f"`{line.replace(',', ',`')}" if "`" not in line else line for line in lines))
    assert without_digest(read_trade_bill(ticked, EXPECTED)) == usual


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r"), max_size=40))
@example(name="面,`饭,`1.00")
@example(name=",`" * 12)
@example(name="`")
def test_what_people_wrote_changes_no_amount(name: str) -> None:
    payment, refund = (line.replace("校园卡充值", name) for line in (PAYMENT, REFUND))
    bill = read_trade_bill(trade(payment, refund), EXPECTED)
    assert without_digest(bill) == without_digest(read_trade_bill(trade(), EXPECTED))


@pytest.mark.parametrize(
    "raw, fault",
    [
        (b"", BillFault.HEADER),
        (b"\xff\xfe", BillFault.ENCODING),
        (b'{"code":"NO_STATEMENT_EXIST"}', BillFault.HEADER),
        (text("交易时间,商户号"), BillFault.HEADER),
        (text(HEADER + ",订单金额", PAYMENT + ",`1.00", SUMMARY, TOTALS), BillFault.HEADER),
        (text(HEADER + ",新列,新列", PAYMENT + ",`,`", SUMMARY, TOTALS), BillFault.HEADER),
        (text(HEADER, PAYMENT, REFUND), BillFault.NO_SUMMARY),
        (text(HEADER, PAYMENT, REFUND, SUMMARY), BillFault.NO_SUMMARY),
        (text(HEADER, PAYMENT, REFUND, SUMMARY, TOTALS, PAYMENT), BillFault.NO_SUMMARY),
        (text(HEADER, "", SUMMARY, TOTALS), BillFault.TICK),
        (trade(PAYMENT.replace("`2026", "2026")), BillFault.TICK),
        (trade(PAYMENT.replace(",`CNY", ",CNY")), BillFault.RAGGED),
        (trade(PAYMENT.replace(",`CNY", "")), BillFault.RAGGED),
        (trade(PAYMENT.replace("`tu-1", "`tu-1,x")), BillFault.TICK),
        # a cell too many moves its neighbours as far as the free ones, and one of them complains
        (trade(PAYMENT.replace("`tu-1", "`tu-1,`x")), BillFault.CURRENCY),
        (trade(PAYMENT.replace("`0.60%", "`0.60%,`x")), BillFault.AMOUNT),
    ],
)
def test_a_file_of_another_shape_is_refused(raw: bytes, fault: BillFault) -> None:
    assert refused(lambda: read_trade_bill(raw, EXPECTED)).fault is fault


@pytest.mark.parametrize(
    "old, new, fault, column",
    [
        ("12:00:00", "24:00:00", BillFault.TIME, "交易时间"),
        ("2026-09-01 12", "2026-9-1 12", BillFault.TIME, "交易时间"),
        ("2026-09-01 12", "2026-09-31 12", BillFault.TIME, "交易时间"),
        ("2026-09-01 12", "2026-09-02 12", BillFault.DAY, "交易时间"),
        ("2026-09-01 12", "2025-09-01 12", BillFault.DAY, "交易时间"),
        ("1900000109", "1900000110", BillFault.MERCHANT, "商户号"),
        ("`wx1", "`wx2", BillFault.APP, "公众账号ID"),
        ("`CNY", "`HKD", BillFault.CURRENCY, "货币种类"),
        ("`SUCCESS", "`REVOKED", BillFault.KIND, "交易状态"),
        ("`SUCCESS", "`", BillFault.KIND, "交易状态"),
        ("`4200-1", "`0", BillFault.REFERENCE, "微信订单号"),
        ("`tu-1", "`", BillFault.REFERENCE, "商户订单号"),
        ("`0.60%,`50.00", "`0.60%,`50.001", BillFault.AMOUNT, "订单金额"),
        ("`0.60%,`50.00", "`0.60%,`-50.00", BillFault.AMOUNT, "订单金额"),
        ("`0.60%,`50.00", "`0.60%,`0.00", BillFault.AMOUNT, "订单金额"),
        ("`0.30000", "`0.30100", BillFault.AMOUNT, "手续费"),
    ],
)
def test_one_wrong_cell_refuses_the_file(old: str, new: str, fault: BillFault, column: str) -> None:
    assert old in PAYMENT
    error = refused(lambda: read_trade_bill(trade(PAYMENT.replace(old, new, 1)), EXPECTED))
    assert (error.fault, error.line, error.column) == (fault, 2, column)
    assert "2" in error.zh
    assert column in error.en


@pytest.mark.parametrize(
    "old, new, column",
    [("`5030-1", "`0", "微信退款单号"), ("`rf-1", "`", "商户退款单号")],
)
def test_a_refund_has_its_numbers(old: str, new: str, column: str) -> None:
    error = refused(lambda: read_trade_bill(trade(refund=REFUND.replace(old, new)), EXPECTED))
    assert (error.fault, error.line, error.column) == (BillFault.REFERENCE, 3, column)


@pytest.mark.parametrize("place", range(7))
def test_a_summary_a_fen_off_refuses_the_file(place: int) -> None:
    cells = TOTALS.split(",")
    cells[place] = {0: "`3", 4: "`0.19000"}.get(place, cells[place][:-1] + "1")
    error = refused(lambda: read_trade_bill(trade(totals=",".join(cells)), EXPECTED))
    assert (error.fault, error.column) == (BillFault.TOTALS, SUMMARY.split(",")[place])


def test_a_line_twice_refuses_the_file() -> None:
    totals = "`2,`100.00,`0.00,`0.00,`0.60000,`100.00,`0.00"
    error = refused(lambda: read_trade_bill(trade(PAYMENT, PAYMENT, totals), EXPECTED))
    assert (error.fault, error.line) == (BillFault.REPEATED_LINE, 3)
    totals = "`2,`0.00,`40.00,`0.00,`-0.24000,`0.00,`40.00"
    error = refused(lambda: read_trade_bill(trade(REFUND, REFUND, totals), EXPECTED))
    assert error.fault is BillFault.REPEATED_LINE


def test_a_file_read_before_is_refused() -> None:
    seen = replace(EXPECTED, digests_seen={digest_of(trade())})
    assert refused(lambda: read_trade_bill(trade(), seen)).fault is BillFault.REPEATED_FILE
    seen = replace(EXPECTED, digests_seen={digest_of(fund())})
    assert refused(lambda: read_fund_bill(fund(), seen)).fault is BillFault.REPEATED_FILE


def test_a_file_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bill_text, "BILL_LINES_MAX", 4)
    assert refused(lambda: read_trade_bill(trade(), EXPECTED)).fault is BillFault.SIZE
    monkeypatch.undo()
    monkeypatch.setattr(bill_text, "BILL_BYTES_MAX", len(trade()))
    assert read_trade_bill(trade(), EXPECTED).lines
    monkeypatch.setattr(bill_text, "BILL_BYTES_MAX", len(trade()) - 1)
    assert refused(lambda: read_trade_bill(trade(), EXPECTED)).fault is BillFault.SIZE


def test_a_fund_bill_is_read() -> None:
    lines = read_fund_bill(fund(), EXPECTED).lines
    assert [line.amount_fen for line in lines] == [5_000, -30, -1_988]
    assert [line.balance_fen for line in lines] == [5_000, 4_970, 2_982]
    assert (lines[2].business_id, lines[2].flow_id, lines[2].kind) == ("5030-1", "4200-1", "退款")


@pytest.mark.parametrize(
    "raw, fault",
    [
        (fund(totals="`2,`1,`50.00,`2,`20.18"), BillFault.TOTALS),
        (fund(totals="`3,`1,`50.01,`2,`20.18"), BillFault.TOTALS),
        (fund(totals="`3,`1,`50.00,`2,`20.17"), BillFault.TOTALS),
        (fund(totals="`-3,`1,`50.00,`2,`20.18"), BillFault.TOTALS),
        (fund(FUNDS[0], FUNDS[0], totals="`2,`2,`100.00,`0,`0.00"), BillFault.REPEATED_LINE),
        (fund(FUNDS[0].replace("收入", "转入")), BillFault.KIND),
        (fund(FUNDS[0].replace("09-01", "09-02")), BillFault.DAY),
        (fund(FUNDS[0].replace("`50.00,`50.00", "`-50.00,`50.00")), BillFault.AMOUNT),
        (trade(), BillFault.HEADER),
    ],
)
def test_a_wrong_fund_bill_is_refused(raw: bytes, fault: BillFault) -> None:
    assert refused(lambda: read_fund_bill(raw, EXPECTED)).fault is fault


@given(st.integers(0, len(trade()) - 1), st.integers(0, 255))
def test_one_changed_byte_changes_no_money_unseen(at: int, byte: int) -> None:
    """It is refused, or every amount and number is what it was."""
    raw = trade()
    mutant = raw[:at] + bytes([byte]) + raw[at + 1 :]
    try:
        bill = read_trade_bill(mutant, EXPECTED)
    except BillRefusedError:
        return
    good = read_trade_bill(raw, EXPECTED)
    for one, other in zip(bill.lines, good.lines, strict=True):
        assert (one.amount_fen, one.settled_fen, one.fee_fen, one.kind) == (
            *(other.amount_fen, other.settled_fen, other.fee_fen),
            other.kind,
        )
