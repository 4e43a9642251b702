"""The first contact of a box with its server, as its own program makes them."""

from __future__ import annotations

from contextlib import closing

from qr_terminals.client import Client
from qr_terminals.clock import TrustedClock
from qr_terminals.condition import Links, condition_of
from qr_terminals.config import Config, Identity
from qr_terminals.doors.contact import DoorContact
from qr_terminals.doors.log import LOG_FILE, DoorLog
from qr_terminals.holdings import Holdings
from qr_terminals.install.roles import Role, Task
from qr_terminals.journal import JOURNAL_FILE, Journal
from qr_terminals.keys import load_keys
from qr_terminals.kiosk.hall import Hall
from qr_terminals.readiness import Condition
from qr_terminals.sync import Contact, Health


def first_sync(task: Task, config: Config, identity: Identity, links: Links) -> Condition | None:
    """One contact; a till's condition after it, None for the others. TerminalError."""
    if task.role is Role.KIOSK:
        _beat(config, identity, links)
        return None
    if task.role is Role.DOOR:
        _sync_door(config, identity)
        return None
    return sync_once(config, identity, links)


def sync_once(config: Config, identity: Identity, links: Links) -> Condition:
    """A till's contact; its condition after it. TerminalError."""
    home = config.home
    keys = load_keys(home)
    clock = TrustedClock()
    holdings = Holdings(home, keys, identity.server_key, has_psam=bool(config.psam))
    client = Client(identity.base_url, identity.terminal_id, keys, clock.rough)
    with closing(client), closing(Journal(home / JOURNAL_FILE)) as journal:
        contact = Contact(client, journal, holdings, clock, keys, identity.terminal_id, Health)
        contact.make()
        return condition_of(journal, holdings, clock, links)


def _sync_door(config: Config, identity: Identity) -> None:
    home = config.home
    keys = load_keys(home)
    clock = TrustedClock()
    holdings = Holdings(home, keys, identity.server_key)
    client = Client(identity.base_url, identity.terminal_id, keys, clock.rough)
    with (
        closing(client),
        closing(Journal(home / JOURNAL_FILE)) as journal,
        closing(DoorLog(home / LOG_FILE, clock.rough())) as log,
    ):
        terminal_id = identity.terminal_id
        DoorContact(client, journal, holdings, clock, keys, terminal_id, Health, log).make()


def _beat(config: Config, identity: Identity, links: Links) -> None:
    clock = TrustedClock()
    keys = load_keys(config.home)
    with closing(Client(identity.base_url, identity.terminal_id, keys, clock.rough)) as client:
        Hall(client).beat(clock.rough(), {"reader": links.readers_connected > 0})
