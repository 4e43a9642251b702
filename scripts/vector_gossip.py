"""The datagrams of vectors/gossip.json: what each says, and what becomes of changed ones."""

import dataclasses
from typing import Any

import campus_code as cc
from campus_code.gossip import (
    Gossip,
    OfflineSum,
    Piece,
    Sender,
    Use,
    Want,
    open_gossip,
    seal_gossip,
)

AT = 1_767_225_600
RUN = bytes(range(16))
Case = dict[str, Any]


def gossip_cases(key: cc.EpochKey) -> list[Case]:
    """One datagram of every kind, then changed ones."""
    sender = Sender(17, RUN, 5)
    said = {
        "nothing but where it stands": Gossip(AT, 41, 9, has_joined=True),
        "a step tried": Gossip(AT, 41, 9, facts=(Use("20240013", 1, AT // 15),)),
        "a step and a day paid": Gossip(
            AT,
            41,
            9,
            facts=(
                Use("20240013", 1, AT // 15, has_paid=True),
                Use("57299993", 42, 20260101, has_paid=True, is_for_emergency=True),
            ),
        ),
        "an offline sum": Gossip(AT, 41, 9, facts=(OfflineSum("20240013", 44, 2, 2500),)),
        "a denylist asked for": Gossip(AT, 41, 9, facts=(Want(9),)),
        "a piece of one": Gossip(AT, 41, 9, facts=(Piece(10, 9, 0, 2, b"XMD1"),)),
    }
    raw = {name: seal_gossip(gossip, key, sender) for name, gossip in said.items()}
    good = raw["a step tried"]
    raw |= {
        "another counter": good[:35] + bytes([good[35] ^ 1]) + good[36:],
        "a bit of the seal": good[:-1] + bytes([good[-1] ^ 1]),
        "another epoch": good[:7] + b"\x08" + good[8:],
        "another beginning": b"XMG2" + good[4:],
        "cut": good[:35],
        "too long": good + bytes(1200),
    }
    keyring = cc.Keyring((key,))
    return [
        {"name": name, "at": AT, "datagram": one.hex(), "outcome": gossip_told(one, keyring, AT)}
        for name, one in raw.items()
    ]


def gossip_told(raw: bytes, keyring: cc.Keyring, at: int) -> Case:
    """What a datagram says, or the fault."""
    try:
        sender, gossip = open_gossip(raw, keyring, at)
    except cc.DocumentError as error:
        return {"fault": error.why.value}
    facts = []
    for fact in gossip.facts:
        fields = dataclasses.asdict(fact)
        told = {name: one.hex() if type(one) is bytes else one for name, one in fields.items()}
        facts.append({"fact": type(fact).__name__.lower(), **told})
    return {
        "terminal": sender.terminal_id,
        "run": sender.run.hex(),
        "counter": sender.counter,
        "sent_at": gossip.sent_at,
        "synced_through": gossip.synced_through,
        "denylist_version": gossip.denylist_version,
        "has_joined": gossip.has_joined,
        "facts": facts,
    }
