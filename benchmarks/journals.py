"""Tills' journals as signed sets, and how they go up."""

from __future__ import annotations

import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from benchmarks.bulk import SET_RECORDS
from benchmarks.campus import PRICE_FEN, BenchCampus, Till
from benchmarks.load import run_load
from campus_code import (
    FIRST_HASH,
    Approved,
    CardState,
    Known,
    OfflineKnown,
    RecordKind,
    RecordSet,
    Tally,
    Tap,
    TerminalRecord,
    decide,
    sign_record_set,
)

SYNC_AGE_SECONDS = 600
UPLOAD_PATH = b"/terminal/records"


@dataclass(frozen=True, slots=True)
class Upload:
    """One signed set and the till that sends it."""

    till: Till
    raw: bytes
    records: int


class Journals:
    """The tills' journals: every round goes on where the last one ended, with cards of its own."""

    def __init__(self, campus: BenchCampus) -> None:
        self._campus = campus
        self._ends = {till.terminal_id: (0, FIRST_HASH) for till in campus.tills}
        self._cards = iter(campus.cards)

    def next_round(self, records: int) -> list[Upload]:
        """A round's sets, the tills in turn; a till's own sets in order."""
        since = int(time.time()) - SYNC_AGE_SECONDS
        per_till = records // len(self._campus.tills)
        by_till = [self._of_till(till, since, per_till) for till in self._campus.tills]
        return [upload for together in zip(*by_till, strict=True) for upload in together]

    def _of_till(self, till: Till, since: int, per_till: int) -> list[Upload]:
        uploads = []
        for start in range(0, per_till, SET_RECORDS):
            count = min(SET_RECORDS, per_till - start)
            sequence, previous = self._ends[till.terminal_id]
            records = tuple(
                self._record(sequence + place, next(self._cards), since + start + place)
                for place in range(1, count + 1)
            )
            made = RecordSet(till.terminal_id, previous, records)
            self._ends[till.terminal_id] = (records[-1].sequence, made.last_hash)
            raw = sign_record_set(made, int(time.time()), till.device_key)
            uploads.append(Upload(till, raw, count))
        return uploads

    def _record(self, sequence: int, card: str, at: int) -> TerminalRecord:
        tap = Tap(at, "canteen", 1, CardState.ACTIVE, PRICE_FEN)
        known = Known(Tally(), offline=OfflineKnown(SYNC_AGE_SECONDS))
        verdict = decide(tap, self._campus.rules, known)
        assert isinstance(verdict, Approved), verdict
        return TerminalRecord(
            sequence=sequence,
            kind=RecordKind.PAYMENT,
            credential=self._campus.code(card, at),
            step=at // 15,
            epoch=self._campus.terminal_key.epoch,
            card_number=card,
            issue=1,
            occurred_at=at,
            group_id="canteen",
            class_id=1,
            asked_fen=PRICE_FEN,
            nominal_fen=verdict.nominal_fen,
            discount_fen=verdict.discount_fen,
            fee_fen=verdict.fee_fen,
            charged_fen=verdict.charged_fen,
            period_id=verdict.period_id,
            business_on=verdict.business_on,
            was_online=False,
            has_pin=False,
            reverses=0,
            sync_age_seconds=SYNC_AGE_SECONDS,
            rules_version=1,
            denylist_version=0,
            directory_version=1,
        )


def upload_headers(upload: Upload) -> dict[str, str]:
    """What a signed POST /terminal/records says beside its body."""
    till = upload.till
    mac = hmac.digest(till.key, b"POST\n" + UPLOAD_PATH + b"\n" + upload.raw, "sha256").hex()
    return {"x-terminal": till.token, "x-mac": mac, "content-type": "application/octet-stream"}


def upload_request(upload: Upload) -> bytes:
    """One signed POST /terminal/records, as it goes over the wire."""
    headers = {"host": "x", **upload_headers(upload), "content-length": str(len(upload.raw))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return b"POST %b HTTP/1.1\r\n%b\r\n%b" % (UPLOAD_PATH, lines.encode(), upload.raw)


def require_posted(bodies: Sequence[bytes], records: int) -> None:
    """Every record must have been posted."""
    told = [one for body in bodies for one in orjson.loads(body).get("outcomes", [body])]
    refused = [one for one in told if one.get("outcome") != "posted"]
    assert not refused, refused[:3]
    assert len(told) == records


def upload_over_http(port: int, uploads: Sequence[Upload]) -> float:
    """Send a round, each till on a connection of its own; records per second."""
    by_till: dict[int, list[bytes]] = {}
    for upload in uploads:
        by_till.setdefault(upload.till.terminal_id, []).append(upload_request(upload))
    result = run_load(port, list(by_till.values()))
    records = sum(upload.records for upload in uploads)
    require_posted(result.bodies, records)
    return records / result.seconds
