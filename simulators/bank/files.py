"""The bank's file of a day in each wire's form, true, or with something wrong planted in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from simulators.bank.books import Books, Move

AGENT: Final = "300001"
MERCHANT: Final = "900000000000001"
SECOND_PART: Final = {"pos": 6, "columns": 20, "xml": 8}
"""How long the second part of a key is: batch, reference, day. So each wire knows its own."""


def name_of(wire: str, day: str) -> str:
    """What the file of a day (YYYYMMDD) is called."""
    names = {
        "pos": f"UP_{MERCHANT}_{day}.txt",
        "columns": f"DZ_{AGENT}_{day}.txt",
        "xml": f"XM_{day}.txt",
    }
    return names[wire]


def file_of(books: Books, wire: str, day: str, planted: str = "") -> bytes:
    """What was moved and not undone, one line each; `planted` names what is wrong with it.

    Raises ValueError: nothing of that name can be planted.
    """
    moves = [one for one in books.kept(day) if len(one.key[1]) == SECOND_PART[wire]]
    rows = [_row(wire, one) for one in moves]
    fen = sum(one.fen for one in moves)
    if planted:
        rows, fen = _planted(planted)(rows, fen)
    head = f"{len(rows)}|{fen}"
    raw = "".join(f"{row}\r\n" for row in (head, *rows)).encode("gb18030")
    return raw[: len(raw) // 2] if planted == "cut_off" else raw


def _row(wire: str, move: Move) -> str:
    key, money = move.key, f"{move.account}|{move.fen}|{move.kind}"
    at = f"{move.day}120000"
    if wire == "pos":
        return f"{key[0]}|{move.day}|{key[1]}|{key[2]}|{move.reference}|{money}"
    if wire == "xml":
        return f"{key[0]}|{key[1]}|{key[2]}|{move.reference}|{money}"
    return f"{move.reference}|{key[1]}|{at}|{move.account}|{move.card}|{move.fen}|{move.kind}"


Rows = tuple[list[str], int]
PLANTS: Final[dict[str, Callable[[list[str], int], Rows]]] = {
    "wrong_sum": lambda rows, fen: (rows, fen + 1),
    "doubled_line": lambda rows, fen: ([*rows, rows[0]], fen + int(rows[0].split("|")[-2])),
    "missing_line": lambda rows, fen: (rows[1:], fen - int(rows[0].split("|")[-2])),
    "changed_fen": lambda rows, fen: ([_more(rows[0]), *rows[1:]], fen + 1),
    "cut_off": lambda rows, fen: (rows, fen),
}
"""What can be planted. Missing line and changed fen leave a file that is true to itself."""


def _planted(name: str) -> Callable[[list[str], int], Rows]:
    if name not in PLANTS:
        raise ValueError(f"planted: one of {', '.join(PLANTS)}")
    return PLANTS[name]


def _more(row: str) -> str:
    cells = row.split("|")
    return "|".join([*cells[:-2], str(int(cells[-2]) + 1), cells[-1]])
