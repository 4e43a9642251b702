"""More guards of a terminal: what it writes, what it remembers, when it stops."""

from scripts.mutant_lists.mutant import Mutant, off

_TILL = "qr_terminals/"
_JOURNAL = f"{_TILL}journal.py"
_TESTS = "tests/terminals/test_"
_DISK_FAILS = (
    "tests/faults/test_terminal_kill.py::test_a_disk_that_fails_shows_no_success_it_did_not_keep"
)


def _journal(name: str) -> str:
    return f"{_TESTS}journal.py::{name}"


def _terminal(name: str) -> str:
    return f"{_TESTS}terminal.py::{name}"


def _state(name: str) -> str:
    return f"{_TESTS}state.py::{name}"


def _holdings(name: str) -> str:
    return f"{_TESTS}holdings.py::{name}"


def _clock(name: str) -> str:
    return f"{_TESTS}clock.py::{name}"


_JOURNALS = (
    Mutant(
        f"{_TILL}chain.py",
        "PRAGMA synchronous=FULL",
        "PRAGMA synchronous=NORMAL",
        (_journal("test_it_writes_through_to_the_disk"),),
        "a power cut forgets payments that were shown",
    ),
    Mutant(
        _JOURNAL,
        "            self._go_on_after_uploaded()\n",
        "",
        (_journal("test_a_journal_shorter_than_what_was_uploaded_goes_on_after_it"),),
        "a sequence is used for two payments",
    ),
    Mutant(
        _JOURNAL,
        'self.set_mark("step_floor", uploaded.step)',
        'self.set_mark("step_floor", 0)',
        (_journal("test_a_journal_shorter_than_what_was_uploaded_goes_on_after_it"),),
        "codes that paid before the journal was lost pay again",
    ),
    Mutant(
        _JOURNAL,
        "[used_row(record) for record in records if key_of(record) is not NO_KEY],",
        "[],",
        (_journal("test_the_chain_goes_on_after_pruning_and_a_restart"),),
        "a code pays again once its record is pruned",
    ),
    Mutant(
        _JOURNAL,
        "                insert_record(self._db, row)\n"
        "            except sqlite3.Error as error:\n"
        "                self._overwrite_failed()\n",
        "                insert_record(self._db, row)\n"
        "            except sqlite3.Error as error:\n",
        (_DISK_FAILS,),
        "a payment that was called failed comes back to life at the next start",
    ),
    Mutant(
        _JOURNAL,
        '                self._db.execute("COMMIT")\n'
        "            except sqlite3.Error as error:\n"
        "                self._overwrite_failed()\n",
        '                self._db.execute("COMMIT")\n            except sqlite3.Error as error:\n',
        (_DISK_FAILS,),
        "the transaction of a failed write stays open, or comes back to life",
    ),
    off(
        _JOURNAL,
        "if self.broken is not None:",
        _journal("test_every_flipped_byte_of_a_record_is_found"),
        "a broken chain is written on",
    ),
    off(
        f"{_TILL}chain.py",
        "if row[3:] != key_of(record):",
        _journal("test_an_edited_row_is_found_and_what_is_sound_still_goes_up"),
        "an edited key lets a code pay again",
    ),
)

_MEMORIES = (
    Mutant(
        f"{_TILL}memory.py",
        "max(self.steps.get((card_number, issue), 0), self.step_floor)",
        "self.step_floor",
        (_terminal("test_an_older_step_of_the_same_card_is_refused"),),
        "a code pays twice at one terminal",
    ),
    Mutant(
        f"{_TILL}memory.py",
        "max(self.steps.get((card_number, issue), 0), self.step_floor)",
        "self.steps.get((card_number, issue), 0)",
        (_journal("test_a_journal_shorter_than_what_was_uploaded_goes_on_after_it"),),
        "a lost journal lets used codes pay again",
    ),
    Mutant(
        f"{_TILL}memory.py",
        "if sequence > through and sequence not in self.reversed_sequences:",
        "if False:",
        (f"{_TESTS}sync.py::test_the_offline_budget_returns_only_when_records_went_up",),
        "an upload that failed gives the offline budget back",
    ),
    Mutant(
        f"{_TILL}memory.py",
        "            self.last_approved = None\n",
        "            pass\n",
        (_terminal("test_a_void_is_a_new_record_and_gives_the_money_back"),),
        "one payment is voided twice",
    ),
    Mutant(
        f"{_TILL}judge.py",
        "    memory.check_code(code.card_number, code.issue, code.step)\n",
        "",
        (_terminal("test_an_older_step_of_the_same_card_is_refused"),),
        "an older code of the same card pays",
    ),
    Mutant(
        f"{_TILL}judge.py",
        "    memory.check_emergency(code.card_number, day)\n",
        "",
        (_terminal("test_an_emergency_code_pays_once_a_day"),),
        "an emergency code pays as often as it is shown",
    ),
    Mutant(
        f"{_TILL}judge.py",
        "        return Declined(presented.refusal or Refusal.UNKNOWN_CARD, {})\n",
        "        entry = CardEntry(presented.card_number, 1, CardState.ACTIVE, 1, 10_000)\n",
        (_terminal("test_a_card_the_directory_does_not_know_is_asked_online_and_refused_alone"),),
        "a card nobody knows pays while the network is down",
    ),
)

_STATES = (
    Mutant(
        f"{_TILL}state.py",
        " or event.sequence != state.sequence:",
        ":",
        (_state("test_a_late_answer_to_another_attempt_changes_nothing"),),
        "the answer to one tap is taken for another's",
    ),
    Mutant(
        f"{_TILL}state.py",
        "    if state.sequence is None:\n        return _refuse(state, refused, at)\n",
        "    if True:\n        return _refuse(state, refused, at)\n",
        (_state("test_an_attempt_without_approval_is_closed_before_it_is_refused"),),
        "a refused tap stays charged at the server",
    ),
    Mutant(
        f"{_TILL}state.py",
        "Mode.REVOKED if state.is_locked else Mode.SHOWING",
        "Mode.SHOWING",
        (_state("test_a_locked_terminal_ends_its_tap_and_takes_no_other"),),
        "a revoked terminal goes on taking money",
    ),
    off(
        f"{_TILL}state.py",
        "if isinstance(event, events.Unanswered) and state.is_locked:",
        _terminal("test_a_tap_that_learns_of_the_revocation_is_not_approved_alone"),
        "a revoked terminal approves the tap it was told on",
    ),
    Mutant(
        f"{_TILL}terminal.py",
        'if journal.mark("revoked"):',
        "if False:",
        (_terminal("test_a_revoked_terminal_takes_nothing_even_after_a_restart"),),
        "a restart makes a revoked terminal take money",
    ),
    Mutant(
        f"{_TILL}till.py",
        "return self._rough() - payment.occurred_at <= seconds",
        "return True",
        (_terminal("test_an_old_payment_cannot_be_voided"),),
        "a cashier voids a payment of long ago",
    ),
    off(
        f"{_TILL}till.py",
        "if at is None:",
        _clock("test_a_terminal_whose_clock_went_back_refuses_until_it_has_synced"),
        "codes are looked at without a time to hold them against",
    ),
    off(
        f"{_TILL}till.py",
        "if self._parts.clock.now() is None:",
        _clock("test_a_clock_turned_while_the_server_is_asked_decides_nothing"),
        "a clock turned during a tap decides",
    ),
    Mutant(
        f"{_TILL}till.py",
        "        self.gate.check(at)\n",
        "",
        (_terminal("test_guessing_pauses_the_terminal"),),
        "codes may be guessed without a pause",
    ),
    Mutant(
        f"{_TILL}till.py",
        "if is_guess or error.refusal is Refusal.WRONG_CODE:",
        "if is_guess:",
        (_terminal("test_guessing_pauses_the_terminal"),),
        "wrong codes are not counted",
    ),
    Mutant(
        f"{_TILL}till.py",
        "if wants and asked_fen is None:",
        "if False:",
        (_terminal("test_a_typed_amount_is_asked_once"),),
        "a tap before the cashier has typed goes to the server without an amount",
    ),
    Mutant(
        f"{_TILL}till.py",
        "            raise RefusedError(Refusal.REVERSED) from error\n",
        "            raise\n",
        (_terminal("test_amounts_that_are_none_are_reversed_rather_than_believed"),),
        "amounts that cannot be stop the terminal and stay charged",
    ),
)

_BELIEFS = (
    Mutant(
        f"{_TILL}clock.py",
        "if now is None or now < self._mark - JUMP_SECONDS_MAX:",
        "if now is None:",
        (_clock("test_a_clock_turned_back_behind_a_record_is_not_believed_even_after_a_restart"),),
        "a clock turned back makes old codes good",
    ),
    Mutant(
        f"{_TILL}clock.py",
        "return wall if is_near else None",
        "return wall",
        (_clock("test_fresh_server_time_counts_whatever_the_wall_clock_says"),),
        "a clock turned after the last sync is believed",
    ),
    Mutant(
        f"{_TILL}clock.py",
        "self._mark = max(high, signed)",
        "self._mark = high",
        (_clock("test_a_clock_behind_a_signed_document_is_not_believed"),),
        "a clock behind what the server has signed is believed",
    ),
    Mutant(
        f"{_TILL}holdings.py",
        "open_document(raw, kind, self._server_key, self._version(kind))",
        "open_document(raw, kind, self._server_key, None)",
        (_holdings("test_older_rules_and_keyrings_do_not_come_back"),),
        "old rules and keys come back by replay",
    ),
    Mutant(
        f"{_TILL}holdings.py",
        "held.denylist.apply(payload, version, known)",
        "held.denylist.apply(payload, version, None)",
        (_holdings("test_a_list_that_denies_half_the_school_is_not_believed_unless_it_is_meant"),),
        "one mistaken list closes the canteen",
    ),
    Mutant(
        f"{_TILL}holdings.py",
        " or not hmac.compare_digest(mac, wanted):",
        ":",
        (_holdings("test_a_file_changed_on_disk_is_not_believed"),),
        "whoever writes to the disk makes the rules",
    ),
    off(
        f"{_TILL}holdings.py",
        "if magic != _MAGIC or found != kind:",
        _holdings("test_an_older_file_of_another_kind_is_not_taken_for_this_one"),
        "one list put in another's place is believed",
    ),
    off(
        f"{_TILL}answers.py",
        "if answer.charged_fen != answer.nominal_fen - answer.discount_fen + answer.fee_fen:",
        f"{_TESTS}client.py::test_amounts_that_do_not_add_up_are_no_answer",
        "amounts that do not add up are recorded",
    ),
    Mutant(
        f"{_TILL}disk.py",
        "fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)",
        "pass",
        (f"{_TESTS}program.py::test_a_second_program_on_the_same_home_is_refused",),
        "two programs write one journal",
    ),
)

TILL = (*_JOURNALS, *_MEMORIES, *_STATES, *_BELIEFS)
