"""What goes wrong on purpose: calls, notices, refunds and bills."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

CALL_FAULTS: Final = (
    "system_error",
    "busy",
    "unavailable",
    "hang",
    "slow",
    "garbage",
    "redirect",
    "long",
    "unsigned",
    "wrong_signature",
    "other_key",
    "stale",
    "signed_garbage",
)
"""The last five are done to a right answer."""
NOTICE_FAULTS: Final = (
    "never",
    "late",
    "duplicate",
    "reordered",
    "wrong_signature",
    "other_key",
    "signtest",
    "content",
)
BILL_FAULTS: Final = (
    *("hash", "hash_type", "address", "one_fen", "row_missing", "row_twice", "wrong_sum", "cut"),
    "other_merchant",
)
REFUND_FAULTS: Final = ("abnormal", "closed")
SUMMED: Final = (
    *("应结订单金额", "退款金额", "充值券退款金额", "手续费", "订单金额", "申请退款金额"),
)
SECONDS_MAX: Final = 86_400 * 2
TIMES_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One that is due. What `seconds`, `copies`, `field` and `value` mean is the kind's."""

    kind: str
    seconds: float = 0.0
    copies: int = 1
    field: str = ""
    value: Any = None


class Faults:
    """The switchboard: each planned fault strikes so many times, in the order it was planned."""

    def __init__(self) -> None:
        self._calls: dict[str, deque[Fault]] = {}
        self._queues: dict[str, deque[Fault]] = {
            "notices": deque(),
            "bills": deque(),
            "refunds": deque(),
        }

    def plan(self, wish: Mapping[str, Any]) -> None:
        """`{"what": "notices", "kind": "late", "seconds": 90, "times": 1}`, or `"path"` for calls.

        ValueError says what is wrong with the wish.
        """
        kinds = {"notices": NOTICE_FAULTS, "bills": BILL_FAULTS, "refunds": REFUND_FAULTS}
        what, path, times = wish.get("what", "calls"), wish.get("path"), wish.get("times", 1)
        known = CALL_FAULTS if what == "calls" else kinds.get(what, ())
        if wish.get("kind") not in known:
            raise ValueError(f"kind: one of {', '.join(known) or 'none'}")
        if what == "calls" and not isinstance(path, str):
            raise ValueError("path: the address whose calls go wrong")
        if type(times) is not int or not 0 < times <= TIMES_MAX:
            raise ValueError(f"times: 1 to {TIMES_MAX}")
        seconds = wish.get("seconds", 0.0)
        if not isinstance(seconds, int | float) or not 0 <= seconds <= SECONDS_MAX:
            raise ValueError(f"seconds: 0 to {SECONDS_MAX}")
        copies = wish.get("copies", 2)
        if type(copies) is not int or not 0 < copies <= TIMES_MAX:
            raise ValueError(f"copies: 1 to {TIMES_MAX}")
        fault = Fault(
            str(wish["kind"]), seconds, copies, str(wish.get("field", "")), wish.get("value")
        )
        queue = (
            self._calls.setdefault(str(path), deque()) if what == "calls" else self._queues[what]
        )
        queue.extend([fault] * times)

    def call(self, path: str) -> Fault | None:
        """The fault that is due for this call; a planned address stands for all it begins."""
        for planned, queue in self._calls.items():
            if queue and path.startswith(planned):
                return queue.popleft()
        return None

    def next(self, what: str) -> Fault | None:
        """The fault that is due for the next notice, bill or refund."""
        queue = self._queues[what]
        return queue.popleft() if queue else None


def mended(kind: str) -> Callable[[bytes], bytes]:
    """What a bill's fault makes of its text."""
    return {
        "one_fen": lambda raw: _rewritten(raw, _one_fen_more),
        "row_missing": lambda raw: _rewritten(raw, lambda rows: rows[1:]),
        "row_twice": lambda raw: _rewritten(raw, lambda rows: [rows[0], *rows]),
        "wrong_sum": lambda raw: raw[:-3] + b"7\r\n",
        "cut": lambda raw: raw[: raw.rindex("总交易单数".encode())],
        "other_merchant": lambda raw: raw.replace(b",`19", b",`18"),
    }.get(kind, lambda raw: raw)


def set_field(resource: dict[str, Any], path: str, value: Any) -> None:  # noqa: ANN401 - any JSON
    """Put a value at `amount/total`; None takes the field away."""
    *above, name = path.split("/")
    inner = resource
    for step in above:
        inner = inner[step]
    if value is None:
        inner.pop(name, None)
    else:
        inner[name] = value


def _rewritten(raw: bytes, change: Callable[[list[dict[str, str]]], list[dict[str, str]]]) -> bytes:
    """A trade bill with other rows, and a summary that fits them."""
    lines = raw.decode().split("\r\n")
    names = lines[0].removeprefix("\ufeff").split(",")
    cut = next(at for at, line in enumerate(lines) if line.startswith("总"))
    read = [dict(zip(names, line[1:].split(",`"), strict=True)) for line in lines[1:cut]]
    rows = change(read)
    totals = [str(len(rows))]
    for name in (
        "应结订单金额",
        "退款金额",
        "充值券退款金额",
        "手续费",
        "订单金额",
        "申请退款金额",
    ):
        decimals = 5 if name == "手续费" else 2
        units = sum(int(row[name].replace(".", "")) for row in rows)
        sign, digits = ("-" if units < 0 else ""), str(abs(units)).zfill(decimals + 1)
        totals.append(f"{sign}{digits[:-decimals]}.{digits[-decimals:]}")
    body = [",".join(f"`{cell}" for cell in row.values()) for row in rows]
    ends = [lines[cut], ",".join(f"`{total}" for total in totals), ""]
    return "\r\n".join([lines[0], *body, *ends]).encode()


def _one_fen_more(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The first payment is a fen more than it was."""
    first = next(row for row in rows if row["交易状态"] == "SUCCESS")
    for name in ("应结订单金额", "订单金额"):
        fen = int(first[name].replace(".", "")) + 1
        first[name] = f"{fen // 100}.{fen % 100:02d}"
    return rows
