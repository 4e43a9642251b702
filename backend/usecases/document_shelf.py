"""The signed documents terminals hold, made once for all of them and kept per version."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from backend.domain.epoch import held_spans
from backend.tables.chips import chips_after
from backend.tables.doors import door_cards_after, newest_door_rules, rules_of
from backend.tables.holder_limits import limits_after
from backend.tables.holdings import (
    cards_after,
    confirmed_denylist,
    denials_between,
    is_growth_meant,
    span_of,
)
from backend.tables.school import EpochKeyRow, RulesRow
from backend.tables.versions import Versions
from backend.usecases.key_board import open_chip_keys, open_master
from backend.usecases.ports import Clock, Vault
from campus_code import (
    CardEntry,
    CardState,
    Chip,
    DocumentKind,
    DoorCard,
    EpochKey,
    HolderLimits,
    Keyring,
    keyring_to_bytes,
    pack_chips,
    pack_denylist,
    pack_directory,
    pack_doors,
    pack_limits,
    seal_to,
    sign_document,
)
from campus_code.card_limits import LIMITED_CARDS_MAX
from campus_code.chips import CHIPS_MAX
from campus_code.directory import DIRECTORY_ENTRIES_MAX

T = TypeVar("T")

KEPT_MAX = 64
"""Documents of one process: the full lists and a delta for each version terminals still hold."""
DELTA_ENTRIES_MAX = 5000
"""A longer delta is sent as a full directory: it is not much larger and there is only one."""
KEYRING_CONTEXT = b"keyring"
SPANS_READ_MAX = 16


@dataclass(frozen=True, slots=True)
class Paper:
    """A signed document on its way to a terminal."""

    kind: DocumentKind
    version: int
    raw: bytes


class DocumentShelf:
    """Makes and keeps documents. `since` is always the version the terminal holds (0: none)."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock
        self._kept: OrderedDict[tuple[DocumentKind, int, int, int], Paper] = OrderedDict()
        self._making = asyncio.Lock()
        self._full_directory: Paper | None = None

    async def papers(
        self, held: Versions, now: Versions, sealing_key: X25519PublicKey, *, has_chips: bool
    ) -> list[Paper]:
        """Everything a terminal with these versions lacks, in the order it is to be taken.

        `has_chips`: it knows what chips are, and is given their shared keys with its keyring.
        """
        lacking: list[Paper] = []
        if held.rules < now.rules:
            lacking.append(await self.rules(now.rules))
        if held.keyring < now.keyring:
            lacking.append(await self.keyring(now.keyring, sealing_key, has_chips=has_chips))
        if held.directory < now.directory:
            lacking += await self.directory(held.directory, now.directory)
        if held.denylist < now.denylist:
            lacking.append(await self.denylist(held.denylist, now.denylist))
        if held.limits < now.limits:
            lacking.append(await self.limits(held.limits, now.limits))
        if held.chips < now.chips:
            lacking.append(await self.chips(held.chips, now.chips))
        if held.doors < now.doors:
            lacking.append(await self.doors(held.doors, now.doors))
        return lacking

    async def rules(self, version: int) -> Paper:
        """The rules bundle of a version."""

        async def make() -> bytes:
            return (await RulesRow.get(version=version)).body.encode()

        return await self._once(DocumentKind.RULES, 0, version, make)

    async def denylist(self, since: int, version: int) -> Paper:
        """What was denied or lifted since a version; everything denied when it is 0."""
        confirmed = await confirmed_denylist(version)

        async def make() -> bytes:
            told = await denials_between(since, version)
            is_meant = await is_growth_meant(confirmed, version)
            return await asyncio.to_thread(pack_denylist, told, since, is_mass=is_meant)

        return await self._once(DocumentKind.DENYLIST, since, version, make, mark=confirmed)

    async def limits(self, since: int, version: int) -> Paper:
        """Whose limits changed since a version; everybody's when it is 0 or too many changed."""

        async def pack(changed: list[tuple[str, HolderLimits | None]], since: int) -> bytes:
            limited = [entry for entry in changed if since > 0 or entry[1] is not None]
            # that many are never set (`put_limits`); a list cut short is better than no sync
            return await asyncio.to_thread(pack_limits, limited[:LIMITED_CARDS_MAX], since)

        return await self._changes((DocumentKind.LIMITS, since, version), limits_after, pack)

    async def chips(self, since: int, version: int) -> Paper:
        """Whose chips changed since a version; everybody's when it is 0 or too many changed."""

        async def pack(changed: list[tuple[Chip, str | None]], since: int) -> bytes:
            living = [entry for entry in changed if since > 0 or entry[1] is not None]
            return await asyncio.to_thread(pack_chips, living[:CHIPS_MAX], since)

        return await self._changes((DocumentKind.CHIPS, since, version), chips_after, pack)

    async def doors(self, since: int, version: int) -> Paper:
        """Of which cards doors must hear since a version, and the rules where they are newer."""

        async def pack(changed: list[tuple[str, DoorCard]], since: int) -> bytes:
            newest = await newest_door_rules()
            is_newer = since == 0 or (newest is not None and newest.version > since)
            rules = rules_of(newest) if is_newer else None
            return await asyncio.to_thread(pack_doors, rules, changed, since)

        return await self._changes((DocumentKind.DOORS, since, version), door_cards_after, pack)

    async def directory(self, since: int, version: int) -> list[Paper]:
        """The cards that changed since a version, or the whole directory.

        The whole directory is made once and kept: a later terminal gets the kept one and what
        has changed since, instead of having 50,000 cards packed again for it.
        """
        if since > 0:
            delta = await self._delta(since, version)
            if delta is not None:
                return [delta]
        full = self._full_directory
        if full is not None and full.version <= version:
            if full.version == version:
                return [full]
            delta = await self._delta(full.version, version)
            if delta is not None and full.version > since:
                return [full, delta]
        return [await self._whole(version)]

    async def keyring(
        self, version: int, sealing_key: X25519PublicKey, *, has_chips: bool
    ) -> Paper:
        """The terminal keys of previous, current and next epoch, sealed to one device.

        Behind them the shared keys of chips, for a terminal that knows what chips are.

        Never an issuer master: with terminal keys a thief can fool other terminals, with issuer
        keys he could charge cardholders.
        """
        at = int(self._clock())
        rows = await EpochKeyRow.all().order_by("-epoch").limit(SPANS_READ_MAX)
        masters = {row.epoch: row for row in rows}
        keys = tuple(
            EpochKey(
                span.epoch,
                span.valid_from,
                span.valid_until,
                open_master(self._vault, masters[span.epoch], "terminal"),
            )
            for span in held_spans([span_of(row) for row in rows], at)
        )
        chip_keys = await open_chip_keys(self._vault) if has_chips else None
        plain = keyring_to_bytes(Keyring(keys), chip_keys)
        sealed = seal_to(sealing_key, plain, KEYRING_CONTEXT)
        return self._sign(DocumentKind.KEYRING, version, sealed)

    async def _changes(
        self,
        wanted: tuple[DocumentKind, int, int],
        read: Callable[[int], Awaitable[list[T]]],
        pack: Callable[[list[T], int], Awaitable[bytes]],
    ) -> Paper:
        """(Kind, since, version) of a list; the rows are read only for one that is not kept."""
        kind, since, version = wanted
        kept = self._kept.get((kind, since, version, 0))
        if kept is not None:
            return kept
        changed = await read(since)
        if len(changed) > DELTA_ENTRIES_MAX and since > 0:
            return await self._changes((kind, 0, version), read, pack)
        return await self._once(kind, since, version, lambda: pack(changed, since))

    async def _delta(self, since: int, version: int) -> Paper | None:
        kept = self._kept.get((DocumentKind.CARD_DIRECTORY, since, version, 0))
        if kept is not None:
            return kept
        changed = await cards_after(since)
        if len(changed) > DELTA_ENTRIES_MAX:
            return None

        async def make() -> bytes:
            return pack_directory(changed, since)

        return await self._once(DocumentKind.CARD_DIRECTORY, since, version, make)

    async def _whole(self, version: int) -> Paper:
        async def make() -> bytes:
            entries = await cards_after(0)
            return await asyncio.to_thread(pack_directory, _bounded(entries))

        self._full_directory = await self._once(DocumentKind.CARD_DIRECTORY, 0, version, make)
        return self._full_directory

    async def _once(
        self,
        kind: DocumentKind,
        since: int,
        version: int,
        make: Callable[[], Awaitable[bytes]],
        *,
        mark: int = 0,
    ) -> Paper:
        key = (kind, since, version, mark)
        async with self._making:
            kept = self._kept.get(key)
            if kept is None:
                kept = self._sign(kind, version, await make())
                self._kept[key] = kept
                if len(self._kept) > KEPT_MAX:
                    self._kept.popitem(last=False)
            return kept

    def _sign(self, kind: DocumentKind, version: int, payload: bytes) -> Paper:
        key = self._vault.signing_key()
        raw = sign_document(kind, version, int(self._clock()), payload, key)
        return Paper(kind, version, raw)


def _bounded(entries: list[CardEntry]) -> list[CardEntry]:
    if len(entries) <= DIRECTORY_ENTRIES_MAX:
        return entries
    return [entry for entry in entries if entry.state is not CardState.CLOSED]
