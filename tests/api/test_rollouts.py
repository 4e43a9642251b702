"""Rules over HTTP from draft to every terminal: tried at one window, promoted or taken back."""

from __future__ import annotations

from typing import Any

import pytest

from backend.domain.access import Role
from backend.domain.times import utc
from backend.tables.pulse import PulseRow
from backend.tables.rollout import RolloutRow
from backend.tables.rollup import lane_ranges, roll
from backend.tables.school import RulesRow
from backend.tables.staff import AuditRow
from backend.tables.terminal import RefusalCountRow, TerminalRow
from backend.usecases.cases.watch_risk import watch_risk
from tests.api.test_push import listening
from tests.rig.device import Device
from tests.rig.office import Office
from tests.rig.shop import Shop
from tests.rig.tills import refused, terminal

Json = dict[str, Any]


class Desk:
    """An admin at work on the rules."""

    def __init__(self, office: Office, admin: dict[str, str]) -> None:
        self.office, self.admin = office, admin

    async def get(self, path: str) -> Json:
        answer = await self.office.http.get(f"/admin/rules{path}", headers=self.admin)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    async def send(self, method: str, path: str, body: Json) -> Any:
        return await self.office.http.request(
            method, f"/admin/rules{path}", json=body, headers=self.admin
        )

    async def draft(self, amount_fen_max: int = 300, version: int = 1) -> Json:
        """A draft in which the canteen takes less, saved."""
        begun = await self.send("POST", "/drafts", {"title": "限价", "version": version})
        assert begun.status_code == 201, begun.text
        draft: Json = begun.json()
        bundle = draft["bundle"]
        bundle["groups"]["canteen"]["amount_fen_max"] = amount_fen_max
        body = {"revision": draft["revision"], "title": "限价", "bundle": bundle}
        saved = await self.send("PUT", f"/drafts/{draft['draft_id']}", body)
        assert saved.status_code == 200, saved.text
        told: Json = saved.json()
        return told

    async def publish(self, draft: Json, *terminal_ids: int) -> Any:
        body = {
            "revision": draft["revision"],
            "terminal_ids": list(terminal_ids),
            "reason": "新学期",
        }
        return await self.send("POST", f"/drafts/{draft['draft_id']}/publications", body)

    async def try_out(self, *terminal_ids: int) -> Json:
        answer = await self.publish(await self.draft(), *terminal_ids)
        assert answer.status_code == 201, answer.text
        told: Json = answer.json()
        return told


async def synced(office: Office, *tills: Device) -> None:
    """Each has what it lacks, and has told so."""
    for till in (*tills, *tills):
        await till.sync(office.http, office.at)


async def open_desk(office: Office) -> Desk:
    return Desk(office, await office.staff(Role.ADMIN))


async def test_a_draft_is_kept_though_it_is_wrong_and_published_only_when_it_is_right(
    office: Office,
) -> None:
    desk = await open_desk(office)
    draft = await desk.draft()
    assert draft["fault"] is None
    assert draft["differences"] == [
        {"path": "groups.canteen.amount_fen_max", "before": 10_000, "after": 300}
    ]
    wrong = {**draft["bundle"], "day_starts_minute": -1}
    body = {"revision": draft["revision"], "title": "错", "bundle": wrong}
    path = f"/drafts/{draft['draft_id']}"
    saved = (await desk.send("PUT", path, body)).json()
    assert saved["fault"]["field"] == "day_starts_minute"
    refused(await desk.publish(saved), 400, "invalid_input")
    refused(await desk.send("PUT", path, body), 409, "draft_changed")
    assert [one["draft_id"] for one in (await desk.get("/drafts"))["drafts"]] == [1]
    gone = await desk.send("POST", f"{path}/discards", {"reason": "写错了"})
    assert gone.status_code == 200
    refused(await desk.publish(saved), 409, "draft_ended")
    assert (await desk.get("/drafts"))["drafts"] == []
    assert len((await desk.get("/drafts?standing=ended"))["drafts"]) == 1


async def test_published_to_all_at_once(office: Office) -> None:
    desk = await open_desk(office)
    other = await desk.draft(amount_fen_max=700)
    told = await desk.publish(await desk.draft())
    assert (told.status_code, told.json()) == (201, {"version": 2, "rollout_id": 0})
    assert office.parts.rules.bundle.groups["canteen"].amount_fen_max == 300
    # what was begun from version 1 would undo version 2 unseen
    refused(await desk.publish(other), 409, "draft_outdated")
    listed = (await desk.get("/versions"))["versions"]
    assert [(one["version"], one["standing"]) for one in listed] == [(2, "in_force"), (1, "past")]
    shown = await desk.get("/versions/2")
    assert shown["differences"][0]["path"] == "groups.canteen.amount_fen_max"
    trail = await AuditRow.filter(verb__startswith="rules.").order_by("id")
    assert [line.verb for line in trail][-3:] == ["rules.draft", "rules.draft", "rules.publish"]


async def test_one_window_tries_it_and_the_others_do_not(shop: Shop) -> None:
    office = shop.office
    first, second = await shop.till("一号窗口"), await shop.till("二号窗口")
    desk = await open_desk(office)
    told = await desk.try_out(first.terminal_id)
    assert told == {"version": 2, "rollout_id": told["rollout_id"]}
    assert (await desk.get(""))["version"] == 1, "in force is what the others hold"
    await synced(office, first, second)
    assert first.rules is not None
    assert second.rules is not None
    assert (first.rules.version, second.rules.version) == (2, 1)
    assert (await TerminalRow.get(id=first.terminal_id)).rules_version == 2
    # and online each is decided by what it holds
    tried = await shop.pay(first, shop.code(await shop.student()), 500)
    usual = await shop.pay(second, shop.code(await shop.student()), 500)
    assert (tried["outcome"], tried["reason"]) == ("declined", "amount_out_of_range")
    assert usual["outcome"] == "approved"


async def test_promoted_it_is_in_force_everywhere(shop: Shop) -> None:
    office = shop.office
    first, second = await shop.till("一号窗口"), await shop.till("二号窗口")
    desk = await open_desk(office)
    rollout_id = (await desk.try_out(first.terminal_id))["rollout_id"]
    refused(await desk.publish(await desk.draft()), 409, "rollout_running")
    path = f"/rollouts/{rollout_id}/promotions"
    done = await desk.send("POST", path, {"reason": "没有问题"})
    assert (done.status_code, done.json()) == (201, {"version": 2})
    refused(await desk.send("POST", path, {"reason": "又一次"}), 409, "rollout_ended")
    await second.sync(office.http, office.at)
    assert second.rules is not None
    assert second.rules.version == 2
    told = await shop.pay(second, shop.code(await shop.student()), 500)
    assert told["reason"] == "amount_out_of_range"


async def test_taken_back_it_is_a_newer_version_that_says_the_old(shop: Shop) -> None:
    office = shop.office
    first = await shop.till("一号窗口")
    await shop.till("二号窗口")
    desk = await open_desk(office)
    rollout_id = (await desk.try_out(first.terminal_id))["rollout_id"]
    await first.sync(office.http, office.at)
    refused(
        await desk.send("POST", "/versions/2/rollbacks", {"reason": "?"}), 409, "rules_on_trial"
    )
    back = await desk.send("POST", "/versions/1/rollbacks", {"reason": "拒绝太多"})
    assert (back.status_code, back.json()) == (201, {"version": 3})
    await first.sync(office.http, office.at)
    assert first.rules is not None
    assert first.rules.version == 3
    assert first.rules.groups["canteen"].amount_fen_max == 10_000
    told = await desk.get(f"/rollouts/{rollout_id}")
    assert (told["rollout"]["outcome"], told["rollout"]["end_reason"]) == (
        "rolled_back",
        "拒绝太多",
    )
    assert (await shop.pay(first, shop.code(await shop.student()), 500))["outcome"] == "approved"
    refused(
        await desk.send("POST", "/versions/3/rollbacks", {"reason": "?"}), 409, "rules_in_force"
    )
    refused(await desk.send("POST", "/versions/9/rollbacks", {"reason": "?"}), 404, "unknown_rules")


async def test_a_trial_is_watched_by_what_both_sides_took_and_refused(shop: Shop) -> None:
    office = shop.office
    first, second = await shop.till("一号窗口"), await shop.till("二号窗口")
    await RefusalCountRow.create(
        terminal_id=first.terminal_id, business_on=20260101, reason="too_soon", count=4
    )
    desk = await open_desk(office)
    rollout_id = (await desk.try_out(first.terminal_id))["rollout_id"]
    await RefusalCountRow.filter(terminal_id=first.terminal_id).update(count=9)
    await synced(office, first)
    await TerminalRow.filter(id=first.terminal_id).update(readiness={"score": 71})
    for till, fen in ((first, 100), (first, 200), (second, 500)):
        assert (await shop.pay(till, shop.code(await shop.student()), fen))["payment_id"]
    for lane_id, after_id, through_id in await lane_ranges():
        await roll(lane_id, after_id, through_id)
    told = await desk.get(f"/rollouts/{rollout_id}")
    assert told["canary"] == {
        "terminals": 1, "holding": 1, "payments": 2, "refusals": 5, "readiness_min": 71,
    }  # fmt: skip
    assert (told["others"]["terminals"], told["others"]["payments"]) == (1, 1)
    (one,) = told["terminals"]
    assert (one["name"], one["holds"], one["refusals"]) == ("一号窗口", 2, 5)
    (listed,) = (await desk.get("/rollouts"))["rollouts"]
    assert (listed["version"], listed["base_version"], listed["outcome"]) == (2, 1, "")


async def test_a_trial_that_refuses_more_is_told_once(shop: Shop) -> None:
    office = shop.office
    first, second = await shop.till("一号窗口"), await shop.till("二号窗口")
    desk = await open_desk(office)
    rollout_id = (await desk.try_out(first.terminal_id))["rollout_id"]
    minute_at = office.at - office.at % 60
    for till, payments, refusals in ((first, 17, 2), (second, 95, 5)):
        await PulseRow.create(minute_at=minute_at, terminal_id=till.terminal_id, payments=payments)
        await RefusalCountRow.create(
            terminal_id=till.terminal_id, business_on=20260101, reason="too_soon", count=refusals
        )
    assert await watch_risk([20260101], office.at) == 0  # nineteen taps say nothing
    told = await desk.get(f"/rollouts/{rollout_id}")
    assert (told["verdict"], told["worse_per_mille"]) == ("early", 55)
    own = RefusalCountRow.filter(terminal_id=first.terminal_id)
    await own.update(count=1)
    await PulseRow.filter(terminal_id=first.terminal_id).update(payments=19)
    assert await watch_risk([20260101], office.at) == 0
    assert (await desk.get(f"/rollouts/{rollout_id}"))["verdict"] == "fine"
    await own.update(count=5)
    assert await watch_risk([20260101], office.at) == 1
    assert await watch_risk([20260101], office.at + 60) == 0
    told = await desk.get(f"/rollouts/{rollout_id}")
    assert (told["verdict"], told["worse_per_mille"]) == ("worse", 158)
    headers = await office.staff(Role.ADMIN)
    (alert,) = (await office.http.get("/admin/alerts", headers=headers)).json()["alerts"]
    assert alert["evidence"] == {
        "version": 2, "more_per_mille": 158, "canary_per_mille": 208, "others_per_mille": 50,
        "taps": 24,
    }  # fmt: skip
    alarms = (await office.http.get("/admin/live/now", headers=headers)).json()["alarms"]
    (alarm,) = [one for one in alarms if one["kind"].startswith("rollout")]
    assert (alarm["kind"], alarm["severity"]) == ("rollout_worse", "now")
    assert alarm["figures"] == {"count": 2, "per_mille": 158}
    # taken back, it troubles nobody; the next trial is judged anew
    await desk.send("POST", "/versions/1/rollbacks", {"reason": "拒绝太多"})
    office.clock.now += 10
    alarms = (await office.http.get("/admin/live/now", headers=headers)).json()["alarms"]
    assert not [one for one in alarms if one["kind"].startswith("rollout")]


@pytest.mark.parametrize("chosen", ["nobody", "everybody", "stranger"])
async def test_who_cannot_try(office: Office, chosen: str) -> None:
    desk = await open_desk(office)
    one, other = await terminal(office), await terminal(office, "二号窗口")
    gone = await terminal(office, "三号窗口")
    await TerminalRow.filter(id=gone.terminal_id).update(revoked_at=utc(office.at))
    ids = {
        "nobody": [gone.terminal_id],
        "everybody": [one.terminal_id, other.terminal_id],
        "stranger": [999],
    }[chosen]
    refused(await desk.publish(await desk.draft(), *ids), 400, "invalid_input")
    assert await RulesRow.all().count() == 1
    assert await RolloutRow.all().count() == 0


async def test_a_trial_cannot_move_the_business_day(office: Office) -> None:
    desk = await open_desk(office)
    one = await terminal(office)
    await terminal(office, "二号窗口")
    draft = await desk.draft()
    bundle = {**draft["bundle"], "day_starts_minute": 240}
    body = {"revision": draft["revision"], "title": "日切", "bundle": bundle}
    saved = (await desk.send("PUT", f"/drafts/{draft['draft_id']}", body)).json()
    told = await desk.publish(saved, one.terminal_id)
    refused(told, 400, "invalid_input")
    assert told.json()["evidence"]["field"] == "bundle.day_starts_minute"
    assert (await desk.publish(saved)).status_code == 201, "but all at once may"


async def test_the_terminals_of_a_trial_are_woken_and_no_others(office: Office) -> None:
    first, second = await terminal(office), await terminal(office, "二号窗口")
    await synced(office, first, second)
    desk = await open_desk(office)
    async with listening(office, first) as chosen, listening(office, second) as other:
        await desk.try_out(first.terminal_id)
        assert await chosen.next() == ("rules", {"version": 2})
        assert other.events.empty()
