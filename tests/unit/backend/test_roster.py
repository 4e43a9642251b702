"""A roster file's lines and faults, hostile ones among them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.roster import (
    ROSTER_BYTES_MAX,
    ROSTER_ERRORS_MAX,
    ROSTER_LINES_MAX,
    KnownHolder,
    Roster,
    RosterError,
    RosterFault,
    RosterLine,
    class_ids_of,
    plan_import,
    read_roster,
)
from campus_code import ClassRules

CLASSES = class_ids_of({1: ClassRules(1, "学生", "Student"), 2: ClassRules(2, "教工", "Staff")})
HEADER = "number,name,department,class\n"


def read(text: str, encoding: str = "utf-8") -> Roster:
    return read_roster(text.encode(encoding), CLASSES)


def faults(text: str) -> list[tuple[int, str, RosterFault]]:
    return [(one.line, one.column, one.fault) for one in read(text).errors]


def one_fault(line: str, *, header: str = HEADER) -> tuple[str, RosterFault]:
    roster = read(header + line + "\nS2,李四,,1\n")
    (error,) = roster.errors
    assert error.line == 2
    assert [good.number for good in roster.lines] == ["S2"], "its neighbours stay good"
    return error.column, error.fault


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_usual_encoding_and_line_ending_is_read(encoding: str, ending: str) -> None:
    text = (HEADER + "20240001,张三,计算机学院,学生\n20240002,李四,,2\n").replace("\n", ending)
    roster = read(text, encoding)
    assert roster.errors == ()
    assert roster.lines == (
        RosterLine(2, "20240001", "张三", "计算机学院", 1, is_active=True),
        RosterLine(3, "20240002", "李四", "", 2, is_active=True),
    )


def test_the_state_column_is_optional_and_columns_may_be_in_any_order() -> None:
    roster = read("class,state,name,number,department\nstaff,离校,王五,t-9,图书馆\n")
    assert roster.lines == (RosterLine(2, "T-9", "王五", "图书馆", 2, is_active=False),)


@pytest.mark.parametrize(
    "cell, said",
    [("", None), ("yes", True), ("YES", True), ("是", True), ("no", False), ("否", False)],
)
def test_a_file_may_say_who_is_of_age(cell: str, said: bool | None) -> None:  # noqa: FBT001
    (line,) = read(f"number,name,department,class,adult\nS1,张三,,1,{cell}\n").lines
    assert line.is_adult is said


def test_who_is_of_age_is_not_guessed() -> None:
    header = "number,name,department,class,adult\n"
    roster = read(header + "S1,张三,,1,maybe\n")
    assert [(one.column, one.fault) for one in roster.errors] == [
        ("adult", RosterFault.UNKNOWN_ADULT)
    ]


@pytest.mark.parametrize("said, changed", [(None, 0), (False, 0), (True, 1)])
def test_a_file_that_does_not_say_it_changes_nobodys_age(
    said: bool | None,  # noqa: FBT001
    changed: int,
) -> None:
    line = RosterLine(2, "S1", "张三", "", 1, is_active=True, is_adult=said)
    minor = KnownHolder(1, "S1", "张三", "", 1, is_active=True, is_adult=False)
    assert len(plan_import((line,), {"S1": minor}).changed) == changed


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "＝", "＋", "－", "＠", " ="])
@pytest.mark.parametrize("column", ["number", "name", "department", "class"])
def test_what_a_spreadsheet_would_run_is_refused(start: str, column: str) -> None:
    cells = {"number": "S1", "name": "张三", "department": "院", "class": "1"}
    cells[column] = start + "cmd|' /C calc'!A0"
    assert one_fault(",".join(cells.values())) == (column, RosterFault.FORMULA)


@pytest.mark.parametrize(
    "line, column, fault",
    [
        ("S1,张\0三,,1", "name", RosterFault.UNSHOWABLE),
        ("S1,张\u202e三,,1", "name", RosterFault.UNSHOWABLE),
        ("S1,张\u200b三,,1", "name", RosterFault.UNSHOWABLE),
        ("S1,张\ue000三,,1", "name", RosterFault.UNSHOWABLE),
        ("S1,张\x0b三,,1", "name", RosterFault.UNSHOWABLE),
        ("S1," + "张" * 65 + ",,1", "name", RosterFault.TOO_LONG),
        ("S1,张三," + "院" * 97 + ",1", "department", RosterFault.TOO_LONG),
        ("9" * 33 + ",张三,,1", "number", RosterFault.TOO_LONG),
        (",张三,,1", "number", RosterFault.MISSING),
        ("S1,,,1", "name", RosterFault.MISSING),
        ("S1,张三,,", "class", RosterFault.MISSING),
        ("2.02E11,张三,,1", "number", RosterFault.BAD_NUMBER),
        ("１２３,张三,,1", "number", RosterFault.BAD_NUMBER),
        ("S1,张三,,9", "class", RosterFault.UNKNOWN_CLASS),
        ("S1,张三,,校长", "class", RosterFault.UNKNOWN_CLASS),
        ("S1,张三,,1,", "", RosterFault.RAGGED),
        ("S1,张三,1", "", RosterFault.RAGGED),
        ("S1;张三;;1", "", RosterFault.RAGGED),
        ('S1,"张三,,1', "", RosterFault.QUOTES),
        ('S1,"张"三,,1', "", RosterFault.QUOTES),
    ],
)
def test_a_wrong_line_is_named(line: str, column: str, fault: RosterFault) -> None:
    assert one_fault(line) == (column, fault)


def test_an_unknown_state_is_named() -> None:
    header = "number,name,department,class,state\n"
    errors = read(header + "S1,张三,,1,gone\n").errors
    assert [(one.column, one.fault) for one in errors] == [("state", RosterFault.UNKNOWN_STATE)]


def test_a_number_twice_in_the_file_names_the_first_line() -> None:
    roster = read(HEADER + "s1,张三,,1\nS2,李四,,1\nS1,王五,,1\n")
    assert [(one.line, one.fault) for one in roster.errors] == [(4, RosterFault.DUPLICATE)]
    assert roster.errors[0].sentence("en") == "is already on line 2"
    assert roster.errors[0].sentence("zh") == "与第 2 行重复"


@pytest.mark.parametrize(
    "text, fault",
    [
        ("", RosterFault.HEADER),
        ("S1,张三,院,1\n", RosterFault.HEADER),
        ("number,name,class\n", RosterFault.HEADER),
        ("number,name,department,class,number\n", RosterFault.HEADER),
        ("number,name,department,class,phone\n", RosterFault.HEADER),
        ("number;name;department;class\n", RosterFault.DELIMITER),
        ("number\tname\tdepartment\tclass\n", RosterFault.DELIMITER),
        ("number，name，department，class\n", RosterFault.DELIMITER),
    ],
)
def test_a_wrong_first_line_keeps_the_file_out(text: str, fault: RosterFault) -> None:
    roster = read(text + "S1,张三,,1\n")
    assert roster.lines == ()
    assert [(one.line, one.fault) for one in roster.errors] == [(1, fault)]


@pytest.mark.parametrize("raw", [b"\xff\xfe" + "number".encode("utf-16-le"), b"\x81", b"a\xff\xff"])
def test_another_encoding_keeps_the_file_out(raw: bytes) -> None:
    assert [one.fault for one in read_roster(raw, CLASSES).errors] == [RosterFault.ENCODING]


def test_a_file_over_the_limit_is_not_read() -> None:
    roster = read_roster(b"a" * (ROSTER_BYTES_MAX + 1), CLASSES)
    assert [one.fault for one in roster.errors] == [RosterFault.TOO_BIG]


def test_too_many_lines_keep_the_file_out() -> None:
    body = "".join(f"{number},a,,1\n" for number in range(ROSTER_LINES_MAX))
    assert len(read(HEADER + body).lines) == ROSTER_LINES_MAX
    roster = read(HEADER + body + "X1,a,,1\n")
    assert roster.lines == ()
    assert [one.fault for one in roster.errors] == [RosterFault.TOO_MANY_LINES]


def test_the_list_of_errors_is_cut_and_all_are_counted() -> None:
    roster = read(HEADER + "=,=,=,=\n" * (ROSTER_ERRORS_MAX + 5))
    assert (len(roster.errors), roster.errors_found) == (ROSTER_ERRORS_MAX, ROSTER_ERRORS_MAX + 5)


def test_empty_lines_are_nothing() -> None:
    roster = read(HEADER + "\n,,,\n  , ,,\nS1,张三,,1\n\n")
    assert [one.line for one in roster.lines] == [5]
    assert roster.errors == ()


def test_a_name_two_classes_share_means_neither() -> None:
    classes = {1: ClassRules(1, "学生", "Student"), 2: ClassRules(2, "学生", "Pupil")}
    assert class_ids_of(classes) == {"student": 1, "pupil": 2, "1": 1, "2": 2}


def test_a_plan_tells_new_changed_and_unchanged() -> None:
    lines = (
        RosterLine(2, "A", "张三", "院", 1, is_active=True),
        RosterLine(3, "B", "李四", "院", 1, is_active=True),
        RosterLine(4, "C", "王五", "院", 1, is_active=True),
    )
    same = KnownHolder(1, "A", "张三", "院", 1, is_active=True)
    for moved in (
        KnownHolder(2, "B", "李", "院", 1, is_active=True),
        KnownHolder(2, "B", "李四", "系", 1, is_active=True),
        KnownHolder(2, "B", "李四", "院", 2, is_active=True),
        KnownHolder(2, "B", "李四", "院", 1, is_active=False),
    ):
        plan = plan_import(lines, {"A": same, "B": moved})
        assert (plan.new, plan.changed, plan.unchanged) == ((lines[2],), ((moved, lines[1]),), 1)


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(raw: bytes) -> None:
    for body in (raw, HEADER.encode() + raw):
        roster = read_roster(body, CLASSES)
        assert all(isinstance(error, RosterError) for error in roster.errors)
        assert all(error.sentence("zh") and error.sentence("en") for error in roster.errors)
