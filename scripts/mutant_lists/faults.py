"""Guards that hold while a terminal's disk, its past or its network is at fault."""

from scripts.mutant_lists.mutant import Mutant

_TILL = "qr_terminals/"
_TESTS = "tests/faults/terminals/test_"

_DISKS = (
    Mutant(
        f"{_TILL}journal.py",
        "sound_run(before, start_hash, [Stored(*row) for row in rows])",
        "tuple(map(__import__('campus_code').record_from_bytes, [row[1] for row in rows]))",
        (f"{_TESTS}disk.py::test_what_rots_or_is_edited_before_it_went_up_is_never_signed",),
        "an amount edited on disk is signed and uploaded",
    ),
    Mutant(
        f"{_TILL}till.py",
        "        self._journal.check_room()\n",
        "",
        (f"{_TESTS}disk.py::test_into_the_reserve_nothing_is_sold_and_all_else_goes_on",),
        "the terminal sells until its disk has no room to undo or to acknowledge",
    ),
    Mutant(
        f"{_TILL}terminal.py",
        " and not is_full:",
        ":",
        (f"{_TESTS}disk.py::test_a_disk_that_somebody_else_fills",),
        "a disk that was full for a moment stops a terminal until somebody restarts it",
    ),
    Mutant(
        f"{_TILL}sync.py",
        "unkept = unkept or error",
        "raise",
        (f"{_TESTS}disk.py::test_more_than_a_set_goes_up_though_no_answer_can_be_kept",),
        "a full disk keeps all but the first 500 records from going up",
    ),
    Mutant(
        f"{_TILL}memory.py",
        "with contextlib.suppress(JournalBrokenError):",
        "if True:",
        (f"{_TESTS}disk.py::test_rot_in_an_old_record_keeps_no_other_from_going_up",),
        "one rotten record keeps the program from starting, and all others from going up",
    ),
)

FAULTS = (*_DISKS,)
