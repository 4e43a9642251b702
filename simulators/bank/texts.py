"""Wires 2 and 3: fixed columns with a digest, and XML with a MAC, read and packed by hand."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from typing import Final
from xml.sax.saxutils import escape, unescape

from simulators.bank.books import Books
from simulators.bank.pos import NoMessageError

SHARED: Final = b"a key that this simulator shares"
HEAD: Final = (
    ("business", 6), ("agent", 6), ("sent", 14), ("result", 4), ("reference", 20), ("digest", 32),
)  # fmt: skip
PERSON: Final = (("account", 21), ("card", 16), ("name", 64))
BODIES: Final = {
    "110100": (*PERSON, ("id_number", 18)),
    "110200": (("account", 21), ("card", 16)),
    "310100": (("account", 21), ("card", 16)),
    "210100": (*PERSON, ("amount", 15)),
    "220100": (*PERSON, ("amount", 15)),
    "290100": (("account", 21), ("card", 16), ("amount", 15), ("original", 20)),
    "390100": (("original", 20),),
    "900100": (),
}
MOVED: Final = (("account", 21), ("amount", 15), ("bank_reference", 14), ("day", 8))
ANSWERS: Final = {
    "110100": (("card", 16),), "110200": (("card", 16),),
    "310100": (("account", 21), ("amount", 15)),
    "210100": MOVED, "220100": MOVED, "290100": MOVED, "390100": MOVED, "900100": (),
}  # fmt: skip
FIXED_CODES: Final = {
    "ok": "0000", "seal": "0005", "unknown": "0009", "other_person": "1010",
    "bound_elsewhere": "1020", "not_bound": "1030", "poor": "5001", "no_account": "5010",
    "lost": "5014", "none": "5020", "limit": "5061", "other_amount": "5064", "cut_over": "5090",
    "duplicate": "5094", "undecided": "9000",
}  # fmt: skip
XML_CODES: Final = {
    "ok": "00", "unknown": "12", "no_account": "14", "none": "25", "lost": "41", "poor": "51",
    "other_person": "56", "not_bound": "57", "bound_elsewhere": "57", "limit": "61",
    "other_amount": "64", "undecided": "68", "cut_over": "90", "duplicate": "94", "seal": "A0",
}  # fmt: skip
MONEY_LEFT: Final = frozenset({"amount"})
_ELEMENT: Final = re.compile(r"<([A-Z]+)>([^<]*)</\1>")


class Columns:
    """The front of the books for agents who send fixed columns."""

    def __init__(self, books: Books, today: Callable[[], str]) -> None:
        """`today` is the accounting day, YYYYMMDD."""
        self._books, self._today = books, today

    def kind_of(self, raw: bytes) -> str:
        """What an ask is about, for the plan of faults."""
        return {b"210100": "load", b"290100": "undo", b"390100": "query"}.get(raw[:6], "other")

    def answer(self, raw: bytes, fault: str) -> bytes:
        """What the bank says. NoMessageError: nothing."""
        width = sum(size for _, size in HEAD)
        head, body = _cells(HEAD, raw[:width]), raw[width:]
        business = head["business"]
        if business not in BODIES or len(body) != sum(size for _, size in BODIES[business]):
            raise NoMessageError
        self._books.asked[business] += 1
        asked = _cells(BODIES[business], body)
        said = {"account": asked.get("account", ""), "amount": asked.get("amount", "")}
        said |= {"card": asked.get("card", ""), "day": self._today(), "bank_reference": ""}
        if head["digest"] != _md5(body):
            word = "seal"
        elif fault in {"undecided", "cut_over"} and business == "210100":
            word = fault
        else:
            word, said["bank_reference"] = self._done(business, head, asked, said)
            word = "undecided" if fault == "undecided_and_moved" else word
        said = _turned(said, fault, "account", "amount")
        answer = b"".join(
            _cell(said[name], size, is_right=name in MONEY_LEFT) for name, size in ANSWERS[business]
        )
        reference = head["reference"]
        if fault == "other_trace":
            reference = reference[:-1] + str((int(reference[-1]) + 1) % 10)
        cells = (business, head["agent"], head["sent"], FIXED_CODES[word], reference, _md5(answer))
        made = b"".join(_cell(one, size) for one, (_, size) in zip(cells, HEAD, strict=True))
        return made + answer

    def _done(
        self, business: str, head: dict[str, str], asked: dict[str, str], said: dict[str, str]
    ) -> tuple[str, str]:
        books, key = self._books, (head["agent"], head["reference"])
        account, card = asked.get("account", ""), asked.get("card", "")
        if business == "110100":
            return books.bind(account, card, asked["name"], asked["id_number"]), ""
        if business == "110200":
            return books.unbind(account, card), ""
        if business == "310100":
            found = books.accounts.get(account)
            said["amount"] = str(found.balance_fen) if found else ""
            return ("ok" if found else "no_account"), ""
        if business == "900100":
            return "ok", ""
        original = (head["agent"], asked.get("original", ""))
        if business == "390100":
            word, reference = books.stands(original)
            move = books.moves.get(original)
            said |= {"account": move.account, "amount": str(move.fen)} if move else {}
            return word, reference
        fen = int(asked["amount"])
        if business == "290100":
            return books.undo(original, account, fen)
        move_money = books.take if business == "210100" else books.give
        return move_money(key, account, card, fen, self._today())


class Documents:
    """The front of the books for agents who send XML."""

    def __init__(self, books: Books, today: Callable[[], str]) -> None:
        """`today` is the accounting day, YYYYMMDD."""
        self._books, self._today = books, today

    def kind_of(self, raw: bytes) -> str:
        """What an ask is about, for the plan of faults."""
        kinds = {b"LOAD": "load", b"CONFIRM": "undo", b"QUERY": "query"}
        found = re.search(rb"<TXCODE>([A-Z]+)</TXCODE>", raw)
        return kinds.get(found[1] if found else b"", "other")

    def answer(self, raw: bytes, fault: str) -> bytes:
        """What the bank says. NoMessageError: nothing."""
        text = raw.decode("gb18030", "replace")
        if "<REQUEST>" not in text:
            raise NoMessageError
        asked = {name: unescape(value) for name, value in _ELEMENT.findall(text)}
        said = {name: value for name, value in asked.items() if name != "MAC"}
        code = asked.get("TXCODE", "")
        self._books.asked[code] += 1
        said |= {"BANKREF": "", "SETTLED": self._today()}
        if asked.get("MAC", "") != _hmac(asked):
            word = "seal"
        elif fault in {"undecided", "cut_over"} and code == "LOAD":
            word = fault
        else:
            word, said["BANKREF"] = self._done(code, asked)
            word = "undecided" if fault == "undecided_and_moved" else word
        said = _turned(said, fault, "ACCTNO", "AMOUNT")
        if fault == "other_trace":
            said["TRACE"] = f"{int(said['TRACE']) + 1:06d}"
        said["RESCODE"] = XML_CODES[word]
        said["MAC"] = _hmac(said)
        inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in said.items())
        return f"<RESPONSE>{inner}</RESPONSE>".encode("gb18030")

    def _done(self, code: str, asked: dict[str, str]) -> tuple[str, str]:
        books = self._books
        key = (asked["TERMID"], asked["WORKDATE"], asked["TRACE"])
        account, card = asked.get("ACCTNO", ""), asked.get("CARDNO", "")
        if code == "LOAD":
            return books.take(key, account, card, int(asked["AMOUNT"]), self._today())
        if code == "QUERY":
            return books.stands(key)
        if code == "CONFIRM":  # 01: it did not reach the card, so the money goes back
            if asked.get("WRITTEN") == "00":
                return books.stands(key)
            return books.undo(key, account, int(asked["AMOUNT"]))
        if code == "BIND":
            return books.bind(account, card, asked["NAME"], asked["IDNO"]), ""
        if code == "UNBIND":
            return books.unbind(account, card), ""
        return ("ok" if code == "ECHO" else "unknown"), ""


def _turned(said: dict[str, str], fault: str, account: str, amount: str) -> dict[str, str]:
    """The answer to another ask than this one."""
    if fault == "other_amount" and said.get(amount, "").isdigit():
        return said | {amount: str(int(said[amount]) + 1)}
    if fault == "other_account" and said.get(account):
        last = str((int(said[account][-1]) + 1) % 10)
        return said | {account: said[account][:-1] + last}
    return said


def _cells(layout: Sequence[tuple[str, int]], raw: bytes) -> dict[str, str]:
    found, at = {}, 0
    for name, size in layout:
        found[name], at = raw[at : at + size].decode("gb18030", "replace").strip(), at + size
    return found


def _cell(text: str, size: int, *, is_right: bool = False) -> bytes:
    raw = text.encode("gb18030")
    return raw.rjust(size) if is_right else raw.ljust(size)


def _md5(body: bytes) -> str:
    return hashlib.md5(body + SHARED).hexdigest().upper()  # noqa: S324 - such banks' own way


def _hmac(fields: dict[str, str]) -> str:
    text = "".join(value for name, value in fields.items() if name != "MAC")
    return hmac.new(SHARED, text.encode("gb18030"), "sha256").hexdigest().upper()
