"""Documents: a new one replaces an old one only when it is right; a restart finds the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from campus_code import (
    CardState,
    DocumentError,
    DocumentFault,
    DocumentKind,
    pack_denylist,
    sign_document,
)
from qr_terminals.holdings import Holdings
from qr_terminals.keys import DeviceKeys, make_keys
from tests.terminals.campus import Campus, card

CAMPUS = Campus()


@pytest.fixture
def keys(tmp_path: Path) -> DeviceKeys:
    return make_keys(tmp_path)


@pytest.fixture
def build(tmp_path: Path, keys: DeviceKeys) -> Callable[[], Holdings]:
    return lambda: Holdings(tmp_path, keys, CAMPUS.server_key.public_key())


def full(holdings: Holdings, keys: DeviceKeys) -> Holdings:
    for raw in CAMPUS.documents(keys.sealing_public):
        holdings.take(raw)
    return holdings


def test_everything_taken_is_there_after_a_restart(
    build: Callable[[], Holdings], keys: DeviceKeys
) -> None:
    holdings = full(build(), keys)
    holdings.take(CAMPUS.denylist_document(5, [3]))
    again = build()
    assert again.faults == {}
    assert again.now.rules == CAMPUS.rules()
    assert again.now.keyring == CAMPUS.keyring
    assert again.now.directory.find(card(3)) == holdings.now.directory.find(card(3))
    assert again.now.denylist.state_of(card(3), 1) is CardState.FROZEN
    assert again.versions() == {
        "rules": 1, "denylist": 5, "directory": 1, "keyring": 1, "limits": 0,
        "doors": 0, "chips": 0,
    }  # fmt: skip
    assert again.now.issued_at == CAMPUS.at


def test_the_keyring_is_nowhere_on_disk_in_the_open(
    build: Callable[[], Holdings], keys: DeviceKeys, tmp_path: Path
) -> None:
    full(build(), keys)
    master = CAMPUS.terminal_key.master
    for path in tmp_path.iterdir():
        assert master not in path.read_bytes(), path.name
        assert master.hex().encode() not in path.read_bytes(), path.name


@pytest.mark.parametrize("place", [10, 40, -70, -1])
def test_a_changed_document_is_not_taken_and_the_old_one_stays(
    build: Callable[[], Holdings], keys: DeviceKeys, place: int
) -> None:
    holdings = full(build(), keys)
    raw = bytearray(CAMPUS.rules_document(2))
    raw[place] ^= 1
    with pytest.raises(DocumentError):
        holdings.take(bytes(raw))
    assert holdings.now.rules_version == 1


def test_another_signer_is_refused(build: Callable[[], Holdings], keys: DeviceKeys) -> None:
    holdings = full(build(), keys)
    other = Campus(server_key=Ed25519PrivateKey.generate())
    with pytest.raises(DocumentError) as refused:
        holdings.take(other.denylist_document(9, [1]))
    assert refused.value.why is DocumentFault.UNKNOWN_SIGNER
    assert holdings.now.denylist.version == 0


@pytest.mark.parametrize("version", [4, 5])
def test_versions_only_grow(build: Callable[[], Holdings], keys: DeviceKeys, version: int) -> None:
    holdings = full(build(), keys)
    holdings.take(CAMPUS.denylist_document(5, [3]))
    with pytest.raises(DocumentError) as refused:
        holdings.take(CAMPUS.denylist_document(version, []))
    assert refused.value.why is DocumentFault.STALE_VERSION
    assert build().now.denylist.state_of(card(3), 1) is CardState.FROZEN


def test_older_rules_and_keyrings_do_not_come_back(
    build: Callable[[], Holdings], keys: DeviceKeys
) -> None:
    holdings = full(build(), keys)
    holdings.take(CAMPUS.rules_document(3))
    holdings.take(CAMPUS.keyring_document(keys.sealing_public, 3))
    for raw in (CAMPUS.rules_document(2), CAMPUS.keyring_document(keys.sealing_public, 2)):
        with pytest.raises(DocumentError) as refused:
            holdings.take(raw)
        assert refused.value.why is DocumentFault.STALE_VERSION
    assert holdings.versions()["rules"] == holdings.versions()["keyring"] == 3


def test_a_change_of_another_list_is_asked_for_whole(
    build: Callable[[], Holdings], keys: DeviceKeys
) -> None:
    holdings = full(build(), keys)
    holdings.take(CAMPUS.denylist_document(5, [3]))
    raw = CAMPUS.denylist_document(9, [4], base=8)
    with pytest.raises(DocumentError) as refused:
        holdings.take(raw)
    holdings.refuse(raw, refused.value)
    assert holdings.versions()["denylist"] == 0
    assert "denylist.held" in holdings.faults
    holdings.take(CAMPUS.denylist_document(9, [3, 4]))
    assert holdings.versions()["denylist"] == 9
    assert holdings.faults == {}


def test_a_list_that_denies_half_the_school_is_not_believed_unless_it_is_meant(
    build: Callable[[], Holdings], keys: DeviceKeys
) -> None:
    holdings = full(build(), keys)
    many = list(range(30))
    with pytest.raises(DocumentError) as refused:
        holdings.take(CAMPUS.denylist_document(5, many))
    assert refused.value.why is DocumentFault.IMPLAUSIBLE
    meant = pack_denylist([], is_mass=True)
    holdings.take(sign_document(DocumentKind.DENYLIST, 6, CAMPUS.at, meant, CAMPUS.server_key))
    assert build().now.denylist.version == 6


def test_a_file_changed_on_disk_is_not_believed(
    build: Callable[[], Holdings], keys: DeviceKeys, tmp_path: Path
) -> None:
    holdings = full(build(), keys)
    holdings.take(CAMPUS.denylist_document(5, [3]))
    path = tmp_path / "denylist.held"
    raw = bytearray(path.read_bytes())
    raw[-41] ^= 1  # the state: active instead of frozen
    path.write_bytes(bytes(raw))
    again = build()
    assert again.now.denylist.version == 0
    assert "denylist.held" in again.faults
    path.write_bytes(b"")
    assert "denylist.held" in build().faults


def test_an_older_file_of_another_kind_is_not_taken_for_this_one(
    build: Callable[[], Holdings], keys: DeviceKeys, tmp_path: Path
) -> None:
    full(build(), keys)
    (tmp_path / "rules.held").write_bytes((tmp_path / "directory.held").read_bytes())
    again = build()
    assert again.now.rules is None
    assert "another kind" in again.faults["rules.held"]


def test_a_freeze_is_in_force_even_when_the_disk_is_full(
    build: Callable[[], Holdings], keys: DeviceKeys, tmp_path: Path
) -> None:
    holdings = full(build(), keys)
    (tmp_path / "denylist.held.new").mkdir()  # writing there fails, as a full disk does
    holdings.take(CAMPUS.denylist_document(5, [3]))
    assert holdings.now.denylist.state_of(card(3), 1) is CardState.FROZEN
    assert "not kept on disk" in holdings.faults["denylist.held"]


@pytest.mark.parametrize("raw", [b"", b"XMD1", b"XMD1\x04" + bytes(200), b"XMD1\xff" + bytes(200)])
def test_what_is_no_document_for_a_terminal_is_refused(
    build: Callable[[], Holdings], raw: bytes
) -> None:
    holdings = build()
    with pytest.raises(DocumentError) as refused:
        holdings.take(raw)
    holdings.refuse(raw, refused.value)
    assert holdings.faults


def test_a_keyring_sealed_to_another_device_is_refused(
    build: Callable[[], Holdings], tmp_path: Path
) -> None:
    other = make_keys(tmp_path / "..")
    with pytest.raises(DocumentError) as refused:
        build().take(CAMPUS.keyring_document(other.sealing_public))
    assert refused.value.why is DocumentFault.BAD_SEAL
