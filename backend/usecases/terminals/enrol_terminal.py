"""A device enrols itself with a one-time token and its two public keys."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from backend.domain.errors import ConflictError, InvalidInputError, NotFoundError
from backend.domain.terminal import revoked
from backend.domain.times import utc
from backend.domain.tokens import token_hash
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.merchant import MerchantRow
from backend.tables.terminal import EnrolmentRow, TerminalRow, TerminalSessionRow


@dataclass(frozen=True, slots=True)
class Device:
    """What a device says of itself; the keys are raw public halves of 32 bytes."""

    signing_key: bytes
    sealing_key: bytes
    model: str
    software: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The terminal it has become, and where the journal of that number stands."""

    terminal_id: int
    name: str
    merchant: str
    group_id: str
    confirmed_through: int
    last_hash: str


async def enrol_terminal(token: str, device: Device, at: float) -> Enrolled:
    """Use the token up. The same device asking again, its answer lost, gets the first answer.

    Raises:
        NotFoundError: no such token, or it has expired.
        ConflictError: another device has used it, or these keys belong to another terminal.
        ForbiddenError: `terminal_revoked`, for new keys of a terminal that was revoked meanwhile.
        InvalidInputError: a key nothing can be sealed to.

    """
    _require_sealable(device.sealing_key)
    misused: EnrolmentRow | None = None
    async with transaction():
        row = await EnrolmentRow.select_for_update().get_or_none(token_hash=token_hash(token))
        if row is None:
            raise NotFoundError(
                "unknown_enrolment", zh="没有这个登记码。", en="There is no such enrolment token."
            )
        if row.used_at is not None:
            terminal = await TerminalRow.get(id=row.terminal_id)
            if _is_same(terminal, device):
                return await _answer(terminal)
            misused = row
        elif row.expires_at <= utc(at):
            raise NotFoundError(
                "enrolment_expired", zh="登记码已过期。", en="The enrolment token has expired."
            )
        else:
            return await _record(row, device, at)
    # outside the transaction: the attempt is refused, its trace stays
    await note("device", "terminals.enrol_refused", f"enrolment:{misused.id}", int(at))
    raise ConflictError(
        "enrolment_used",
        zh="登记码已被使用。",
        en="The enrolment token was used by another device.",
    )


async def _record(row: EnrolmentRow, device: Device, at: float) -> Enrolled:
    signing_key, sealing_key = device.signing_key.hex(), device.sealing_key.hex()
    if await TerminalRow.exists(signing_key=signing_key):
        raise ConflictError(
            "key_in_use", zh="该密钥已属于另一台终端。", en="This key belongs to another terminal."
        )
    if row.terminal_id is None:
        terminal = await TerminalRow.create(
            name=row.name,
            merchant_id=row.merchant_id,
            group_id=row.group_id,
            signing_key=signing_key,
            sealing_key=sealing_key,
            enrolled_at=utc(at),
            software=device.software,
        )
    else:
        terminal = await TerminalRow.select_for_update().get(id=row.terminal_id)
        if terminal.revoked_at is not None:
            raise revoked()
        terminal.signing_key, terminal.sealing_key = signing_key, sealing_key
        terminal.keyring_version = 0
        await terminal.save(update_fields=["signing_key", "sealing_key", "keyring_version"])
        # whoever holds the old keys is out from now on
        await TerminalSessionRow.filter(terminal_id=terminal.id, ended_at=None).update(
            ended_at=utc(at)
        )
    row.used_at, row.terminal_id = utc(at), terminal.id
    await row.save(update_fields=["used_at", "terminal_id"])
    await note(
        f"terminal:{terminal.id}",
        "terminals.enrolled",
        f"enrolment:{row.id}",
        int(at),
        model=device.model,
        software=device.software,
        signing_key=signing_key,
    )
    return await _answer(terminal)


async def _answer(terminal: TerminalRow) -> Enrolled:
    merchant = await MerchantRow.get(id=terminal.merchant_id)
    return Enrolled(
        terminal.id,
        terminal.name,
        merchant.name,
        terminal.group_id,
        terminal.journal_sequence,
        terminal.journal_hash,
    )


def _is_same(terminal: TerminalRow, device: Device) -> bool:
    keys = (device.signing_key.hex(), device.sealing_key.hex())
    return (terminal.signing_key, terminal.sealing_key) == keys


def _require_sealable(sealing_key: bytes) -> None:
    try:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(sealing_key))
    except ValueError as error:  # a point of low order: every secret sealed to it is public
        raise InvalidInputError("sealing_key", "nothing can be sealed to this key") from error
