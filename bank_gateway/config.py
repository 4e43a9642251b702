"""What a gateway is told at start: its two sides, its banks, and where its files lie.

The campus side and each line to a bank stand on addresses of their own, so that no packet finds a
way from one to the other: a gateway whose sides coincide does not start.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from bank_gateway.keys import KEK_BYTES, KeyBlockError, open_key
from bank_gateway.line import Address
from bank_gateway.partner import Secrets
from bank_gateway.profile import Part, Profile
from bank_gateway.profile_files import read_profile
from bank_gateway.signing import KEY_BYTES_MIN
from bank_gateway.yaml_files import checked

READABLE_BY_OTHERS: Final = 0o077


def _own_address(text: str) -> str:
    """Raise ValueError unless it is one address of this machine's, not all of them."""
    address = ipaddress.ip_address(text)
    if address.is_unspecified:
        raise ValueError("one address, not every address of the machine")
    return text


OwnAddress = Annotated[str, AfterValidator(_own_address)]
Port = Annotated[int, Field(ge=0, le=65_535)]
Name = Annotated[str, Field(min_length=1, max_length=255)]


class ConfigError(Exception):
    """A setting or a file that cannot be used; the sentence says which."""


class CampusSide(Part):
    """Where the school's server reaches us."""

    host: OwnAddress
    port: Port


class ServerSide(Part):
    """Where we reach the school's server, and the file with the key that both hold."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s/]+$")]
    key_file: Name


class TerminalSettings(Part):
    """One terminal as the bank knows it."""

    terminal: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,15}$")]
    merchant: Annotated[str, Field(max_length=15)] = ""
    agent: Annotated[str, Field(max_length=15)] = ""


class BankSettings(Part):
    """One bank: its profile, where it listens, the address of ours that faces it."""

    profile: Name
    host: Name
    port: Port
    local_host: OwnAddress
    terminals: Annotated[list[TerminalSettings], Field(min_length=1, max_length=100)]
    files: str = ""
    """The folder where the bank's files arrive; "" for none."""


class Settings(Part):
    """The whole file. Names of files are from its own folder."""

    campus: CampusSide
    server: ServerSide
    journal: Name
    keys: Name
    """The folder of the sealed keys: `BANK.TERMINAL.key` and `BANK.shared`."""
    kek_file: Name
    banks: Annotated[list[BankSettings], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _sides_are_apart(self) -> Self:
        for bank in self.banks:
            if bank.local_host == self.campus.host:
                raise ValueError(
                    f"campus.host and local_host are both {bank.local_host}: the campus side and a"
                    " line to a bank need addresses of their own"
                )
        return self


@dataclass(frozen=True, slots=True)
class BankConfig:
    """One bank with everything read."""

    profile: Profile
    address: Address
    terminals: tuple[TerminalSettings, ...]
    secrets: tuple[Secrets, ...]
    files: Path | None


@dataclass(frozen=True, slots=True)
class Config:
    """What the program runs by."""

    settings: Settings
    journal: Path
    kek: bytes = field(repr=False)
    server_key: bytes = field(repr=False)
    banks: tuple[BankConfig, ...]


def read_settings(path: Path) -> Settings:
    """The file alone. Raises MistakesError with every mistake, OSError."""
    return checked(path.read_bytes(), path.name, Settings)


def read_config(path: Path) -> Config:
    """The file and all it names. Raises MistakesError, ConfigError, KeyBlockError, OSError."""
    settings, folder = read_settings(path), path.parent
    kek = read_kek(folder / settings.kek_file)
    banks = tuple(_bank(one, settings, folder, kek) for one in settings.banks)
    names = [bank.profile.bank for bank in banks]
    if len(set(names)) != len(names):
        raise ConfigError(f"banks: {', '.join(names)}: each bank once")
    return Config(
        settings=settings,
        journal=folder / settings.journal,
        kek=kek,
        server_key=_secret(folder / settings.server.key_file, KEY_BYTES_MIN),
        banks=banks,
    )


def read_kek(path: Path) -> bytes:
    """The key that all keys on disk are sealed with. Raises ConfigError, OSError."""
    return _secret(path, KEK_BYTES)


def _bank(bank: BankSettings, settings: Settings, folder: Path, kek: bytes) -> BankConfig:
    profile = read_profile(folder / bank.profile)
    keys = folder / settings.keys
    secrets = tuple(_secrets(profile, keys, one.terminal, kek) for one in bank.terminals)
    return BankConfig(
        profile,
        Address(bank.host, bank.port, bank.local_host),
        tuple(bank.terminals),
        secrets,
        folder / bank.files if bank.files else None,
    )


def _secrets(profile: Profile, keys: Path, terminal: str, kek: bytes) -> Secrets:
    """A terminal's master key where its bank has batches, the shared key where seals need one."""
    if profile.has_batches:
        return Secrets(master=_sealed(keys, f"{profile.bank}.{terminal}.key", kek))
    if profile.seal is not None:
        return Secrets(shared=_sealed(keys, f"{profile.bank}.shared", kek))
    return Secrets()


def _sealed(keys: Path, name: str, kek: bytes) -> bytes:
    path = keys / name
    try:
        return open_key(kek, path.read_bytes(), name)
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such key; make it by `keys`") from None
    except KeyBlockError as error:
        raise ConfigError(f"{path}: {error}") from None


def _secret(path: Path, bytes_min: int) -> bytes:
    """Hexadecimal digits in a file that only its owner reads."""
    if path.stat().st_mode & READABLE_BY_OTHERS:
        raise ConfigError(f"{path}: others may read it; chmod 600")
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        raise ConfigError(f"{path}: hexadecimal digits are wanted") from None
    if len(key) < bytes_min:
        raise ConfigError(f"{path}: at least {bytes_min} bytes ({2 * bytes_min} digits)")
    return key
