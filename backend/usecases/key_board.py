"""The key epochs the server can verify with, held in memory."""

from __future__ import annotations

from backend.domain.epoch import EPOCH_OVERLAP_SECONDS_MAX, Span, replacing_spans
from backend.domain.errors import InvalidInputError
from backend.domain.times import utc
from backend.tables.chip import ChipKeyRow
from backend.tables.holdings import lock_spans
from backend.tables.school import EpochKeyRow
from backend.tables.versions import KEYRING, next_version
from backend.usecases.ports import Randomness, Vault
from campus_code import ChipKey, ChipKeys, ChipKind, EpochKey, Keyring
from campus_code.chip_keys import CHIP_KEY_BYTES
from campus_code.limits import SECRET_BYTES

EPOCHS_HELD_MAX = 104
"""Two years of weeks: how old an offline record may be and still be verified."""


class KeyBoard:
    """Both keyrings of the newest epochs, opened from the vault once per change."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._seen: tuple[tuple[int, int, int], ...] = ()
        self.terminal = Keyring(())
        self.issuer = Keyring(())

    async def refresh(self) -> bool:
        """Read the epochs from the database; True when they are others than before."""
        rows = await EpochKeyRow.all().order_by("-epoch").limit(EPOCHS_HELD_MAX)
        seen = tuple((row.epoch, row.valid_from, row.valid_until) for row in rows)
        if seen == self._seen:
            return False
        terminal, issuer = [], []
        for row in rows:
            times = (row.epoch, row.valid_from, row.valid_until)
            terminal.append(EpochKey(*times, open_master(self._vault, row, "terminal")))
            issuer.append(EpochKey(*times, open_master(self._vault, row, "issuer")))
        self.terminal, self.issuer = Keyring(tuple(terminal)), Keyring(tuple(issuer))
        self._seen = seen
        return True


def master_context(epoch: int, role: str) -> str:
    """Under which context a master is sealed: it opens as this epoch's and this role's only."""
    return f"epoch-key/{epoch}/{role}"


def open_master(vault: Vault, row: EpochKeyRow, role: str) -> bytes:
    """Give one master of an epoch, `role` being terminal or issuer."""
    sealed = row.terminal_master if role == "terminal" else row.issuer_master
    return vault.open(sealed, master_context(row.epoch, role))


async def make_epoch(span: Span, vault: Vault, randomness: Randomness, at: float) -> None:
    """Store a new epoch with two fresh masters, each sealed for its own place."""
    await EpochKeyRow.create(
        epoch=span.epoch,
        valid_from=span.valid_from,
        valid_until=span.valid_until,
        terminal_master=vault.seal(
            randomness(SECRET_BYTES), master_context(span.epoch, "terminal")
        ),
        issuer_master=vault.seal(randomness(SECRET_BYTES), master_context(span.epoch, "issuer")),
        made_at=utc(at),
    )


async def open_chip_keys(vault: Vault) -> ChipKeys:
    """The shared key of every kind of chip."""
    rows = await ChipKeyRow.all().order_by("kind")
    keys = (ChipKey(ChipKind(row.kind), vault.open(row.master, _chip_context(row))) for row in rows)
    return ChipKeys(tuple(keys))


async def make_chip_key(kind: ChipKind, vault: Vault, randomness: Randomness, at: float) -> None:
    """Store a fresh shared key of one kind, sealed for its own place."""
    key = ChipKey(kind, randomness(CHIP_KEY_BYTES))
    row = ChipKeyRow(kind=kind.value, made_at=int(at))
    row.master = vault.seal(key.master, _chip_context(row))
    await row.save(force_create=True)


def _chip_context(row: ChipKeyRow) -> str:
    return f"chip-key/{row.kind}"


async def replace_epochs(
    overlap_seconds: int, vault: Vault, randomness: Randomness, at: float
) -> list[int]:
    """Make this and the next week's epochs anew and let all that stand end after the overlap.

    Answers the new numbers; call inside `transaction()`.

    Raises:
        InvalidInputError: an overlap below 0 or above what any phone can need.

    """
    if not 0 <= overlap_seconds <= EPOCH_OVERLAP_SECONDS_MAX:
        raise InvalidInputError("overlap_seconds", f"must be 0 to {EPOCH_OVERLAP_SECONDS_MAX}")
    retired_at = int(at) + overlap_seconds
    await next_version(KEYRING)
    spans = await lock_spans()
    replacing = replacing_spans(spans, int(at))
    for span in spans:
        ends_at = span.until_at_terminals()
        if ends_at > at:  # what has ended is left as it ended
            await EpochKeyRow.filter(epoch=span.epoch).update(
                retired_at=utc(min(ends_at, retired_at))
            )
    for span in replacing:
        await make_epoch(span, vault, randomness, at)
    return [span.epoch for span in replacing]
