"""Contacts with the server: records up, documents down, push, and what goes wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from campus_code import CardState
from qr_terminals.answers import UploadOutcome
from qr_terminals.errors import ServerError
from qr_terminals.sync import (
    Pushed,
    Synced,
    SyncFailed,
    SyncLoop,
    SyncNews,
    _answered_through,
    back_off,
    spread,
)
from tests.terminals.bench import Rig, wait_for
from tests.terminals.campus import FIXED_FEN, NOON, Campus, card
from tests.terminals.standin import Standin


def test_a_first_contact_brings_everything(rig: Rig, standin: Standin) -> None:
    assert standin.heartbeats[0]["versions"] == {
        "rules": 0,
        "denylist": 0,
        "directory": 0,
        "keyring": 0,
        "limits": 0,
        "doors": 0,
        "chips": 0,
    }
    rig.sync()
    beat = standin.heartbeats[-1]
    held = {"rules": 1, "denylist": 0, "directory": 1, "keyring": 1, "limits": 0}
    held |= {"doors": 0, "chips": 0}
    assert beat["versions"] == held
    assert beat["heartbeat"]["readiness"]["keyring"] is True
    assert standin.wrong_macs == 0


def test_the_heartbeat_says_how_the_journal_is(
    offline_rig: Rig, campus: Campus, standin: Standin
) -> None:
    rig = offline_rig
    rig.scan(campus.code(1))
    standin.is_down = False
    standin.refuses_uploads = True
    rig.sync()
    beat = standin.heartbeats[-1]["heartbeat"]
    assert (beat["journal_depth"], beat["highest_sequence"]) == (1, 1)
    assert beat["journal_hash"] == rig.journal.tip[1].hex()


def test_a_failed_upload_does_not_keep_a_denylist_away(
    offline_rig: Rig, campus: Campus, standin: Standin
) -> None:
    rig = offline_rig
    rig.scan(campus.code(1))
    standin.is_down = False
    standin.refuses_uploads = True
    standin.publish("denylist", 4, campus.denylist_document(4, [2]))
    rig.sync()
    assert rig.holdings.now.denylist.state_of(card(2), 1) is CardState.FROZEN
    assert rig.journal.depth() == 1
    standin.refuses_uploads = False
    rig.sync()
    assert rig.journal.depth() == 0


def test_the_offline_budget_returns_only_when_records_went_up(
    offline_rig: Rig, campus: Campus, standin: Standin
) -> None:
    rig = offline_rig
    rig.scan(campus.code(1))
    standin.is_down = False
    standin.refuses_uploads = True
    rig.sync()
    assert rig.terminal._till.memory.offline[card(1)].payments == 1
    rig.restart()
    assert rig.terminal._till.memory.offline[card(1)].payments == 1
    standin.refuses_uploads = False
    rig.sync()
    assert rig.terminal._till.memory.offline == {}


def test_who_is_asked_to_come_back_later_syncs_all_the_same(
    offline_rig: Rig, campus: Campus, standin: Standin
) -> None:
    rig = offline_rig
    rig.scan(campus.code(1))
    standin.is_down = False
    standin.asks_to_wait_seconds = 7
    standin.publish("denylist", 4, campus.denylist_document(4, [2]))
    synced = rig.contact.make()
    assert (synced.through, synced.more_in_seconds, synced.taken) == (None, 7, ("denylist",))
    rig.terminal.take(synced)
    assert rig.terminal._till.memory.offline[card(1)].payments == 1  # not uploaded: still counted
    standin.asks_to_wait_seconds = 0
    synced = rig.contact.make()
    assert (synced.through, synced.more_in_seconds, rig.journal.depth()) == (1, None, 0)


def test_a_long_upload_lets_a_sync_through_and_goes_on(
    offline_rig: Rig, campus: Campus, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = offline_rig
    for student in (1, 2, 3):
        rig.scan(campus.code(student))
    standin.is_down = False
    monkeypatch.setattr("qr_terminals.journal.RECORDS_MAX", 1)
    monkeypatch.setattr("qr_terminals.sync.UPLOAD_SECONDS_MAX", 0.0)
    told = [rig.contact.make() for _ in range(3)]
    assert [(one.through, one.more_in_seconds) for one in told] == [(None, 0), (None, 0), (3, None)]
    assert rig.journal.depth() == 0


def test_the_rest_goes_up_when_the_server_said(
    offline_rig: Rig, campus: Campus, standin: Standin
) -> None:
    rig = offline_rig
    rig.scan(campus.code(1))
    standin.is_down = False
    standin.asks_to_wait_seconds = 1
    news: list[SyncNews] = []
    loop = SyncLoop(rig.contact, news.append, 30.0)
    loop._threads = loop._threads[:1]  # an event stream would wake it sooner
    loop.start()
    began = time.monotonic()
    wait_for(lambda: len(news) > 0)
    standin.asks_to_wait_seconds = 0
    wait_for(lambda: rig.journal.depth() == 0)
    loop.stop()
    assert 1.0 <= time.monotonic() - began < 3.0
    assert [spread(8, chance) for chance in (0.0, 0.5, 1.0)] == [8, 9, 10]


def test_only_what_the_server_answered_for_counts_as_uploaded() -> None:
    outcomes = [UploadOutcome(n, "posted", "") for n in (4, 5, 7)]
    assert _answered_through(4, 8, outcomes) == 5
    with pytest.raises(ServerError, match="none of the uploaded"):
        _answered_through(3, 8, outcomes)


def test_a_bad_document_does_not_end_the_contact(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    good = campus.denylist_document(4, [2])
    standin.publish("denylist", 4, good[:-1] + bytes((good[-1] ^ 1,)))
    rig.sync()
    assert rig.holdings.now.denylist.version == 0
    assert rig.holdings.faults
    standin.publish("denylist", 4, good)
    rig.sync()
    assert rig.holdings.now.denylist.version == 4


def test_records_stay_until_a_second_contact(rig: Rig, campus: Campus) -> None:
    rig.scan(campus.code(1))
    rig.sync()
    assert rig.journal.confirmed_through() == 0
    rig.sync()
    assert rig.journal.confirmed_through() == 1


def test_a_restored_server_gets_everything_again(
    offline_rig: Rig, campus: Campus, standin: Standin
) -> None:
    rig = offline_rig
    for number in range(4):
        rig.scan(campus.code(number))
    standin.is_down = False
    rig.sync()
    rig.sync()
    before = standin.charged()
    standin.forgets_through = 1
    rig.sync()
    assert len(standin.charged()) == 1
    rig.sync()
    assert standin.charged() == before
    assert standin.conflicts() == []


def test_a_server_that_holds_more_than_the_journal_stops_the_terminal(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    standin.through = 9
    rig.sync()
    lines = rig.lines()
    assert any(line.get("result") == "fault" for line in lines)
    assert rig.scan(campus.code(1)) == {}


def test_an_ended_session_is_opened_again(rig: Rig, campus: Campus, standin: Standin) -> None:
    standin.session_keys.clear()
    assert rig.scan(campus.code(1))["online"] is True
    assert len(standin.session_keys) == 1


def test_a_wrong_session_key_gets_nowhere(rig: Rig, standin: Standin) -> None:
    token = next(iter(standin.session_keys))
    standin.session_keys[token] = bytes(32)
    rig.sync()
    assert standin.wrong_macs == 1
    assert len(standin.session_keys) == 2


def test_back_off_doubles_is_jittered_and_bounded() -> None:
    assert back_off(15, 0, 0.0) == back_off(15, 0, 1.0) == 15
    assert back_off(15, 1, 0.0) == 15
    assert back_off(15, 1, 1.0) == 30
    assert back_off(15, 50, 1.0) == 300
    assert back_off(15, 50, 0.0) == 150
    assert back_off(1000, 3, 1.0) == 1000


@pytest.fixture
def loop(rig: Rig) -> Iterator[tuple[SyncLoop, list[SyncNews]]]:
    news: list[SyncNews] = []
    loop = SyncLoop(rig.contact, news.append, 30.0)
    before = threading.active_count()
    loop.start()
    wait_for(lambda: any(isinstance(one, Synced) for one in news))
    yield loop, news
    loop.stop()
    assert threading.active_count() >= before


def test_a_pushed_freeze_is_in_force_at_once_and_reported_soon(
    loop: tuple[SyncLoop, list[SyncNews]], rig: Rig, campus: Campus, standin: Standin
) -> None:
    standin.push("denylist", 7, campus.denylist_document(7, [1]))
    wait_for(lambda: Pushed(7) in loop[1])
    assert rig.scan(campus.code(1))["reason"] == "frozen"
    wait_for(lambda: standin.heartbeats[-1]["versions"]["denylist"] == 7)


def test_a_wake_up_makes_a_contact(
    loop: tuple[SyncLoop, list[SyncNews]], rig: Rig, campus: Campus, standin: Standin
) -> None:
    standin.publish("rules", 2, campus.rules_document(2))
    standin.push("rules", 2)
    wait_for(lambda: rig.holdings.now.rules_version == 2)


def test_a_network_that_comes_back_makes_a_contact_at_once(
    loop: tuple[SyncLoop, list[SyncNews]], standin: Standin
) -> None:
    standin.is_down = True
    time.sleep(1.0)  # the open stream ends; the next contact by the clock is half a minute away
    beats = len(standin.heartbeats)
    standin.is_down = False
    wait_for(lambda: len(standin.heartbeats) > beats)


def test_a_pushed_document_that_is_wrong_changes_nothing(
    loop: tuple[SyncLoop, list[SyncNews]], rig: Rig, campus: Campus, standin: Standin
) -> None:
    beats = len(standin.heartbeats)
    standin.push("denylist", 7, campus.denylist_document(7, [1])[:-1] + b"x")
    wait_for(lambda: len(standin.heartbeats) > beats)
    assert rig.holdings.now.denylist.version == 0
    assert "denylist.held" in rig.holdings.faults
    assert rig.scan(campus.code(1))["charged_fen"] == FIXED_FEN
    standin.push("denylist", 8, campus.denylist_document(8, [1]))
    wait_for(lambda: Pushed(8) in loop[1])
    assert rig.holdings.faults == {}


def test_a_push_that_comes_late_is_no_fault(
    loop: tuple[SyncLoop, list[SyncNews]], rig: Rig, campus: Campus, standin: Standin
) -> None:
    """A neighbour, or a contact, has brought the very list already."""
    rig.holdings.take(campus.denylist_document(7, [1]))
    beats = len(standin.heartbeats)
    standin.push("denylist", 7, campus.denylist_document(7, [1]))
    wait_for(lambda: len(standin.heartbeats) > beats)
    assert rig.holdings.faults == {}
    assert Pushed(7) not in loop[1]


def test_a_dead_server_is_news_and_the_loop_goes_on(
    loop: tuple[SyncLoop, list[SyncNews]], standin: Standin
) -> None:
    standin.is_down = True
    loop[0].wake()
    wait_for(lambda: any(isinstance(one, SyncFailed) for one in loop[1]))
    standin.is_down = False
    synced = sum(isinstance(one, Synced) for one in loop[1])
    loop[0].wake()
    wait_for(lambda: sum(isinstance(one, Synced) for one in loop[1]) > synced)
    assert loop[1][-1].at == NOON  # type: ignore[union-attr]
