"""A school that the office's web shows: what whoever lets something happen in it hands around."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.rig.device import Device
from tests.rig.office import Student
from tests.rig.shop import Shop

Say = Callable[[str, int], str]
"""A text for a field of that name with room for so many characters."""


@dataclass
class WebSchool:
    """The school, and who is in it."""

    shop: Shop
    headers: dict[str, str]
    students: list[Student] = field(default_factory=list)
    tills: list[Device] = field(default_factory=list)
