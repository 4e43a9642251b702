"""The trail: found by filters, taken out as a file, and proven line by line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backend.domain.access import Role
from backend.gateways.vault import FileVault
from backend.tables.audit import note
from backend.tables.sealing import AuditSealRow
from backend.usecases.audits import verify_audits as verifying
from backend.usecases.audits.seal_audits import seal_audits
from scripts import verify_audit
from tests.rig.office import Office
from tests.rig.raw_sql import execute

LINES = 12


async def fill(office: Office) -> dict[str, str]:
    """Make a trail and seal it; the headers of an auditor, whose login is sealed too."""
    auditor = await office.staff(Role.AUDITOR)
    for number in range(LINES):
        await note("staff:9", "cards.freeze", f"card:{number}", office.at, parts=["money"], n=1)
    assert await seal_audits(office.parts.vault) > LINES
    assert await seal_audits(office.parts.vault) == 0
    return auditor


async def proof(office: Office, auditor: dict[str, str], **asked: object) -> dict[str, Any]:
    answer = await office.http.post("/admin/audits/proofs", json=asked, headers=auditor)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def untie(url: str, table: str) -> None:
    """Do what somebody with the whole database can do: take the triggers away first."""
    for verb in ("update", "delete"):
        execute(url, f"DROP TRIGGER {table}_no_{verb}")


def tie(url: str, table: str) -> None:
    """Put them back for the tests that follow."""
    is_mysql = url.startswith("mysql")
    for verb in ("UPDATE", "DELETE"):
        body = (
            f"FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{table} is append-only'"
            if is_mysql
            else f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
        execute(url, f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {body}")


async def test_an_untouched_trail_holds(office: Office) -> None:
    auditor = await fill(office)
    told = await proof(office, auditor)
    assert (told["findings"], told["head"]) == ([], told["end"])
    assert told["lines"] == told["end"]["number"] > LINES


CHANGES = {
    "who": "UPDATE audit SET actor='staff:1' WHERE subject='card:3'",
    "what": "UPDATE audit SET verb='cards.read' WHERE subject='card:3'",
    "whom": "UPDATE audit SET subject='card:99' WHERE subject='card:3'",
    "when": "UPDATE audit SET at='2025-12-31 00:00:00' WHERE subject='card:3'",
    "detail": """UPDATE audit SET detail='{"parts":["money"],"n":2}' WHERE subject='card:3'""",
    "line gone": "DELETE FROM audit WHERE subject='card:3'",
    "two lines change places": (
        "UPDATE audit SET subject=CASE subject WHEN 'card:3' THEN 'card:4' ELSE 'card:3' END"
        " WHERE subject IN ('card:3','card:4')"
    ),
}


@pytest.mark.parametrize("change", list(CHANGES))
async def test_what_was_changed_by_raw_sql_is_found(
    office: Office, migrated_url: str, change: str
) -> None:
    auditor = await fill(office)
    untie(migrated_url, "audit")
    try:
        execute(migrated_url, CHANGES[change])
    finally:
        tie(migrated_url, "audit")
    findings = (await proof(office, auditor))["findings"]
    assert len(findings) == (2 if change == "two lines change places" else 1), findings


async def test_a_seal_cannot_be_taken_away_or_made(office: Office, migrated_url: str) -> None:
    auditor = await fill(office)
    head = (await office.http.get("/admin/audits/head", headers=auditor)).json()
    known = {"known_number": head["number"], "known_hash": head["hash"]}
    assert (await proof(office, auditor, **known))["findings"] == []
    untie(migrated_url, "audit_seal")
    try:
        execute(migrated_url, "DELETE FROM audit_seal WHERE number=4")
        assert len((await proof(office, auditor))["findings"]) >= 1
        execute(migrated_url, f"DELETE FROM audit_seal WHERE number={head['number']}")
    finally:
        tie(migrated_url, "audit_seal")
    findings = (await proof(office, auditor, **known))["findings"]
    assert any("written down" in finding for finding in findings)


async def test_a_line_that_nobody_sealed_is_found(office: Office) -> None:
    auditor = await fill(office)
    await note("staff:9", "cards.freeze", "card:77", office.at)
    assert (await proof(office, auditor))["findings"] == []  # the worker seals within seconds
    office.clock.now += verifying.UNSEALED_SECONDS_MAX + 1
    (finding,) = (await proof(office, auditor))["findings"]
    assert "has no seal" in finding


async def test_stretches_prove_the_same_as_the_whole(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor = await fill(office)
    monkeypatch.setattr("backend.api.admin.audits.SEALS_A_STEP", 5)
    after, lines = 0, 0
    while True:
        told = await proof(office, auditor, after=after)
        lines += told["lines"]
        after = told["head"]["number"]
        if after == told["end"]["number"]:
            break
    assert lines == after > LINES


async def test_the_script_says_the_same(office: Office, migrated_url: str) -> None:
    await fill(office)
    keys = Path(office.parts.config.key_file)
    report = await verify_audit_here(keys)
    assert report.findings == []
    wrong = verify_audit.head_of(f"1:{'0' * 64}")
    report = await verifying.verify_audits(
        office.parts.vault, after=0, seals_max=1_000, at=office.at, known=wrong
    )
    assert len(report.findings) == 1


async def verify_audit_here(keys: Path) -> verifying.AuditReport:
    """What the script does once the database is open, with the keys of the file."""
    vault = FileVault(keys)
    return await verifying.verify_audits(vault, after=0, seals_max=1_000, at=0)


async def test_seals_are_keyed(office: Office, tmp_path: Path) -> None:
    await fill(office)
    other = FileVault.make(tmp_path / "other.keys")
    report = await verifying.verify_audits(other, after=0, seals_max=1_000, at=office.at)
    assert len(report.findings) == await AuditSealRow.all().count()


async def test_the_trail_is_found_by_filters_and_pages(office: Office) -> None:
    auditor = await fill(office)
    path = "/admin/audits?actor=staff:9&verb=cards&limit=5"
    first = (await office.http.get(path, headers=auditor)).json()
    assert [one["subject"] for one in first["audits"]] == [f"card:{n}" for n in range(11, 6, -1)]
    second = await office.http.get(f"{path}&after={first['next']}", headers=auditor)
    assert second.json()["audits"][0]["subject"] == "card:6"
    for query, count in (
        ("subject=card:3", 1),
        ("verb=cards.freeze&limit=200", LINES),
        ("verb=cards.thaw", 0),
        (f"since={office.at + 1}", 0),
        (f"until={office.at - 86_400}", 0),
    ):
        told = (await office.http.get(f"/admin/audits?{query}", headers=auditor)).json()
        assert len(told["audits"]) == count, query
    file = await office.http.get("/admin/audits/export?verb=cards&format=csv", headers=auditor)
    assert file.status_code == 200
    assert file.text.count("cards.freeze") == LINES
