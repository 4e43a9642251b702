"""What happens at the windows: every story, and what the screen ought to say to it."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulators.lunch.cable import Cable
from simulators.lunch.phones import Phone
from simulators.lunch.plan import CUT, STEADY, Plan, Story, Visit
from simulators.lunch.prices import local_day
from simulators.lunch.window import Line, NoAnswerError, Window
from simulators.lunch.witness import Display, Intent, Witness, scan_hash

PACE_SECONDS = 0.8
"""From one person's answer to the next person's phone."""
DISPLAY_OVER_SECONDS = 0.3
FREEZE_SECONDS = 2.0
"""A terminal's idea of the time may be a second behind: by then it is after the freeze for it."""
SKEW_SECONDS = 180
SILENT_MAX = 3
"""After so many people without an answer a window is given up; each of them is a fault."""
KILL_SECONDS_MAX = 0.06
"""A tap takes about so long: the kill falls before, into, or after the journal's write."""
STEP_SECONDS = 15
WECHAT_HEADS, ALIPAY_HEADS = range(10, 16), range(25, 31)


@dataclass(slots=True)
class Stage:
    """Everything that takes part."""

    windows: tuple[Window, Window, Window]
    cable: Cable
    witness: Witness
    rules: Mapping[str, Any]
    chance: random.Random


class Serving:
    """Plays a plan. Each window is driven by one task; who is urgent goes first."""

    def __init__(self, stage: Stage, plan: Plan) -> None:
        self._stage = stage
        self._order = itertools.count()
        self._queues: tuple[asyncio.PriorityQueue[tuple[int, int, Visit]], ...] = tuple(
            asyncio.PriorityQueue() for _ in stage.windows
        )
        self._lent: dict[str, asyncio.Future[str]] = {}
        for number, visits in enumerate(plan.queues):
            for visit in visits:
                self._join(number, visit)
        self._acts: dict[Story, Callable[[Window, Visit], Awaitable[None]]] = {
            Story.EATS: self._eats,
            Story.IS_LATE: self._eats,
            Story.LENDS: self._lends,
            Story.BORROWED: self._borrows,
            Story.TWICE: self._shows_twice,
            Story.FAST_CLOCK: self._has_a_wrong_clock,
            Story.SLOW_CLOCK: self._has_a_wrong_clock,
            Story.FROZEN_BEFORE: self._is_frozen,
            Story.FROZEN_NOW: self._freezes,
            Story.EMPTY: self._is_empty,
            Story.FOREIGN: self._is_foreign,
            Story.FORGED_TOTP: self._forges_totp,
            Story.FORGED_TAC: self._forges_tac,
            Story.OVER_SINGLE: self._asks_too_much,
            Story.OVER_OFFLINE: self._asks_too_much,
            Story.EMERGENCY: self._says_the_emergency_code,
            Story.VOIDED: self._gives_back,
            Story.KILLED_UNDER: self._is_cut_short,
            Story.CUT_CABLE: self._cut_cable,
            Story.PLUG_CABLE: self._plug_cable,
            Story.KILL: self._kill,
        }

    async def play(self) -> None:
        """Serve until every queue is empty."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._serve(window)) for window in self._stage.windows]
            for queue in (*self._queues, *self._queues):  # some go to the end of a queue again
                await queue.join()
            for task in tasks:
                task.cancel()

    def _join(self, number: int, visit: Visit, *, is_urgent: bool = False) -> None:
        self._queues[number].put_nowait((0 if is_urgent else 1, next(self._order), visit))

    async def _serve(self, window: Window) -> None:
        queue = self._queues[window.number]
        silent = 0
        while True:
            _, _, visit = await queue.get()
            if silent >= SILENT_MAX:
                self._goes_away(visit)
                queue.task_done()
                continue
            try:
                await self._acts[visit.story](window, visit)
                silent = 0
            except NoAnswerError as error:
                silent += 1
                self._stage.witness.fault(f"{visit.story.name}: {error}")
            if visit.phone is not None:
                window.served += visit.story is not Story.IS_LATE  # counted when it began
                await asyncio.sleep(PACE_SECONDS)
            queue.task_done()

    def _goes_away(self, visit: Visit) -> None:
        """The window has been silent for so many people that the rest of its queue leaves."""
        if visit.story is Story.LENDS:  # whoever waits for the picture must not wait for ever
            self._lent.pop(_phone(visit).person.number).set_result(self._code(visit))

    # ------------------------------------------------------------------------------ stories

    async def _eats(self, window: Window, visit: Visit) -> None:
        self._want_success(window, visit, await self._pays(window, visit))

    async def _lends(self, window: Window, visit: Visit) -> None:
        text = self._code(visit)
        try:
            self._want_success(window, visit, await self._shows(window, visit, text))
        finally:
            self._lent.pop(_phone(visit).person.number).set_result(text)

    async def _borrows(self, window: Window, visit: Visit) -> None:
        lent: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._lent[_phone(visit).person.number] = lent
        self._join(STEADY, Visit(Story.LENDS, visit.phone), is_urgent=True)
        line = await self._shows(window, visit, await lent)
        if window.number == CUT:
            # two terminals that cannot hear each other: only bounded, and found at the upload
            self._want_loss(window, visit, line, "already_used")
        else:
            self._want_refusal(window, visit, line, "already_used", or_loss="already_used")

    async def _shows_twice(self, window: Window, visit: Visit) -> None:
        text = self._code(visit)
        first = await self._shows(window, visit, text)
        self._want_success(window, visit, first)
        again = await window.show(text)
        if not again.get("again") or again.get("sequence") != first.get("sequence"):
            self._fault(window, visit, again, "the same success, marked as shown before")
        await asyncio.sleep(self._stage.rules["display_seconds"] + DISPLAY_OVER_SECONDS)
        self._want_refusal(window, visit, await self._shows(window, visit, text), "already_used")

    async def _has_a_wrong_clock(self, window: Window, visit: Visit) -> None:
        phone = _phone(visit)
        is_fast = visit.story is Story.FAST_CLOCK
        phone.skew_seconds = SKEW_SECONDS if is_fast else -SKEW_SECONDS
        line = await self._pays(window, visit)
        self._want_refusal(window, visit, line, "early" if is_fast else "expired")
        phone.skew_seconds = 0
        await self._eats(window, visit)

    async def _is_frozen(self, window: Window, visit: Visit) -> None:
        self._want_refusal(window, visit, await self._pays(window, visit), "frozen")

    async def _freezes(self, window: Window, visit: Visit) -> None:
        await _phone(visit).freeze()
        await asyncio.sleep(FREEZE_SECONDS)
        line = await self._pays(window, visit)
        if window.number == CUT:
            self._want_loss(window, visit, line, "frozen")
        else:
            self._want_refusal(window, visit, line, "frozen")

    async def _is_empty(self, window: Window, visit: Visit) -> None:
        line = await self._pays(window, visit)
        if window.number == CUT:
            self._want_loss(window, visit, line, "insufficient_funds")
        else:
            reason = "insufficient_funds"
            self._want_refusal(window, visit, line, reason, or_loss=reason)

    async def _is_foreign(self, window: Window, visit: Visit) -> None:
        chance = self._stage.chance
        head, digits = chance.choice(
            ((chance.choice(WECHAT_HEADS), 16), (chance.choice(ALIPAY_HEADS), 16), (62, 17))
        )
        text = f"{head}{chance.randrange(10**digits):0{digits}}"
        await self._arm(window, visit)
        self._stage.witness.presents(Intent(window.number, scan_hash(text), int(time.time())))
        self._want_refusal(window, visit, await window.show(text), "foreign_code")

    async def _forges_totp(self, window: Window, visit: Visit) -> None:
        line = await self._shows(window, visit, _with_other_digit(self._code(visit), 20))
        self._want_refusal(window, visit, line, "wrong_code")

    async def _forges_tac(self, window: Window, visit: Visit) -> None:
        line = await self._shows(window, visit, _with_other_digit(self._code(visit), 30))
        if window.number == CUT:
            self._want_loss(window, visit, line, "wrong_code")
        else:
            self._want_refusal(window, visit, line, "wrong_code", or_loss="wrong_code")

    async def _asks_too_much(self, window: Window, visit: Visit) -> None:
        reason = "pin_required" if visit.story is Story.OVER_SINGLE else "offline_limit"
        self._want_refusal(window, visit, await self._pays(window, visit), reason)

    async def _says_the_emergency_code(self, window: Window, visit: Visit) -> None:
        self._want_success(window, visit, await self._shows(window, visit, visit.text))
        await asyncio.sleep(self._stage.rules["display_seconds"] + DISPLAY_OVER_SECONDS)
        line = await self._shows(window, visit, visit.text)
        self._want_refusal(window, visit, line, "emergency_used")

    async def _gives_back(self, window: Window, visit: Visit) -> None:
        line = await self._pays(window, visit)
        self._want_success(window, visit, line)
        back = await window.void()
        if back.get("result") != "voided" or back.get("reverses") != line.get("sequence"):
            self._fault(window, visit, back, "this payment voided")

    async def _is_cut_short(self, window: Window, visit: Visit) -> None:
        text = self._code(visit)
        await self._arm(window, visit)
        self._present(window, visit, text)
        window.hold_up(text)
        await asyncio.sleep(self._stage.chance.uniform(0, KILL_SECONDS_MAX))
        await window.kill_and_restart()
        if self._stage.witness.display_of(window.number, scan_hash(text)) is None:
            # nobody was told that it is paid, so it is not: back to the end of the queue
            self._join(window.number, Visit(Story.IS_LATE, visit.phone, visit.asked_fen))

    async def _cut_cable(self, window: Window, _visit: Visit) -> None:
        await self._stage.cable.cut()
        window.state = "offline"

    async def _plug_cable(self, _window: Window, _visit: Visit) -> None:
        await self._stage.cable.plug()

    async def _kill(self, window: Window, _visit: Visit) -> None:
        await window.kill_and_restart()

    # ------------------------------------------------------------------------------ showing

    async def _pays(self, window: Window, visit: Visit) -> Line:
        if visit.story is Story.IS_LATE:
            await self._wait_for_new_step(_phone(visit))
        return await self._shows(window, visit, self._code(visit))

    async def _shows(self, window: Window, visit: Visit, text: str) -> Line:
        await self._arm(window, visit)
        self._present(window, visit, text)
        return await window.show(text)

    async def _arm(self, window: Window, visit: Visit) -> None:
        if visit.asked_fen is not None:
            await window.type_amount(visit.asked_fen)

    def _code(self, visit: Visit) -> str:
        phone = _phone(visit)
        return phone.code(phone.now())

    def _present(self, window: Window, visit: Visit, text: str) -> None:
        phone, at = _phone(visit), int(time.time())
        is_emergency = visit.story is Story.EMERGENCY
        step = self._today(at) if is_emergency else _step_in(text, phone.now())
        person = phone.person
        self._stage.witness.presents(
            Intent(
                window=window.number,
                scan=scan_hash(text),
                at=at,
                card_number=person.card_number,
                issue=phone.issue,
                step=step,
                class_id=person.class_id,
                asked_fen=visit.asked_fen,
                is_emergency=is_emergency,
            )
        )

    async def _wait_for_new_step(self, phone: Phone) -> None:
        """A code pays once in its step; who was cut short waits for the next one."""
        card = phone.person.card_number
        last = max(one.step for one in self._stage.witness.notes.intents if one.card_number == card)
        await asyncio.sleep(max((last + 1) * STEP_SECONDS - time.time(), 0))

    def _today(self, at: int) -> int:
        day = local_day(self._stage.rules, at)
        return int(time.strftime("%Y%m%d", time.gmtime(day * 86_400)))

    # ------------------------------------------------------------------------- expectations

    def _want_success(self, window: Window, visit: Visit, line: Line) -> None:
        if line["result"] != "approved":
            self._fault(window, visit, line, "approved")

    def _want_loss(self, window: Window, visit: Visit, line: Line, reason: str) -> None:
        """The terminal alone cannot know better; the school bears it, and the books name it."""
        if line["result"] == "approved":
            self._stage.witness.expects_loss(_display(window, line), reason)
        else:
            self._fault(window, visit, line, "approved, at the school's cost")

    def _want_refusal(
        self, window: Window, visit: Visit, line: Line, reason: str, *, or_loss: str = ""
    ) -> None:
        """`or_loss`: also right when the server did not answer in time and nobody else knew."""
        if or_loss and line["result"] == "approved" and not line["online"]:
            self._stage.witness.expects_loss(_display(window, line), or_loss)
        elif line["result"] != "refused" or line["reason"] != reason:
            self._fault(window, visit, line, f"refused: {reason}")

    def _fault(self, window: Window, visit: Visit, line: Line, wanted: str) -> None:
        who = f"{visit.story.name}, {window.place.merchant}"
        shown = line.get("reason") or line["result"]
        self._stage.witness.fault(f"{who}: should be “{wanted}”, the screen says “{shown}”")


def _phone(visit: Visit) -> Phone:
    if visit.phone is None:
        raise TypeError(f"{visit.story.name} needs a phone")
    return visit.phone


def _display(window: Window, line: Line) -> Display:
    return Display(
        window.number, line["sequence"], line["scan"], line["charged_fen"], line["online"]
    )


def _step_in(text: str, at: int) -> int:
    """The absolute step whose last three digits a code shows, nearest to Unix second `at`."""
    now = at // STEP_SECONDS
    return now + (int(text[13:16]) - now + 500) % 1000 - 500


def _with_other_digit(text: str, place: int) -> str:
    return text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]
