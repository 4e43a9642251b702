"""What both roots open the same way: the log, the keys, the bus."""

from __future__ import annotations

import contextlib
import logging
from contextlib import AsyncExitStack

from backend.config import Config
from backend.gateways.bus import LocalBus, RedisBus
from backend.gateways.vault import FileVault
from backend.usecases.ports import Bus, Vault

log = logging.getLogger("xiaoma.opening")

EXIT_REFUSED = 2
"""Exit status when settings, keys or database do not allow a start."""
LOG_FORMAT = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


def begin_log() -> None:
    """Log our own lines to standard error, of others only what is wrong."""
    logging.basicConfig(level=logging.WARNING, format=LOG_FORMAT)
    logging.captureWarnings(capture=True)
    logging.getLogger("xiaoma").setLevel(logging.INFO)


def open_vault(config: Config) -> Vault:
    """The server's keys; a demo makes them on its first start, production never does.

    Raises VaultError when they are missing in production, or open to other users.
    """
    if config.mode == "demo" and not config.key_file.exists():
        log.warning("demo: making a new key file %s", config.key_file)
        with contextlib.suppress(FileExistsError):  # server and worker may start together
            return FileVault.make(config.key_file)
    return FileVault(config.key_file)


async def open_bus(config: Config, stack: AsyncExitStack) -> Bus:
    """Redis when it is configured, else this process alone."""
    if not config.redis:
        local = LocalBus(config.mode)
        stack.push_async_callback(local.close)
        return local
    shared = RedisBus(config.redis)
    await shared.start()
    stack.push_async_callback(shared.close)
    return shared
