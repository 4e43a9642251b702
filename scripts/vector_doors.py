"""The cases of vectors/doors.json (taps at doors) and of door_lists.json (what doors hold)."""

import struct
from typing import Any

import campus_code as cc

Case = dict[str, Any]
NOON = 1_767_240_000  # Thursday 2026-01-01 12:00 in Shanghai
DAY = 86_400
MINUTE = 60
FIRST, SECOND, THIRD = "20240013", "57299993", "99999992"
LIBRARY, DORMITORY, LABORATORY = 1, 2, 3
WEEKDAYS = (1, 2, 3, 4, 5)
ALWAYS = (0, 1, 2, 3, 4, 5, 6, 7)


def door_rules() -> cc.DoorRules:
    """A library, a dormitory by grant, and a laboratory; 1 January is a holiday."""
    return cc.DoorRules(
        utc_offset_seconds=8 * 3600,
        calendar={20260101: 0, 20260104: 5},
        zones={
            LIBRARY: cc.Zone(
                "图书馆",
                "Library",
                (
                    cc.Opening((1, 2), False, WEEKDAYS, 8 * 60, 22 * 60),
                    cc.Opening((2,), False, ALWAYS, 0, 1440),
                    cc.Opening((1,), False, (0, 6, 7), 10 * 60, 12 * 60 + 1),
                ),
                lockdown_classes=(2,),
                takes_emergency_codes=True,
            ),
            DORMITORY: cc.Zone("七号宿舍", "Dormitory 7", (cc.Opening((), True, ALWAYS, 0, 1440),)),
            LABORATORY: cc.Zone(
                "实验室", "Laboratory", (cc.Opening((2,), True, WEEKDAYS, 480, 1080),)
            ),
        },
        doors={
            17: cc.Door(LIBRARY, "safe", passback="hard", passback_seconds=3600),
            18: cc.Door(DORMITORY, "safe", passback="soft", sync_age_seconds_max=7 * DAY),
            19: cc.Door(LABORATORY, "secure", unlock_seconds=3),
        },
    )


def door_cases() -> list[Case]:
    """Taps at doors, each with what is known there, and the verdict under the file's rules."""
    staff, dormitory = {"class_id": 2}, {"terminal_id": 18}
    granted = {"grants": {"2": 0}}
    laboratory = {"terminal_id": 19, "at": NOON + DAY}
    asked: list[tuple[str, Case, Case]] = [
        ("inside its hours", {"at": NOON + DAY}, {}),
        ("a terminal that is no door", {"terminal_id": 20}, {}),
        ("on a holiday, the last minute", {}, {}),
        ("on a holiday, a minute later", {"at": NOON + MINUTE}, {}),
        ("a minute too early", {"at": NOON + DAY - 4 * 3600 - MINUTE}, {}),
        ("the first second", {"at": NOON + DAY - 4 * 3600}, {}),
        ("the last second", {"at": NOON + DAY + 10 * 3600 - 1}, {}),
        ("closed again", {"at": NOON + DAY + 10 * 3600}, {}),
        ("a Sunday that is worked as a Friday", {"at": NOON + 3 * DAY + 3600}, {}),
        ("an ordinary Saturday in the afternoon", {"at": NOON + 2 * DAY + 3600}, {}),
        ("staff at night", staff | {"at": NOON + 11 * 3600}, {}),
        ("a class no opening names", {"class_id": 3}, {}),
        ("no grant", dormitory, {}),
        ("a grant without end", dormitory | granted, {}),
        ("a grant's last second", dormitory | {"grants": {"2": NOON + 1}}, {}),
        ("a grant that has ended", dormitory | {"grants": {"2": NOON}}, {}),
        ("a grant of another zone", dormitory | {"grants": {"1": 0}}, {}),
        ("a grant is no class", {"class_id": 3, "grants": {"1": 0}}, {}),
        ("class or grant: the grant", laboratory | {"grants": {"3": 0}}, {}),
        ("class or grant: the class", laboratory | staff, {}),
        ("class or grant: neither", laboratory, {}),
        ("money frozen is nothing to a door", {"card_state": "frozen"}, {}),
        ("doors frozen", {"is_frozen": True}, {}),
        ("doors frozen, a grant", dormitory | granted | {"is_frozen": True}, {}),
        ("lost", {"card_state": "lost"}, {}),
        ("closed", {"card_state": "closed"}, {}),
        ("unknown", {"card_state": "unknown"}, {}),
        ("lost, leaving", {"card_state": "lost", "side": "out"}, {}),
        ("an emergency code", {"credential": "emergency"}, {}),
        ("an emergency code elsewhere", dormitory | granted | {"credential": "emergency"}, {}),
        ("in again", {}, {"last_side": "in", "last_at": NOON - 3599}),
        ("in again after the time", {}, {"last_side": "in", "last_at": NOON - 3600}),
        ("in after out", {}, {"last_side": "out", "last_at": NOON - 1}),
        ("in again, the clock set back", {}, {"last_side": "in", "last_at": NOON + 99_999}),
        ("in again, soft", dormitory | granted, {"last_side": "in", "last_at": 0}),
        ("in again, off", laboratory | staff, {"last_side": "in", "last_at": NOON + DAY}),
        ("out again is let out", {"side": "out"}, {"last_side": "out", "last_at": NOON}),
        ("out at night", {"side": "out", "at": NOON + 15 * 3600}, {}),
        ("out with doors frozen", {"side": "out", "is_frozen": True}, {}),
        ("out during a lockdown", {"side": "out"}, {"is_locked_down": True}),
        ("in during a lockdown", {}, {"is_locked_down": True}),
        ("a lockdown's own class", staff, {"is_locked_down": True}),
        ("heard of the server a week ago", dormitory | granted, {"sync_age_seconds": 7 * DAY}),
        ("a second longer", dormitory | granted, {"sync_age_seconds": 7 * DAY + 1}),
        ("no bound on its age", {}, {"sync_age_seconds": 99 * DAY}),
        ("synced in the future", {}, {"sync_age_seconds": -1}),
    ]
    return [_door_case(name, tap, known) for name, tap, known in asked]


def _door_case(name: str, changes: Case, known: Case) -> Case:
    tap = {
        "at": NOON, "terminal_id": 17, "side": "in", "class_id": 1, "card_state": "active",
        "credential": "code", "is_frozen": False, "grants": {}, **changes,
    }  # fmt: skip
    known = {
        "sync_age_seconds": 60, "is_locked_down": False, "last_side": None, "last_at": None, **known
    }  # fmt: skip
    return {
        "name": name,
        "tap": tap,
        "known": known,
        "verdict": door_verdict(tap, known, door_rules()),
    }


def door_verdict(tap: Case, known: Case, rules: cc.DoorRules) -> Case:
    """The verdict on a tap told in JSON, in JSON."""
    grants = {int(zone): until for zone, until in tap["grants"].items()}
    last = None if known["last_side"] is None else cc.Passage(known["last_side"], known["last_at"])
    verdict = cc.decide_door(
        cc.DoorTap(
            at=tap["at"],
            terminal_id=tap["terminal_id"],
            side=tap["side"],
            class_id=tap["class_id"],
            card_state=cc.CardState[tap["card_state"].upper()],
            card=cc.DoorCard(tap["is_frozen"], grants),
            credential=cc.CredentialKind(tap["credential"]),
        ),
        rules,
        cc.DoorKnown(known["sync_age_seconds"], known["is_locked_down"], last),
    )
    if isinstance(verdict, cc.Declined):
        return {"result": verdict.reason.value, **verdict.evidence}
    return {
        "result": "admitted",
        "zone": verdict.zone,
        "unlock_seconds": verdict.unlock_seconds,
        "is_passback": verdict.is_passback,
    }


def door_list_cases() -> list[Case]:
    """Payloads, applied to an empty doors list of version 4: what it holds then, or why not."""
    rules = door_rules()
    granted = cc.DoorCard(grants={DORMITORY: 0, LABORATORY: NOON})
    both = cc.DoorCard(is_frozen=True, grants={DORMITORY: 0})
    full = cc.pack_doors(rules, [(SECOND, granted), (FIRST, cc.DoorCard(True)), (THIRD, both)])
    written = cc.door_rules_to_json(rules)
    cards = full[12 + len(written) :]
    payloads = {
        "three cards": full,
        "nobody": cc.pack_doors(rules, []),
        "no zones yet": cc.pack_doors(cc.DoorRules(), []),
        "changes": cc.pack_doors(None, [(FIRST, cc.DoorCard()), (SECOND, both)], 4),
        "changes with new rules": cc.pack_doors(rules, [], 4),
        "changes since another version": cc.pack_doors(None, [(FIRST, both)], 3),
        "empty": b"",
        "a head alone": full[:12],
        "one byte less": full[:-1],
        "one byte more": full + b"\0",
        "a whole list without rules": struct.pack(">QI", 0, 0) + cards,
        "an ordinary card in a whole list": cc.pack_doors(rules, [])[:-4]
        + struct.pack(">IIBB", 1, int(FIRST), 0, 0),
        "an unknown flag": full.replace(
            struct.pack(">IBB", int(FIRST), 1, 0), struct.pack(">IBB", int(FIRST), 3, 0)
        ),
        "a grant of zone 0": full.replace(
            struct.pack(">HI", DORMITORY, 0), struct.pack(">HI", 0, 0)
        ),
        "grants the other way round": full.replace(
            struct.pack(">HIHI", DORMITORY, 0, LABORATORY, NOON),
            struct.pack(">HIHI", LABORATORY, NOON, DORMITORY, 0),
        ),
        "a grant twice": full.replace(
            struct.pack(">HI", LABORATORY, NOON), struct.pack(">HI", DORMITORY, 0)
        ),
        "a card number over eight digits": full.replace(
            struct.pack(">I", int(THIRD)), struct.pack(">I", 10**8)
        ),
        "a wrong Damm digit": full.replace(
            struct.pack(">I", int(THIRD)), struct.pack(">I", int(THIRD) + 1)
        ),
        "a card twice": full.replace(
            struct.pack(">I", int(SECOND)), struct.pack(">I", int(FIRST))
        ),
        "more cards than there may be": full[: 12 + len(written)]
        + struct.pack(">I", 100_001)
        + cards[4:],
        "rules with white space": struct.pack(">QI", 0, len(written) + 1)
        + written.replace(b":", b": ", 1)
        + cards,
        "a door into no zone": _with_rules(written.replace(b'"zone":3', b'"zone":4'), cards),
        "a day that is none": _with_rules(written.replace(b"20260104", b"20260230"), cards),
        "an opening over midnight": _with_rules(
            written.replace(b'"ends_minute":1080', b'"ends_minute":1441'), cards
        ),
        "an opening for nobody": _with_rules(
            written.replace(b'"is_for_granted":true', b'"is_for_granted":false'), cards
        ),
        "a door that fails another way": _with_rules(
            written.replace(b'"secure"', b'"open"'), cards
        ),
    }  # fmt: skip
    return [_payload_case(name, payload) for name, payload in payloads.items()]


def _with_rules(written: bytes, cards: bytes) -> bytes:
    return struct.pack(">QI", 0, len(written)) + written + cards


def _payload_case(name: str, payload: bytes) -> Case:
    held: Case | None = None
    try:
        held = told_doors(cc.DoorList(4).apply(payload, 5))
        result = "ok"
    except cc.DocumentError as error:
        result = error.why.value
    return {"name": name, "payload": payload.hex(), "result": result, "held": held}


def told_doors(doors: cc.DoorList) -> Case:
    """A doors list in JSON; rules null where there are none yet."""
    rules = None if doors.rules is None else cc.door_rules_to_json(doors.rules).decode()
    cards = [
        {
            "card_number": number,
            "is_frozen": card.is_frozen,
            "grants": {str(zone): until for zone, until in sorted(card.grants.items())},
        }
        for number, card in doors
    ]
    return {"rules": rules, "cards": cards}


def door_event_cases(code: str, at: int) -> list[Case]:
    """Door events in their bytes, good and refused, and the chain through the good ones."""
    kinds = cc.DoorEventKind
    admitted = cc.DoorEvent(
        1, kinds.ADMITTED, at, "", LIBRARY, "in", code, FIRST, 1, at // 15, False, 60, 5, 4, 6
    )
    refused = cc.DoorEvent(
        2, kinds.REFUSED, at + 1, "passback", LIBRARY, "in", code, FIRST, 1, at // 15, False, 61
    )
    bare = cc.DoorEvent(3, kinds.EMERGENCY_BEGAN, at + 2, "contact")
    cases: list[Case] = []
    before = cc.FIRST_HASH
    for event in (admitted, refused, bare):
        after = cc.chain_hash(before, event.to_bytes())
        told = {"hash_before": before.hex(), "hash": after.hex(), "is_right": True}
        cases.append({"name": event.kind.value, "bytes": event.to_bytes().decode(), **told})
        before = after
    text = admitted.to_bytes().decode()
    wrong = {
        "white space": text.replace(",", ", ", 1),
        "another layout": text.replace("[1,", "[2,", 1),
        "a field less": text[:-3] + "]",
        "an unknown kind": text.replace('"admitted"', '"opened"'),
        "an admission with a reason": text.replace(f'{at},""', f'{at},"lost"'),
        "a word that is no refusal": refused.to_bytes().decode().replace("passback", "tailgate"),
        "a third side": text.replace('"in"', '"up"'),
        "a code of 33 digits": text.replace(code, code[:-1]),
        "a wrong Damm digit": text.replace(f'"{FIRST}"', '"20240014"'),
        "a number for a boolean": text.replace("false", "0"),
        "a refusal that is a passage": refused.to_bytes().decode().replace("false", "true"),
        "a cause that is none": bare.to_bytes().decode().replace("contact", "network"),
        "an event of the door that names a card": bare.to_bytes()
        .decode()
        .replace('"","","",', f'"","","{FIRST}",'),
    }
    return cases + [
        {"name": name, "bytes": one, "hash_before": "", "hash": "", "is_right": False}
        for name, one in wrong.items()
    ]
