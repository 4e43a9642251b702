"""Which terminal speaks: its sessions, cached in this process."""

from __future__ import annotations

from collections import OrderedDict

from backend.domain.access import TerminalActor
from backend.domain.terminal import no_session, revoked, session_context
from backend.domain.times import utc
from backend.domain.tokens import token_hash
from backend.tables.terminal import TerminalRow, TerminalSessionRow
from backend.usecases.ports import Clock, Vault

REREAD_SECONDS = 5.0
"""How long a session may be believed without asking the database again."""
CONFIRM_SECONDS = 2.0
"""How old a cached session is when `confirm` reads it again."""
CACHED_MAX = 10_000


class TerminalSessions:
    """Sessions by token, without a database round trip in the steady state.

    A session is read again every REREAD_SECONDS, as a rule by `confirm` for all of them at once;
    a revocation acts at once here through `drop`
    (a wake-up) and within a second everywhere through `watch_revocations` (a poll), so that a
    lost wake-up keeps nobody in.
    """

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock
        self._cached: OrderedDict[str, tuple[float, TerminalActor]] = OrderedDict()
        self._revoked: frozenset[int] = frozenset()

    async def find(self, token: str) -> TerminalActor:
        """The terminal of a session. The caller still has to check the request's MAC.

        Raises:
            UnauthenticatedError: unknown, ended or expired session.
            ForbiddenError: `terminal_revoked`.

        """
        now = self._clock()
        read_at, actor = self._cached.get(token, (0.0, None))
        if actor is None or not 0 <= now - read_at < REREAD_SECONDS:
            self._cached.pop(token, None)
            actor = await self._read(token)
            self._cached[token] = (now, actor)
            if len(self._cached) > CACHED_MAX:
                self._cached.popitem(last=False)
        if actor.terminal_id in self._revoked:
            raise revoked()
        if actor.expires_at <= now:
            raise no_session()
        return actor

    def drop(self, terminal_id: int) -> None:
        """Forget a terminal's sessions: its next request is looked up anew."""
        for token, (_, actor) in tuple(self._cached.items()):
            if actor.terminal_id == terminal_id:
                del self._cached[token]

    async def watch_revocations(self) -> frozenset[int]:
        """Read which terminals are revoked; answer those that were not known to be."""
        ids = await TerminalRow.filter(revoked_at__isnull=False).values_list("id", flat=True)
        revoked = frozenset(int(str(number)) for number in ids)
        fresh = revoked - self._revoked
        self._revoked = revoked
        return fresh

    async def confirm(self) -> None:
        """Read all cached sessions again in one query, so that requests seldom have to.

        Two hundred tills would otherwise each ask for itself, all in the same moment of lunch.
        """
        now = self._clock()
        old = {
            token_hash(token): token
            for token, (read_at, _) in self._cached.items()
            if now - read_at >= CONFIRM_SECONDS
        }
        if not old:
            return
        living = await TerminalSessionRow.filter(
            token_hash__in=list(old), ended_at__isnull=True, expires_at__gt=utc(now)
        ).values_list("token_hash", flat=True)
        for one in living:
            token = old.pop(str(one))
            if token in self._cached:
                self._cached[token] = (now, self._cached[token][1])
        for token in old.values():
            self._cached.pop(token, None)

    async def _read(self, token: str) -> TerminalActor:
        row = await TerminalSessionRow.get_or_none(token_hash=token_hash(token))
        if row is None:
            raise no_session()
        terminal = await TerminalRow.get(id=row.terminal_id)
        if terminal.revoked_at is not None:
            raise revoked()
        if row.ended_at is not None or row.expires_at <= utc(self._clock()):
            raise no_session()
        return TerminalActor(
            terminal_id=terminal.id,
            merchant_id=terminal.merchant_id,
            group_id=terminal.group_id,
            signing_key=bytes.fromhex(terminal.signing_key),
            session_key=self._vault.open(row.sealed_key, session_context(terminal.id)),
            expires_at=int(row.expires_at.timestamp()),
        )
