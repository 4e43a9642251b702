"""Invented people of real shape: the roster that is shipped, and as many more as are wanted.

`python -m simulators.lunch.people 252 > simulators/roster.csv` made the shipped file.
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

HEADER = ("number", "name", "department", "class")
SEED = 20260101

_FAMILY = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红健鹏辉宇晨雨欣怡佳思嘉浩然子轩梓涵一诺若曦文博"
    "俊熙雪晴天瑞乐安宁远航志远书瑶语彤沐阳清雅景行知夏亦凡望舒星河青禾"
)
_TWO_FAMILY = ("欧阳", "上官", "司马", "诸葛", "尉迟", "阿不都")
_DEPARTMENTS = (
    "计算机学院",
    "数学科学学院",
    "物理学院",
    "化学化工学院",
    "生命科学学院",
    "文学院",
    "外国语学院",
    "经济管理学院",
    "法学院",
    "机械工程学院",
    "土木工程学院",
    "医学院",
    "艺术学院",
)
_OFFICES = ("教务处", "图书馆", "后勤保障部", "信息化中心", "校医院", "财务处")
_HOSTS = ("继续教育学院（短训）", "国际交流处（访问学者）", "施工单位（临时）")


@dataclass(frozen=True, slots=True)
class Invented:
    """One invented person, as a line of the roster says it."""

    number: str
    name: str
    department: str
    card_class: str


def invent(count: int, seed: int = SEED) -> Iterator[Invented]:
    """Yield so many people, always the same ones: of ten, eight students, a teacher, a guest."""
    chance = random.Random(seed)
    for place in range(1, count + 1):
        name = _name(chance)
        if place % 10 == 9:
            office = chance.choice((*_OFFICES, *_DEPARTMENTS))
            yield Invented(f"T{place:06}", name, office, "教工")
        elif place % 10 == 0:
            yield Invented(f"V{place:06}", name, chance.choice(_HOSTS), "访客")
        else:
            year = chance.choice((2022, 2023, 2024, 2025))
            yield Invented(f"{year}{place:06}", name, chance.choice(_DEPARTMENTS), "学生")


def write_roster(people: Iterator[Invented], out: TextIO) -> None:
    """Write a roster file."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows((one.number, one.name, one.department, one.card_class) for one in people)


def _name(chance: random.Random) -> str:
    family = chance.choice(_TWO_FAMILY) if chance.random() < 0.03 else chance.choice(_FAMILY)
    return family + "".join(chance.sample(_GIVEN, chance.choice((1, 2, 2))))


if __name__ == "__main__":
    write_roster(invent(int(sys.argv[1])), sys.stdout)
