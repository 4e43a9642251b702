"""Guards that hold while a terminal's disk, its past or its network is at fault."""

from scripts.mutant_lists.mutant import Mutant

_TILL = "qr_terminals/"
_ASKING = "tests/terminals/test_asking.py"
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
        "if not isinstance(error, JournalFullError):",
        "if True:",
        (
            f"{_TESTS}disk.py::test_a_disk_that_somebody_else_fills",
            f"{_TESTS}disk.py::test_a_full_disk_stops_nothing_but_selling",
        ),
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

_PASTS = (
    Mutant(
        f"{_TILL}chain.py",
        "FROM record WHERE card IS NOT NULL GROUP BY 1, 2, 3",
        "FROM record WHERE card IS NOT NULL AND 0 GROUP BY 1, 2, 3",
        (f"{_TESTS}boot.py::test_every_step_counts_however_old_its_record",),
        "after a restart a code pays again when its record is old",
    ),
    Mutant(
        f"{_TILL}memory.py",
        "[synced_through, journal.sequence - RECORDS_LEARNT]",
        "journal.sequence - RECORDS_LEARNT",
        (f"{_TESTS}boot.py::test_what_no_sync_has_taken_over_counts_however_old",),
        "a restart in a long outage forgets what cards spent offline",
    ),
    Mutant(
        f"{_TILL}memory.py",
        "        memory.learn_use(card, issue, step, is_for_emergency=is_for_emergency)\n",
        "        pass\n",
        (f"{_TESTS}boot.py::test_every_step_counts_however_old_its_record",),
        "what the journal knows to be used is not remembered",
    ),
)

_OUTAGES = (
    Mutant(
        f"{_TILL}asking.py",
        "if self.paused_until == 0.0 or self.has_synced:",
        "if False:",
        (f"{_ASKING}::test_a_sync_ends_a_pause_once_and_an_answer_begins_anew",),
        "a database too slow for taps makes the queue wait at every sync",
    ),
)

FAULTS = (*_DISKS, *_PASTS, *_OUTAGES)
