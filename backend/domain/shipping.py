"""What WeChat's order management is told of a top-up, and what its numbers mean.

A mini-program that sells has to say that what was paid was delivered; a top-up is delivered by
being credited. WeChat takes one report for an order, and one correction of it for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from backend.domain.bill_text import BEIJING

BY_TRANSACTION: Final = 2
"""The order is named by WeChat Pay's own number."""
VIRTUAL: Final = 3
"""Nothing is carried anywhere."""
AT_ONCE: Final = 1
DESCRIPTION: Final = "校园卡充值"
DESCRIPTION_LENGTH_MAX: Final = 120
SHIPPED_FROM: Final = 2
"""The state of an order at WeChat from which on it counts as delivered."""
TOLD_ALREADY: Final = frozenset({10060002, 10060003, 10060023})
"""Delivered, corrected before, the same again: there is nothing left to tell."""
NOT_THERE_YET: Final = frozenset({10060001, 10060012, 10060019})
"""Its order management learns of a payment later than WeChat Pay does; or it is busy."""
FIRST_WAIT_SECONDS: Final = 60
LONGEST_WAIT_SECONDS: Final = 6 * 3_600


@dataclass(frozen=True, slots=True)
class Shipment:
    """One paid top-up, credited at a Unix time; `openid` is who paid."""

    transaction_id: str
    openid: str
    credited_at: int

    def body(self) -> dict[str, object]:
        """The report. The time is RFC 3339 with milliseconds."""
        at = datetime.fromtimestamp(self.credited_at, BEIJING)
        return {
            "order_key": {
                "order_number_type": BY_TRANSACTION,
                "transaction_id": self.transaction_id,
            },
            "logistics_type": VIRTUAL,
            "delivery_mode": AT_ONCE,
            "shipping_list": [{"item_desc": DESCRIPTION}],
            "upload_time": at.isoformat(timespec="milliseconds"),
            "payer": {"openid": self.openid},
        }


def wait_seconds(tries: int) -> int:
    """How long until it is told again, after so many tries."""
    return min(FIRST_WAIT_SECONDS << min(tries, 12), LONGEST_WAIT_SECONDS)
