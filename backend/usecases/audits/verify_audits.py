from __future__ import annotations

from dataclasses import dataclass, field

from backend.domain.sealing import CONTEXT, Head, sealed_text
from backend.tables.seals import Sealed, head_at, read_head, read_sealed, unsealed
from backend.usecases.ports import Vault

SEALS_AT_ONCE = 2_000
FINDINGS_MAX = 100
UNSEALED_SHOWN_MAX = 100
UNSEALED_SECONDS_MAX = 600
"""A line older than this without a seal is a finding: the worker seals within seconds."""


@dataclass(slots=True)
class AuditReport:
    """What one stretch of the chain showed; `findings` is empty when it holds.

    `head` is where the stretch ended, `end` where the chain ends: another stretch goes on from
    `head` until both are the same.
    """

    head: Head
    end: Head
    lines: int = 0
    findings: list[str] = field(default_factory=list)

    def find(self, sentence: str) -> None:
        """Note one thing that does not agree."""
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(sentence)


async def verify_audits(
    vault: Vault, *, after: int, seals_max: int, at: int, known: Head | None = None
) -> AuditReport:
    """Recompute the seals after number `after`, at most so many; changes nothing.

    `known` is an end of the chain that somebody wrote down: it must still stand. The last stretch
    looks for lines without a seal too, in the whole trail.
    """
    end = await read_head()
    head = await head_at(after)
    report = AuditReport(head or Head(), end)
    if head is None:
        report.find(f"seal {after} is gone")
        report.head = end
        return report
    if known is not None:
        await _require_known(known, report)
    while report.lines < seals_max:
        seals = await read_sealed(report.head.number, min(SEALS_AT_ONCE, seals_max - report.lines))
        for seal in seals:
            _follow(vault, seal, report)
        if not seals:
            break
    if report.head.number >= end.number:
        await _find_unsealed(report, at)
    return report


def _follow(vault: Vault, seal: Sealed, report: AuditReport) -> None:
    if seal.number != report.head.number + 1:
        report.find(f"seals {report.head.number + 1} to {seal.number - 1} are gone")
    elif seal.line is None:
        report.find(f"line {seal.audit_id} (seal {seal.number}) was taken away")
    else:
        line = seal.line
        said = {
            "at": line.at,
            "actor": line.actor,
            "verb": line.verb,
            "subject": line.subject,
            "detail": line.detail,
        }
        if vault.keyed_hash(sealed_text(report.head, line.id, said), CONTEXT) != seal.hash:
            report.find(f"line {line.id} (seal {seal.number}) is not what was sealed")
    # from the stored hash: one changed line is one finding, and not all that came after it
    report.head = Head(seal.number, seal.hash)
    report.lines += 1


async def _require_known(known: Head, report: AuditReport) -> None:
    standing = await head_at(known.number)
    if standing != known:
        report.find(f"the chain no longer holds seal {known.number} as it was written down")


async def _find_unsealed(report: AuditReport, at: int) -> None:
    for line in await unsealed(UNSEALED_SHOWN_MAX, everywhere=True):
        if at - line.at.timestamp() > UNSEALED_SECONDS_MAX:
            report.find(f"line {line.id} has no seal")
