"""The key file: private, never overwritten, and what it seals opens only where it was sealed."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from backend.config import Config
from backend.gateways.bus import BusError, LocalBus
from backend.gateways.vault import FileVault, VaultError
from backend.opening import open_vault


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "server"
    FileVault.make(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert os.listdir(path.parent) == ["server"]  # noqa: PTH208 - no draft is left behind


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o601])
def test_a_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "server"
    FileVault.make(path)
    path.chmod(mode)
    with pytest.raises(VaultError, match="chmod 600"):
        FileVault(path)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    FileVault.make(tmp_path / "server")
    (tmp_path / "link").symlink_to(tmp_path / "server")
    with pytest.raises(VaultError):
        FileVault(tmp_path / "link")


@pytest.mark.parametrize("body", [b"", b"xiaoma-keys-1\n" + bytes(63), b"x" * 78])
def test_another_file_is_no_key_file(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "server"
    path.write_bytes(body)
    path.chmod(0o600)
    with pytest.raises(VaultError, match="not a key file"):
        FileVault(path)


def test_keys_are_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "server"
    before = FileVault.make(path).public_key().public_bytes_raw()
    with pytest.raises(FileExistsError):
        FileVault.make(path)
    assert FileVault(path).public_key().public_bytes_raw() == before


def test_production_makes_no_keys(tmp_path: Path) -> None:
    path = tmp_path / "server"
    settings = {
        "XIAOMA_MODE": "production",
        "XIAOMA_DATABASE": "mysql://root@127.0.0.1/x",
        "XIAOMA_REDIS": "redis://127.0.0.1/0",
        "XIAOMA_PUBLIC_URL": "https://card.example.edu",
        "XIAOMA_KEY_FILE": str(path),
    }
    with pytest.raises(VaultError, match="cannot be read"):
        open_vault(Config.read(settings))
    assert not path.exists()
    open_vault(Config.read({"XIAOMA_KEY_FILE": str(path)}))
    assert path.exists()


def test_what_was_sealed_opens_in_its_own_place_only(tmp_path: Path) -> None:
    vault = FileVault.make(tmp_path / "server")
    sealed = vault.seal(b"master", "epoch-key/7/issuer")
    assert vault.open(sealed, "epoch-key/7/issuer") == b"master"
    assert vault.seal(b"master", "epoch-key/7/issuer") != sealed
    with pytest.raises(VaultError):
        vault.open(sealed, "epoch-key/7/terminal")
    with pytest.raises(VaultError):
        FileVault.make(tmp_path / "other").open(sealed, "epoch-key/7/issuer")
    with pytest.raises(VaultError):
        vault.open("A" + sealed[1:] if sealed[0] != "A" else "B" + sealed[1:], "epoch-key/7/issuer")


def test_the_stand_in_for_redis_does_not_start_in_production() -> None:
    with pytest.raises(BusError, match="XIAOMA_REDIS"):
        LocalBus("production")
    with pytest.warns(RuntimeWarning, match="no other process"):
        LocalBus("demo")


def test_a_keyed_hash_is_found_again_and_nobody_elses(tmp_path: Path) -> None:
    vault = FileVault.make(tmp_path / "one")
    made = vault.keyed_hash(b"+8613800000000", "phone")
    assert FileVault(tmp_path / "one").keyed_hash(b"+8613800000000", "phone") == made
    others = {
        vault.keyed_hash(b"+8613800000001", "phone"),
        vault.keyed_hash(b"+8613800000000", "fax"),
        FileVault.make(tmp_path / "two").keyed_hash(b"+8613800000000", "phone"),
        hashlib.sha256(b"+8613800000000").hexdigest(),
    }
    assert made not in others
    assert len(others) == 4
