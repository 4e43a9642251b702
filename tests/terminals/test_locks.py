"""Locks: the bytes on a relay board's port, a fire contact, an OSDP device on a pty."""

from __future__ import annotations

import os
import select
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from qr_terminals.doors import osdp_lock
from qr_terminals.doors.locks import AlarmContact, LockError, RelayLock, SimulatedLock
from qr_terminals.doors.osdp_lock import OsdpLock
from qr_terminals.doors.program import OSDP_KEY_FILE, open_lock
from qr_terminals.errors import ConfigError, KeyFileError
from simulators.osdp.channel import Channel, ChannelError
from simulators.osdp.frames import crc16, finished, take_frame, unsigned
from simulators.osdp.peripheral import Peripheral
from tests.terminals.bench import wait_for

KEY = bytes(range(16))


def read(handle: int, count: int) -> bytes:
    held = b""
    while len(held) < count:
        assert select.select([handle], [], [], 2)[0], "nothing came"
        held += os.read(handle, count - len(held))
    return held


def test_a_relay_board_is_told_channel_state_and_sum() -> None:
    near, far = os.openpty()
    tty.setraw(far)
    lock = RelayLock(os.ttyname(far), channel=2)
    lock.open_for(5)
    lock.shut()
    lock.hold_open()
    assert read(near, 12) == bytes.fromhex("a00201a3 a00200a2 a00201a3")
    assert lock.is_connected
    lock.close()
    os.close(near)
    os.close(far)


def test_a_relay_that_is_not_there_says_so_and_is_tried_again(tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB0"
    lock = RelayLock(str(port))
    with pytest.raises(LockError, match="ttyUSB0"):
        lock.open_for(5)
    near, far = os.openpty()
    tty.setraw(far)
    port.symlink_to(os.ttyname(far))
    lock.open_for(5)
    assert read(near, 4) == bytes.fromhex("a00101a2")
    lock.close()
    os.close(near)
    os.close(far)


def test_an_open_contact_and_a_missing_port_are_alarms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[bool] = []
    missing = AlarmContact(str(tmp_path / "nothing"), told.append)
    missing.start()
    wait_for(lambda: told == [True])
    missing.stop()
    wire = serial.serial_for_url("loop://")  # its CTS is its RTS: the contact is closed
    monkeypatch.setattr(serial, "serial_for_url", lambda _: wire)
    told.clear()
    contact = AlarmContact("loop", told.append)
    contact.start()
    wait_for(lambda: told == [False])
    wire.rts = False
    wait_for(lambda: told == [False, True])
    wire.rts = True
    wait_for(lambda: told == [False, True, False])
    contact.stop()


@pytest.fixture(params=[None, KEY], ids=["plain", "secure"])
def osdp(request: pytest.FixtureRequest) -> Iterator[tuple[Peripheral, OsdpLock]]:
    device = Peripheral(3, request.param)
    lock = OsdpLock(device.path, 3, master_key=request.param)
    yield device, lock
    lock.close()
    time.sleep(0.2)  # its thread ends with the poll under way
    device.unplug()


def test_an_osdp_device_opens_counts_its_seconds_and_holds(
    osdp: tuple[Peripheral, OsdpLock],
) -> None:
    device, lock = osdp
    lock.open_for(1)
    assert device.is_open
    assert (device.moves[-1].seconds, lock.is_connected) == (1.0, True)
    wait_for(lambda: not device.is_open)  # by itself, nobody told it
    assert len(device.moves) == 1
    lock.hold_open()
    assert device.is_open
    lock.shut()
    assert not device.is_open


def test_an_osdp_device_that_falls_silent_is_a_fault(
    osdp: tuple[Peripheral, OsdpLock], monkeypatch: pytest.MonkeyPatch
) -> None:
    device, lock = osdp
    monkeypatch.setattr(osdp_lock, "ONLINE_SECONDS_MAX", 0.2)
    lock.shut()
    device.is_deaf = True
    with pytest.raises(LockError, match="OSDP 3"):
        lock.open_for(1)
    assert not device.is_open


def test_a_panel_with_another_key_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osdp_lock, "ANSWER_SECONDS_MAX", 0.5)
    device = Peripheral(0, KEY)
    lock = OsdpLock(device.path, 0, master_key=bytes(16))
    with pytest.raises(LockError):
        lock.open_for(1)
    assert not device.moves
    lock.close()
    time.sleep(0.2)
    device.unplug()


def test_a_secure_device_takes_no_order_in_the_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osdp_lock, "ANSWER_SECONDS_MAX", 0.5)
    device = Peripheral(0, KEY)
    lock = OsdpLock(device.path, 0)
    with pytest.raises(LockError, match="refused"):
        lock.open_for(1)
    assert not device.moves
    lock.close()
    time.sleep(0.2)
    device.unplug()


def test_frames_are_taken_out_of_noise_and_torn_ones_are_not() -> None:
    whole = finished(unsigned(3, 1, b"", 0x40, b"\x01\x02"))
    assert crc16(b"123456789") == 0xE5CC  # the check value of this CRC
    held = bytearray(b"\xff\x00" + whole[:5])
    assert take_frame(held) is None
    held += whole[5:] + b"\x53\x00"
    frame = take_frame(held)
    assert frame is not None
    assert (frame.sequence, frame.code, frame.data) == (1, 0x40, b"\x01\x02")
    spoilt = bytearray(whole)
    spoilt[6] ^= 1
    assert take_frame(spoilt) is None


def test_a_channel_refuses_a_wrong_cryptogram_and_a_wrong_mac() -> None:
    channel = Channel(KEY, bytes(8), bytes(8))
    with pytest.raises(ChannelError, match="another key"):
        channel.open(bytes(16))
    with pytest.raises(ChannelError, match="MAC"):
        channel.check(b"order", b"")
    with pytest.raises(ChannelError, match="MAC"):
        channel.check(b"order", bytes(4))


@pytest.mark.parametrize(
    "spec",
    ["", "door", "relay:", "relay:/dev/x,0", "relay:/dev/x,17", "relay:/dev/x,a", "simulated:x",
     "osdp:", "osdp:/dev/x,127", "osdp:/dev/x,1,9600,1"],
)  # fmt: skip
def test_a_wrong_lock_is_named(tmp_path: Path, spec: str) -> None:
    with pytest.raises(ConfigError, match="--lock"):
        open_lock(spec, tmp_path)


def test_a_lock_is_made_of_its_words(tmp_path: Path) -> None:
    assert isinstance(open_lock("simulated", tmp_path), SimulatedLock)
    assert isinstance(open_lock("relay:/dev/x,16", tmp_path), RelayLock)


def test_an_osdp_key_is_private_and_whole(tmp_path: Path) -> None:
    path = tmp_path / OSDP_KEY_FILE
    path.write_text("00" * 16)
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match="600"):
        open_lock("osdp:/dev/x", tmp_path)
    path.chmod(0o600)
    for text in ("00" * 15, "no hex"):
        path.write_text(text)
        with pytest.raises(ConfigError, match="hex"):
            open_lock("osdp:/dev/x", tmp_path)
