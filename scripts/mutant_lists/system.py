"""Guards over second factors, the trail's chain, tokens, settings and cases."""

from scripts.mutant_lists.mutant import Mutant, off

_CASES = "backend/usecases"


def _factor(name: str) -> str:
    return f"tests/api/test_second_factor.py::test_{name}"


def _chain(name: str) -> str:
    return f"tests/api/test_audit_chain.py::test_{name}"


def _set(name: str) -> str:
    return f"tests/api/test_settings.py::test_{name}"


def _risk(name: str) -> str:
    return f"tests/api/test_risk.py::test_{name}"


FACTORS = (
    Mutant(
        "backend/domain/login.py",
        "if state.is_active and is_password and (is_fresh or is_recovered):",
        "if state.is_active and (is_recovered or (is_password and is_fresh)):",
        (_factor("each_of_ten_codes_opens_one_session"),),
        "a recovery code opens a session without the password",
    ),
    Mutant(
        "backend/tables/recovery.py",
        "staff_id=staff_id, code_hash=code_hash, used_at=0)",
        "staff_id=staff_id, code_hash=code_hash)",
        (_factor("each_of_ten_codes_opens_one_session"),),
        "a recovery code opens sessions again and again",
    ),
    Mutant(
        "backend/tables/recovery.py",
        "    await RecoveryCodeRow.filter(staff_id=staff_id).delete()\n",
        "",
        (_factor("a_code_is_its_owners_and_new_ones_end_the_old"),),
    ),
    Mutant(
        f"{_CASES}/staff/make_recovery_codes.py",
        "if step is None or step <= row.last_totp_step:",
        "if False:",
        (_factor("a_session_alone_makes_no_codes"),),
    ),
    off(
        f"{_CASES}/staff/decide_factor_reset.py",
        "if actor.label in (reset.asked_by, reset.for_whom):",
        _factor("two_others_give_a_new_factor"),
    ),
    off(
        f"{_CASES}/staff/decide_factor_reset.py",
        "if reset.decision:",
        _factor("two_others_give_a_new_factor"),
        "one approval gives a second factor again",
    ),
    Mutant(
        f"{_CASES}/staff/decide_factor_reset.py",
        "            await end_sessions(Audience.STAFF, row.id, at)\n",
        "",
        (_factor("two_others_give_a_new_factor"),),
        "whoever holds the lost phone stays logged in",
    ),
    Mutant(
        f"{_CASES}/staff/decide_factor_reset.py",
        "            await replace_recovery(row.id, (), at)\n",
        "",
        (_factor("two_others_give_a_new_factor"),),
        "codes that were lost with the phone still open sessions",
    ),
    off(
        f"{_CASES}/sessions/end_other_session.py", "if own:", _factor("sessions_are_seen_and_ended")
    ),
    off(
        "backend/api/staff/sessions.py",
        "if error.is_first:",
        _factor("throttling_leaves_one_line_and_names_no_login"),
    ),
)
TRAIL = (
    off(
        f"{_CASES}/audits/verify_audits.py",
        "if vault.keyed_hash(sealed_text(report.head, line.id, said), CONTEXT) != seal.hash:",
        _chain("what_was_changed_by_raw_sql_is_found"),
    ),
    Mutant(
        f"{_CASES}/audits/verify_audits.py",
        "if standing != known:",
        "if False:",
        (_chain("a_seal_cannot_be_taken_away_or_made"),),
    ),
    off(
        f"{_CASES}/audits/verify_audits.py",
        "if at - line.at.timestamp() > UNSEALED_SECONDS_MAX:",
        _chain("a_line_that_nobody_sealed_is_found"),
    ),
    Mutant(
        "backend/domain/sealing.py",
        '        line["actor"],\n',
        "",
        (_chain("what_was_changed_by_raw_sql_is_found"),),
        "who did a thing can be changed afterwards",
    ),
    Mutant(
        "backend/domain/sealing.py",
        '        line["detail"],\n',
        "",
        (_chain("what_was_changed_by_raw_sql_is_found"),),
        "what exactly was done can be changed afterwards",
    ),
)
TOKENS = (
    off(
        "backend/api/access.py",
        "if request.method not in READING:",
        _set("a_token_reads_what_it_was_given_and_nothing_else"),
    ),
    off(
        f"{_CASES}/access/find_program.py",
        "if verb not in json.loads(row.verbs):",
        _set("a_token_reads_what_it_was_given_and_nothing_else"),
    ),
    Mutant(
        f"{_CASES}/access/find_program.py",
        "if row is None or row.expires_at <= at:",
        "if row is None:",
        (_set("a_token_ends_by_itself"),),
    ),
    Mutant(
        f"{_CASES}/tokens/make_token.py",
        "if not verbs or not set(verbs) <= TOKEN_VERBS:",
        "if not verbs:",
        (_set("no_token_is_given_what_changes_or_names_people"),),
    ),
    off(
        "backend/tables/switches.py",
        "if not is_on(feature, [switch_of(row) for row in rows], chain, group_id):",
        _set("a_feature_is_switched_on_one_campus"),
    ),
    off(
        "backend/domain/setting.py",
        "if not setting.lowest <= value <= setting.highest:",
        _set("a_setting_has_bounds"),
    ),
)
WATCH = (
    Mutant(
        "backend/domain/risk.py",
        "before.merchant_id != after.merchant_id and gap < CHIP_TRAVEL_SECONDS",
        "gap < CHIP_TRAVEL_SECONDS",
        (_risk("one_chip_at_two_places"),),
        "everybody who pays twice at one window has a cloned chip",
    ),
    off("backend/tables/alerts.py", "if key in known:", _risk("the_same_is_not_kept_twice")),
    off(
        "backend/tables/cases.py",
        "if row.closed_at:",
        _risk("a_case_has_an_owner_a_clock_notes_and_an_end"),
    ),
    off(
        "backend/domain/risk.py",
        "if found != len(set(alert_ids)):",
        _risk("a_case_has_an_owner_a_clock_notes_and_an_end"),
    ),
    off(
        f"{_CASES}/cases/close_alert.py",
        "if row.case_id:",
        _risk("an_alert_in_a_case_closes_with_it"),
    ),
)
SYSTEM = (*FACTORS, *TRAIL, *TOKENS, *WATCH)
