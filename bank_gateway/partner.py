"""A bank as one terminal of ours sees it: an ask goes in, an answer comes out, whatever happens."""

from __future__ import annotations

from dataclasses import dataclass, field

from bank_gateway.asking import Answer, Ask, Doubt, Result, Verb
from bank_gateway.keys import KeyBlockError, WorkingKeys, open_block
from bank_gateway.line import Line, NoAnswerError, NotSentError
from bank_gateway.profile import Profile
from bank_gateway.wire.dialect import Dialect
from bank_gateway.wire.faults import FrameError, SealError

WITHOUT_BATCH = frozenset({Verb.SIGN_IN, Verb.ECHO})


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a terminal shares with its bank: the master key, or one key for every message."""

    master: bytes = field(default=b"", repr=False)
    shared: bytes = field(default=b"", repr=False)


class Partner:
    """One terminal's line, its dialect and its keys. Raises nothing that a bank can cause."""

    def __init__(self, dialect: Dialect, line: Line, secrets: Secrets) -> None:
        """Not signed in yet."""
        self._dialect, self._line, self._secrets = dialect, line, secrets
        self._keys: WorkingKeys | None = None

    @property
    def profile(self) -> Profile:
        """What the bank's line is like."""
        return self._dialect.profile

    @property
    def is_signed_in(self) -> bool:
        """Whether asks can be sealed: banks without batches need no sign-in."""
        return self._keys is not None or not self.profile.has_batches

    @property
    def is_line_open(self) -> bool:
        """Whether a long line stands; a short one never does."""
        return self._line.is_open

    async def ask(self, ask: Ask) -> Answer:
        """Ask, and read the answer; a sign-in's keys are kept in memory."""
        if not self.is_signed_in and ask.verb not in WITHOUT_BATCH:
            return Answer(Result.SIGN_IN_AGAIN, zh="尚未签到", en="not signed in")
        try:
            message = self._dialect.message_of(ask, self._keys, self._secrets.shared)
            raw = await self._line.exchange(message)
        except (FrameError, SealError, ValueError) as error:
            return Answer(Result.NOT_SENT, zh="报文无法组成", en=f"cannot be said: {error}")
        except NotSentError as error:
            return Answer(Result.NOT_SENT, zh="银行线路不通", en=f"the line is down: {error}")
        except NoAnswerError:
            return Answer(Result.UNKNOWN, zh="银行没有应答", en="no answer", doubt=Doubt.NO_ANSWER)
        answer = self._dialect.answer_of(raw, ask, self._keys, self._secrets.shared)
        if answer.result is Result.SIGN_IN_AGAIN:
            self._keys = None
        if answer.doubt is Doubt.FALSE_ANSWER:  # what else comes on this line would be in doubt too
            await self._line.close()
        if ask.verb is Verb.SIGN_IN and answer.result is Result.APPROVED:
            return self._take_keys(raw, answer)
        if ask.verb is Verb.SIGN_OUT and answer.result is Result.APPROVED:
            self._keys = None
        return answer

    async def close(self) -> None:
        """Hang up and forget the keys."""
        self._keys = None
        await self._line.close()

    def _take_keys(self, raw: bytes, answer: Answer) -> Answer:
        try:
            self._keys = open_block(self._secrets.master, self._dialect.keys_in(raw))
        except (KeyBlockError, FrameError) as error:
            self._keys = None
            return Answer(Result.DECLINED, zh="签到密钥无效", en=f"the keys are no good: {error}")
        return answer
