"""The readers that the settings name."""

from __future__ import annotations

from qr_terminals.config import Config
from qr_terminals.readers import Reader
from qr_terminals.readers.camera import CameraReader, camera_command
from qr_terminals.readers.serial import SerialReader


def open_readers(config: Config) -> list[Reader]:
    """All of them, not started yet. ConfigError when a path can be none."""
    readers: list[Reader] = [SerialReader(port, config.baud_rate) for port in config.serial]
    if config.hid:
        # evdev is Linux's alone; a terminal without such a scanner runs without it
        from qr_terminals.readers.hid import HidReader

        readers += [HidReader(path) for path in config.hid]
    readers += [
        CameraReader(device, camera_command(device, config.camera_command))
        for device in config.camera
    ]
    return readers
