"""Profiles as files. What is shipped is generic: a school fills in its bank's own table."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bank_gateway.profile import Profile
from bank_gateway.yaml_files import checked

SHIPPED: Final = Path(__file__).parent / "profiles"


def read_profile(path: Path) -> Profile:
    """Read and check a profile. Raises MistakesError with every mistake, OSError."""
    return profile_from(path.read_bytes(), path.name)


def profile_from(raw: bytes, name: str) -> Profile:
    """The profile that these bytes are. Raises MistakesError with every mistake."""
    return checked(raw, name, Profile)
