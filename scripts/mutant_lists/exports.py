"""Guards over files that leave: formulas, and two people for much personal data."""

from scripts.mutant_lists.mutant import Mutant, off

_API = "tests/api/test_exports.py::"
_UNIT = "tests/unit/backend/test_sheet.py::"

EXPORT_GUARDS = (
    Mutant(
        "backend/domain/sheet.py",
        "        return harmless(value)\n",
        "        return value\n",
        (f"{_API}test_a_csv_has_heads_in_both_languages_and_harmless_cells",),
    ),
    Mutant(
        "backend/domain/sheet.py",
        r"(^|[,;|\t\r\n，；])",
        r"(^)",
        (f"{_UNIT}test_a_formula_behind_a_separator_does_not_begin_a_cell_either",),
    ),
    Mutant(
        "backend/api/exporting.py",
        "rows_max = PERSONAL_ROWS_MAX if export.count is not None else EXPORT_ROWS_MAX",
        "rows_max = EXPORT_ROWS_MAX",
        (f"{_API}test_above_the_bound_one_person_alone_gets_nothing",),
    ),
    off(
        "backend/usecases/exports/decide_export.py",
        "if row.asked_by == actor.label:",
        f"{_API}test_two_people_let_it_out_and_it_is_taken_once",
    ),
    off(
        "backend/usecases/exports/decide_export.py",
        "if at > row.asked_at + VALID_SECONDS:",
        f"{_API}test_what_was_approved_is_good_for_a_week",
    ),
    off(
        "backend/usecases/exports/find_approved.py",
        "if row.decision != Decision.APPROVED:",
        f"{_API}test_two_people_let_it_out_and_it_is_taken_once",
    ),
    Mutant(
        "backend/usecases/exports/find_approved.py",
        "get_or_none(id=export_id, asked_by=actor.label)",
        "get_or_none(id=export_id)",
        (f"{_API}test_two_people_let_it_out_and_it_is_taken_once",),
    ),
    Mutant(
        "backend/migrations/0018_people.py",
        "\"({row}approved_by = '' OR {row}approved_by <> {row}asked_by)\"",
        '"(1 = 1)"',
        (f"{_API}test_the_database_itself_refuses_one_person_and_a_second_download",),
    ),
    Mutant(
        "backend/migrations/0018_people.py",
        '" OR (OLD.downloaded_at <> 0 AND NEW.downloaded_at <> OLD.downloaded_at)"',
        '""',
        (f"{_API}test_the_database_itself_refuses_one_person_and_a_second_download",),
    ),
)
