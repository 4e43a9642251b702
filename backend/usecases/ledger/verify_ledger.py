"""Re-add the whole ledger from its raw rows, and follow the hash chain of every lane."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Protocol

from backend.domain.accounts import CLEARING, SchoolAccount
from backend.tables import sql
from backend.tables.counter_books import RETURN_KINDS, counter_checks
from backend.tables.ledger import COVERED, LANE_BITS, lane_hash, link_hash
from backend.tables.settlement_books import settlement_checks
from backend.tables.sql import Typed
from backend.tables.store import Rows

LINKS_PER_READ = 500
FINDINGS_MAX = 100
"""How many findings one report names; more are counted."""


class Books(Protocol):
    """What a verification reads from: a `Ledger`, or a `Store` that nobody posts through."""

    async def read(self, reads: Sequence[str]) -> list[Rows]:
        """Run SELECTs."""


@dataclass(slots=True)
class LedgerReport:
    """What a verification found. `findings` is empty when everything agrees.

    `residual_fen` is the sum of all accounts, always 0 when no row was lost or invented.
    """

    residual_fen: int = 0
    postings: int = 0
    payments: int = 0
    links: int = 0
    balances: dict[int, int] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    unnamed: int = 0

    def find(self, sentence: str) -> None:
        """Note one thing that does not agree."""
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(sentence)
        else:
            self.unnamed += 1


async def verify_ledger(books: Books) -> LedgerReport:
    """Verify sums, purses, payments, credits, lots, items and the chain; changes nothing."""
    report = LedgerReport()
    await _add_up(books, report)
    await _compare_purses(books, report)
    await _compare_payments(books, report)
    await _compare_credits(books, report)
    await _compare_benefits(books, report)
    await _compare_lots(books, report)
    await _compare_counter(books, report)
    await _compare_transit(books, report)
    await _compare_items(books, report)
    await _follow_lanes(books, report)
    return report


async def _add_up(books: Books, report: LedgerReport) -> None:
    sources, targets, counted = await books.read(
        [
            sql.select("source_id,SUM(amount_fen)", "posting", "id>0", " GROUP BY source_id"),
            sql.select("target_id,SUM(amount_fen)", "posting", "id>0", " GROUP BY target_id"),
            sql.select("COUNT(*),COALESCE(MIN(amount_fen),1)", "posting", "id>0"),
        ]
    )
    balances: dict[int, int] = defaultdict(int)
    for account, amount in sources:
        balances[account] -= int(amount)
    for account, amount in targets:
        balances[account] += int(amount)
    report.balances = dict(balances)
    report.residual_fen = sum(balances.values())
    report.postings, smallest = counted[0]
    if report.residual_fen:
        report.find(f"the sum of all accounts is {report.residual_fen} fen, not 0")
    if smallest <= 0:
        report.find(f"a posting moves {smallest} fen")


async def _compare_purses(books: Books, report: LedgerReport) -> None:
    columns = "id,kind,balance_fen,floor_fen"
    (accounts,) = await books.read([sql.select(columns, "account", "id<>0")])
    known = set()
    for account, kind, balance_fen, floor_fen in accounts:
        known.add(account)
        if kind != "purse":
            continue
        added = report.balances.get(account, 0)
        if balance_fen != added:
            report.find(f"purse {account} says {balance_fen} fen, its postings say {added}")
        if balance_fen < floor_fen:
            report.find(f"purse {account} is at {balance_fen} fen, below {floor_fen}")
    for account in report.balances.keys() - known:
        report.find(f"postings name account {account}, which does not exist")


async def _compare_payments(books: Books, report: LedgerReport) -> None:
    """Each payment's postings must add up to what it says was charged."""
    entry = "id-id%8"
    sums = sql.select(
        f"{entry} AS entry_id,SUM(amount_fen) AS posted_fen",
        "posting",
        "kind='payment'",
        f" GROUP BY {entry}",
    )
    joined = f"payment y LEFT JOIN ({sums}) s ON s.entry_id=y.id"
    differs = "COALESCE(s.posted_fen,0)<>y.charged_fen"
    few = f" LIMIT {FINDINGS_MAX}"
    orphan = "p.kind='payment' AND y.id IS NULL"
    back = "posting p LEFT JOIN payment y ON y.id=p.id-p.id%8"
    unequal, orphans, counted = await books.read(
        [
            sql.select("y.id,y.charged_fen,s.posted_fen", joined, differs, few),
            sql.select("p.id", back, orphan, few),
            sql.select("COUNT(*)", "payment", "id>0"),
        ]
    )
    report.payments = counted[0][0]
    for payment_id, charged_fen, posted in unequal:
        report.find(f"payment {payment_id} charged {charged_fen} fen, posted {posted or 0}")
    for (posting_id,) in orphans:
        report.find(f"posting {posting_id} belongs to no payment")


async def _compare_credits(books: Books, report: LedgerReport) -> None:
    """What a person brought in by hand must be what was posted; the chain covers the posting."""
    joined = (
        "credit c LEFT JOIN posting p ON p.id=c.id AND p.kind='credit'"
        " AND p.source_id=c.source_id AND p.amount_fen=c.amount_fen"
        " LEFT JOIN account a ON a.id=p.target_id AND a.holder_id=c.holder_id AND a.purse=c.purse"
    )
    few = f" LIMIT {FINDINGS_MAX}"
    (unequal,) = await books.read([sql.select("c.id", joined, "a.id IS NULL", few)])
    for (credit_id,) in unequal:
        report.find(f"credit {credit_id} is not what was posted")


async def _compare_benefits(books: Books, report: LedgerReport) -> None:
    """A batch's line that says it was given must be a credit of its own to the same purse."""
    joined = (
        "benefit_line l LEFT JOIN credit c ON c.id=l.entry_id AND c.holder_id=l.holder_id"
        " AND c.purse='benefit' AND c.amount_fen=l.amount_fen"
    )
    few = f" LIMIT {FINDINGS_MAX}"
    wanted = "l.entry_id>0 AND c.id IS NULL"
    (unequal,) = await books.read([sql.select("l.id", joined, wanted, few)])
    for (line_id,) in unequal:
        report.find(f"benefit line {line_id} is not what was credited")


async def _compare_lots(books: Books, report: LedgerReport) -> None:
    """A lot is what its posting brought in, and no more of it went back than it was."""
    own = "a.kind='purse' AND a.purse='cash' AND a.holder_id=t.holder_id"
    same = "p.id=t.id AND p.amount_fen=t.amount_fen"
    few = f" LIMIT {FINDINGS_MAX}"
    came = f"lot t LEFT JOIN posting p ON {same} AND p.kind IN ('top_up','credit')"
    went = f"lot_return t LEFT JOIN posting p ON {same} AND p.kind IN ({sql.words(RETURN_KINDS)})"
    account = "LEFT JOIN account a ON a.id=CASE p.kind WHEN '{}' THEN {} ELSE {} END AND"
    into = account.format("", "0", "p.target_id")
    out_of = account.format(RETURN_KINDS[-1], "p.target_id", "p.source_id")
    net = "SUM(CASE undoes_id WHEN 0 THEN amount_fen ELSE -amount_fen END)"
    sums = sql.select(f"lot_id,{net} AS net_fen", "lot_return", "lot_id>0", " GROUP BY lot_id")
    over = f"({sums}) s LEFT JOIN lot l ON l.id=s.lot_id"
    unequal, wrong, too_much, orphans = await books.read(
        [
            sql.select("t.id", f"{came} {into} {own}", "a.id IS NULL", few),
            sql.select("t.id", f"{went} {out_of} {own}", "a.id IS NULL", few),
            sql.select(
                "s.lot_id,s.net_fen",
                over,
                "l.id IS NULL OR s.net_fen<0 OR s.net_fen>l.amount_fen",
                few,
            ),
            sql.select(
                "p.id", "posting p LEFT JOIN lot l ON l.id=p.id", "p.kind='top_up' AND l.id IS NULL"
            ),
        ]
    )
    for (lot_id,) in unequal:
        report.find(f"lot {lot_id} is not what was posted")
    for (return_id,) in wrong:
        report.find(f"the return of a lot {return_id} is not what was posted")
    for lot_id, net_fen in too_much:
        report.find(f"of lot {lot_id} went back {net_fen} fen, which is not within what it was")
    for (posting_id,) in orphans:
        report.find(f"posting {posting_id} is a top-up without a lot")


async def _compare_counter(books: Books, report: LedgerReport) -> None:
    """Refunds, cash that was paid out, drawers and settlements are what was posted for them."""
    checks = counter_checks(FINDINGS_MAX) + settlement_checks(FINDINGS_MAX)
    answers = await books.read([check for check, _ in checks])
    for (_, sentence), rows in zip(checks, answers, strict=True):
        for (row_id,) in rows:
            report.find(sentence.format(row_id))


async def _compare_transit(books: Books, report: LedgerReport) -> None:
    """What is in transit at WeChat Pay are the entries that no bill has proven yet, one by one."""
    transit = int(SchoolAccount.WECHAT_IN_TRANSIT)
    signed = f"CASE p.target_id WHEN {transit} THEN p.amount_fen ELSE -p.amount_fen END"
    joined = "posting p LEFT JOIN proof f ON f.proves_id=p.id"
    touches = f"p.kind<>'bill' AND (p.source_id={transit} OR p.target_id={transit})"
    few = f" LIMIT {FINDINGS_MAX}"
    unproven, wrong = await books.read(
        [
            sql.select(f"COALESCE(SUM({signed}),0)", joined, f"{touches} AND f.proves_id IS NULL"),
            sql.select(
                "f.proves_id",
                f"proof f LEFT JOIN posting p ON p.id=f.proves_id AND {touches}",
                f"p.id IS NULL OR f.amount_fen<>-({signed})",
                few,
            ),
        ]
    )
    balance, named = report.balances.get(transit, 0), int(unproven[0][0])
    if balance != named:
        report.find(f"wechat_in_transit is at {balance} fen, its unproven entries name {named}")
    for (entry_id,) in wrong:
        report.find(f"the proof of entry {entry_id} proves something else")


async def _compare_items(books: Books, report: LedgerReport) -> None:
    """What keeps suspense, risk and courtesy accounts from zero must be named, item by item."""
    wanted = f"settled_by_id=0 AND account_id IN ({sql.numbers(int(one) for one in SchoolAccount)})"
    (items,) = await books.read(
        [sql.select("account_id,SUM(amount_fen)", "suspense", wanted, " GROUP BY account_id")]
    )
    named = {account: int(amount) for account, amount in items}
    itemised = {*CLEARING, SchoolAccount.RISK, SchoolAccount.COURTESY}
    for account in itemised - {SchoolAccount.WECHAT_IN_TRANSIT}:
        balance = report.balances.get(int(account), 0)
        if balance + named.get(int(account), 0):
            report.find(
                f"{account.name.lower()} is at {balance} fen, its items name"
                f" {named.get(int(account), 0)}"
            )


async def _follow_lanes(books: Books, report: LedgerReport) -> None:
    columns = "id,opening_heads,opening_hash"
    (lanes,) = await books.read([sql.select(columns, "lane", "id>0", " ORDER BY id")])
    hashes: dict[int, str] = {}
    for lane_id, heads, opening in lanes:
        named = [int(link_id) for link_id in heads.split(".") if link_id]
        missing = [link_id for link_id in named if link_id not in hashes]
        if missing:
            hashes.update(await _read_hashes(books, missing))
        if lane_hash([hashes.get(link_id, "") for link_id in named]) != opening:
            report.find(f"lane {lane_id} does not begin with the heads it was opened on")
        await _follow_lane(books, report, lane_id, opening)


async def _read_hashes(books: Books, link_ids: Sequence[int]) -> dict[int, str]:
    wanted = f"id IN ({sql.numbers(link_ids)})"
    (rows,) = await books.read([sql.select("id,hash", "link", wanted)])
    return {row[0]: row[1] for row in rows}


async def _follow_lane(books: Books, report: LedgerReport, lane_id: int, opening: str) -> None:
    previous, last_link, last_id = opening, lane_id << LANE_BITS, lane_id << LANE_BITS
    high = (lane_id + 1) << LANE_BITS
    columns = "id,after_id,last_id,hash,posted_at"
    while True:
        tail = f" ORDER BY id LIMIT {LINKS_PER_READ}"
        wanted = f"id>{last_link} AND id<{high}"
        (links,) = await books.read([sql.select(columns, "link", wanted, tail)])
        if not links:
            break
        through = links[-1][2]
        rows = await _read_covered(books, last_id, through)
        for link in links:
            link_id, after_id, link_last_id, said, posted_at = link
            if link_id != last_link + 1 or after_id != last_id:
                report.find(f"link {link_id} does not follow link {last_link}")
            inside = _slice(rows, after_id, link_last_id)
            frame = (link_id, after_id, link_last_id, posted_at)
            if link_hash(previous, frame, inside) != said:
                report.find(f"link {link_id} does not cover its rows: something in it was changed")
            previous, last_link, last_id = said, link_id, link_last_id
        report.links += len(links)
    beyond = await _read_covered(books, last_id, high - 1)
    for table, found in beyond.items():
        for row_id, _ in found:
            report.find(f"{table} {row_id} stands behind the last link of lane {lane_id}")


Texts = dict[str, list[tuple[int, str]]]


async def _read_covered(books: Books, after_id: int, through_id: int) -> Texts:
    """The rows of every covered table in an id range, as (id, text as the chain hashes it)."""
    wanted = f"id>{after_id} AND id<={through_id}"
    found = await books.read(
        [sql.select(columns, table, wanted, " ORDER BY id") for table, columns in COVERED.items()]
    )
    return {
        table: [(row[0], _text(table, row)) for row in rows]
        for table, rows in zip(COVERED, found, strict=True)
    }


def _text(table: str, row: Sequence[Any]) -> str:
    values = [int(value) if isinstance(value, bool) else value for value in row]
    if table == "correction":
        reason = COVERED[table].split(",").index("reason")
        values[reason] = Typed(values[reason])
    return sql.row(values)


def _slice(rows: Texts, after_id: int, through_id: int) -> dict[str, list[str]]:
    """The texts of one link's rows; the page is in id order, so none is looked at twice."""
    return {
        table: [
            text
            for _, text in found[
                bisect_right(found, after_id, key=itemgetter(0)) : bisect_right(
                    found, through_id, key=itemgetter(0)
                )
            ]
        ]
        for table, found in rows.items()
    }
