from __future__ import annotations

from tortoise.exceptions import IntegrityError

from backend.domain.sealing import CONTEXT, Head, sealed_text
from backend.tables.database import transaction
from backend.tables.sealing import AuditSealRow
from backend.tables.seals import read_head, unsealed
from backend.usecases.ports import Vault

LINES_AT_ONCE = 500
STEPS_MAX = 20
"""Sets of one run: the other jobs of the worker wait for it."""


async def seal_audits(vault: Vault) -> int:
    """Seal what the trail has gained; how many lines. Two at once seal nothing twice."""
    sealed = 0
    for _ in range(STEPS_MAX):
        made = await _seal(vault)
        sealed += made
        if made < LINES_AT_ONCE:
            break
    return sealed


async def _seal(vault: Vault) -> int:
    try:
        async with transaction():
            head = await read_head()
            rows = []
            for line in await unsealed(LINES_AT_ONCE):
                text = sealed_text(
                    head,
                    line.id,
                    {
                        "at": line.at,
                        "actor": line.actor,
                        "verb": line.verb,
                        "subject": line.subject,
                        "detail": line.detail,
                    },
                )
                head = Head(head.number + 1, vault.keyed_hash(text, CONTEXT))
                rows.append(AuditSealRow(number=head.number, audit_id=line.id, hash=head.hash))
            await AuditSealRow.bulk_create(rows)
    except IntegrityError:  # another worker sealed the same lines
        return 0
    return len(rows)
