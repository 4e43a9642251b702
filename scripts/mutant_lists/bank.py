"""Guards of the bank gateway: what is believed of a bank, and what follows from it."""

from scripts.mutant_lists.mutant import Mutant, off

_STATES = "bank_gateway/states.py"
_DIALECT = "bank_gateway/wire/dialect.py"
_TESTS = "tests/unit/bank_gateway"
_DESK = f"{_TESTS}/test_desk.py"
_DAYS = f"{_TESTS}/test_days.py"
_PROCESS = "tests/server/test_bank_gateway.py"
_ORDERS = f"{_TESTS}/test_states.py::test_in_every_order_of_events_nobody_loses_a_fen"
_CRASH = f"{_TESTS}/test_states.py::test_what_may_have_been_sent_before_a_crash_is_in_doubt_at_once"
_LATE = f"{_TESTS}/test_states.py::test_a_late_yes_is_believed_until_a_reversal_has_left"
_TRIES = f"{_TESTS}/test_states.py::test_no_reversal_leaves_beyond_what_the_profile_allows"
_NEVER_LEFT = f"{_TESTS}/test_states.py::test_a_reversal_that_never_left_consumes_no_try"
_TOOK = f"{_TESTS}/test_states.py::test_what_the_bank_took_is_booked_whatever_was_believed"
_QUERY = f"{_TESTS}/test_states.py::test_a_query_after_a_reversal_is_not_asked"
_BITS = f"{_TESTS}/test_wire.py::test_no_changed_bit_of_an_answer_is_believed"
_OTHER = f"{_TESTS}/test_wire.py::test_an_answer_to_another_ask_is_not_ours"
_UNSEALED = f"{_TESTS}/test_wire.py::test_an_unsealed_answer_where_a_mac_is_wanted_is_not_believed"
_UNLISTED = f"{_TESTS}/test_wire.py::test_a_code_that_nobody_listed_decides_nothing"
_XML = f"{_TESTS}/test_wire.py::test_xml_that_is_more_than_elements_with_text_is_refused"
_KCV = f"{_TESTS}/test_macs.py::test_a_changed_block_is_refused"

BANK = (
    Mutant(
        _STATES,
        "is_late = standing.state is State.UNDOING and standing.tries == 0",
        "is_late = standing.state is State.UNDOING",
        (_LATE, _ORDERS),
        "a load is booked that a reversal has given back",
    ),
    Mutant(
        _STATES,
        "    if standing.state is State.SENT:\n"
        "        return replace(_move(standing, State.UNDOING), doubt=Doubt.NO_ANSWER)\n",
        "    if standing.state is State.SENT:\n        return _move(standing, State.FAILED)\n",
        (_CRASH,),
        "what was sent before a crash is taken for never sent",
    ),
    off(_STATES, "if standing.tries >= undoing.tries_max:", _TRIES),
    Mutant(
        _STATES,
        "return replace(standing, tries=max(standing.tries - 1, 0))",
        "return standing",
        (_NEVER_LEFT,),
        "a line that is down consumes the tries of a reversal",
    ),
    Mutant(
        _STATES,
        "if is_in_file:",
        "if is_in_file and state is not State.UNDONE:",
        (_TOOK,),
        "money that a bank took and said it gave back is booked nowhere",
    ),
    off(_STATES, "if standing.tries:", _QUERY),
    off(_DIALECT, "if message.is_sealed:", _UNSEALED),
    off(_DIALECT, "if found.get(name) != sent.get(name):", _OTHER),
    Mutant(
        _DIALECT,
        "meaning.result if meaning else Result.UNKNOWN",
        "meaning.result if meaning else Result.DECLINED",
        (_UNLISTED,),
        "a code that nobody knows is taken for a no, and the bank may have taken the money",
    ),
    off(
        "bank_gateway/wire/seals.py",
        "if not hmac.compare_digest(made.encode(), said.upper().encode()):",
        _BITS,
    ),
    off("bank_gateway/wire/xml.py", "if attributes or len(self._path) > 2:", _XML),
    Mutant(
        "bank_gateway/desk.py",
        "        entry = self._journal.write(entry, states.send(entry.standing), at)\n"
        "        answer = await bank.ask(entry.ask(at))\n",
        "        answer = await bank.ask(entry.ask(at))\n"
        "        entry = self._journal.write(entry, states.send(entry.standing), at)\n",
        (f"{_DESK}::test_an_ask_is_on_disk_before_it_leaves",),
        "an ask leaves before it is written down",
    ),
    off(
        "bank_gateway/desk.py",
        "if after.standing.state is State.UNDOING:",
        f"{_DESK}::test_a_new_ask_waits_until_the_old_one_is_undone",
    ),
    Mutant(
        "bank_gateway/desk.py",
        "return entry.key.day < day_at(bank.profile, self._at)",
        "return False",
        (f"{_DAYS}::test_nothing_is_reversed_after_the_bank_cut_its_day",),
        "money that the day's file proves goes back to the account afterwards",
    ),
    off(
        "bank_gateway/journal.py",
        "if row[1] != self._hash(order.content):",
        f"{_DESK}::test_an_order_id_stands_for_one_order",
    ),
    Mutant(
        "bank_gateway/journal.py",
        '" WHERE id=? AND state=? AND doubt=? AND tries=? AND is_queried=?",',
        '" WHERE id=? AND (1 OR state=? OR doubt=? OR tries=? OR is_queried=?)",',
        (f"{_TESTS}/test_journal.py::test_who_decided_from_what_stands_no_more_changes_nothing",),
        "what was undone is undone again, by somebody who looked before",
    ),
    Mutant(
        "bank_gateway/desk.py",
        "answer.result if is_ours else Result.UNKNOWN",
        "answer.result",
        (f"{_DESK}::test_a_query_that_tells_of_another_amount_books_nothing",),
        "a load is booked because another amount stands",
    ),
    off(
        "bank_gateway/days.py",
        'if settled_by not in {"", file.digest}:',
        f"{_DAYS}::test_after_a_bad_day_the_file_makes_both_sides_equal",
    ),
    Mutant(
        "bank_gateway/days.py",
        "if self._journal.of_day(file.bank, before) and not self.is_settled(file.bank, before):",
        "if False:",
        (f"{_DAYS}::test_days_are_settled_in_their_order",),
        "what stands in a file nobody has read yet is told as missing",
    ),
    off(
        "bank_gateway/bank_files.py",
        "if not faults and (count, fen) != made:",
        f"{_DAYS}::test_one_wrong_fen_or_line_refuses_the_whole_file",
    ),
    off(
        "bank_gateway/bank_files.py",
        "if first != number:",
        f"{_DAYS}::test_one_wrong_fen_or_line_refuses_the_whole_file",
    ),
    off(
        "bank_gateway/signing.py",
        "if not hmac.compare_digest(_mac(key, method, path, at, body).encode(), said.encode()):",
        f"{_PROCESS}::test_only_the_server_is_heard",
    ),
    off(
        "bank_gateway/signing.py",
        "if not at.isdigit() or abs(now - int(at)) > AGE_SECONDS_MAX:",
        f"{_PROCESS}::test_only_the_server_is_heard",
    ),
    off(
        "bank_gateway/config.py",
        "if bank.local_host == self.campus.host:",
        f"{_PROCESS}::test_a_gateway_that_is_set_up_wrongly_does_not_start",
    ),
    off(
        "bank_gateway/config.py",
        "if address.is_unspecified:",
        f"{_PROCESS}::test_a_gateway_that_is_set_up_wrongly_does_not_start",
    ),
    off(
        "bank_gateway/config.py",
        "if path.stat().st_mode & READABLE_BY_OTHERS:",
        f"{_PROCESS}::test_a_key_that_others_may_read_is_not_used",
    ),
    Mutant(
        "bank_gateway/program.py",
        "            found = desk.start()\n",
        "            found = 0\n",
        (f"{_PROCESS}::test_a_kill_in_the_middle_of_an_ask_loses_no_fen",),
        "what was under way when a process died is never looked at again",
    ),
    off("bank_gateway/keys.py", "if not hmac.compare_digest(check_value(key), value):", _KCV),
)
