"""Guards over guardians and logins by WeChat."""

from scripts.mutant_lists.mutant import Mutant, off

CARD = "tests/unit/backend/test_card.py"
GUARDIANS = "tests/api/test_guardians.py"
BINDINGS = "tests/api/test_guardian_bindings.py"
LOGINS = "tests/api/test_phone_logins.py"
CONFIG = "tests/unit/backend/test_config.py"
GATEWAY = "tests/api/test_wechat_gateway.py"

GUARDIAN_GUARDS = (
    # who has the last word over a freeze
    Mutant(
        "backend/domain/card.py",
        "is_adult and actor.audience is Audience.STUDENT and _is_guardian(card.frozen_by)",
        "actor.audience is Audience.STUDENT and _is_guardian(card.frozen_by)",
        (f"{CARD}::test_an_adult_lifts_a_guardians_freeze_and_a_minor_does_not",),
        "a minor lifts his guardian's freeze",
    ),
    Mutant(
        "backend/domain/card.py",
        "is_adult and actor.audience is Audience.STUDENT and _is_guardian(card.frozen_by)",
        "is_adult and _is_guardian(card.frozen_by)",
        (f"{GUARDIANS}::test_one_guardian_does_not_lift_anothers_freeze",),
        "one guardian lifts another's freeze",
    ),
    Mutant(
        "backend/domain/card.py",
        "return 1 if is_adult else 0",
        "return 0",
        (f"{CARD}::test_an_adult_has_the_last_word_over_a_guardian",),
        "a guardian lifts the loss an adult tapped after him",
    ),
    Mutant(
        "backend/domain/card.py",
        "return 0 if is_adult else 1",
        "return 0",
        (f"{CARD}::test_a_minors_guardian_has_the_last_word",),
        "a minor lifts what his guardian froze over him",
    ),
    Mutant(
        "backend/usecases/cards/freeze_card.py",
        "is_adult=adult",
        "is_adult=True",
        (f"{GUARDIANS}::test_a_minors_guardian_takes_his_freeze_over",),
        "a minor's guardian has no last word",
    ),
    Mutant(
        "backend/usecases/cards/lift_freeze.py",
        "is_adult=await is_adult(card.holder_id)",
        "is_adult=True",
        (f"{GUARDIANS}::test_a_guardian_freezes_by_the_childs_own_path",),
        "a minor lifts his guardian's freeze",
    ),
    # what is shared
    off(
        "backend/domain/guardian.py",
        "if not shows(seen, wanted):",
        f"{GUARDIANS}::test_an_adult_invites_decides_and_sends_away",
        "a guardian sees what an adult does not share",
    ),
    Mutant(
        "backend/domain/guardian.py",
        "return Sees(chosen) if chosen else Sees.STATE",
        "return Sees(chosen) if chosen else Sees.ALL",
        (f"{GUARDIANS}::test_coming_of_age_takes_back_what_was_never_asked",),
        "who comes of age goes on being watched",
    ),
    off(
        "backend/usecases/guardians/list_children.py",
        "if shows(sees, Sees.BALANCE):",
        f"{GUARDIANS}::test_an_adult_invites_decides_and_sends_away",
        "nobody sees a balance",
    ),
    Mutant(
        "backend/tables/guardians.py",
        "guardian_id=guardian_id, holder_id=holder_id, ended_at=None",
        "holder_id=holder_id, ended_at=None",
        (f"{GUARDIANS}::test_a_foreign_account_looks_after_nobody",),
        "anybody's guardian freezes anybody's child",
    ),
    Mutant(
        "backend/tables/guardians.py",
        "guardian_id=guardian_id, holder_id=holder_id, ended_at=None",
        "guardian_id=guardian_id, holder_id=holder_id",
        (f"{GUARDIANS}::test_an_adult_invites_decides_and_sends_away",),
        "who was sent away still freezes",
    ),
    Mutant(
        "backend/usecases/guardians/look_at_child.py",
        "Look.EMERGENCY_CODE: Sees.ALL",
        "Look.EMERGENCY_CODE: Sees.STATE",
        (f"{GUARDIANS}::test_an_adult_invites_decides_and_sends_away",),
        "a guardian spends an adult's money with a day's code",
    ),
    Mutant(
        "backend/tables/guardians.py",
        'name=name, sees="", bound_at=utc(at), ended_at=None',
        "name=name, bound_at=utc(at), ended_at=None",
        (f"{GUARDIANS}::test_who_comes_back_sees_no_more_than_a_new_one",),
        "who was sent away comes back with all his rights",
    ),
    # who becomes a guardian
    Mutant(
        "backend/usecases/guardians/share_with_guardian.py",
        "require_adult(is_adult=holder.is_adult)",
        "pass",
        (f"{BINDINGS}::test_the_office_makes_no_code_for_an_adult_and_a_minor_none_for_himself",),
        "a minor hides from his guardians",
    ),
    Mutant(
        "backend/usecases/guardians/end_guardianship.py",
        "require_adult(is_adult=holder.is_adult)",
        "pass",
        (f"{BINDINGS}::test_the_office_makes_no_code_for_an_adult_and_a_minor_none_for_himself",),
        "a minor sends his guardians away",
    ),
    Mutant(
        "backend/usecases/guardians/invite_guardian.py",
        "require_minor(is_adult=holder.is_adult)",
        "pass",
        (f"{BINDINGS}::test_the_office_makes_no_code_for_an_adult_and_a_minor_none_for_himself",),
        "the office gives an adult guardians he did not invite",
    ),
    off(
        "backend/usecases/guardians/bind_guardian.py",
        "if row.used_at is not None or row.expires_at <= utc(at):",
        f"{BINDINGS}::test_a_code_used_by_five_at_once_makes_one_guardian",
        "a guardian code works as often as somebody likes",
    ),
    Mutant(
        "backend/usecases/guardians/bind_guardian.py",
        "require_consent(row.made_by, is_adult=holder.is_adult)",
        "pass",
        (f"{BINDINGS}::test_a_code_made_for_a_minor_is_worth_nothing_once_he_is_of_age",),
        "a code kept until he is of age makes a guardian of an adult",
    ),
    Mutant(
        "backend/usecases/guardians/bind_known_guardian.py",
        "if holder.is_active and not holder.is_adult:",
        "if holder.is_active:",
        (f"{BINDINGS}::test_a_phone_number_of_the_school_makes_a_guardian_of_minors_only",),
        "an old number makes a guardian of an adult",
    ),
    Mutant(
        "backend/usecases/guardians/bind_known_guardian.py",
        "phone_hash=phone_hash, kind=ContactKind.GUARDIAN",
        "phone_hash=phone_hash",
        (f"{BINDINGS}::test_a_childs_own_number_makes_him_nobodys_guardian",),
        "a child becomes his own guardian by his own number",
    ),
    off(
        "backend/domain/guardian.py",
        "if guardians >= GUARDIANS_MAX:",
        f"{BINDINGS}::test_so_many_guardians_and_no_more",
    ),
    Mutant(
        "backend/tables/guardians.py",
        "await unused.update(expires_at=utc(at))",
        "pass",
        (f"{BINDINGS}::test_a_newer_code_ends_the_one_before",),
        "a code that was replaced still works",
    ),
    # phones that log in
    Mutant(
        "backend/usecases/sessions/log_in_phone.py",
        "PhoneRow.filter(wechat_id=wechat_id, unbound_at=None)",
        "PhoneRow.filter(wechat_id=wechat_id)",
        (f"{LOGINS}::test_an_account_with_two_cards_keeps_the_one_that_is_still_bound",),
        "an account logs in by a phone that was unbound",
    ),
    Mutant(
        "backend/usecases/sessions/log_in_phone.py",
        "await older.update(ended_at=utc(at))",
        "pass",
        (f"{LOGINS}::test_ten_logins_at_once_leave_one_session",),
        "a stolen session outlives its owner's next login",
    ),
    off(
        "backend/usecases/bindings/bind_known_phone.py",
        "if card.state is CardState.LOST:",
        f"{LOGINS}::test_a_found_phone_does_not_bring_a_lost_card_back",
        "the thief of a phone brings its lost card back",
    ),
    off(
        "backend/usecases/bindings/bind_known_phone.py",
        "if len(holders) > 1:",
        f"{LOGINS}::test_a_number_nobody_or_several_have_binds_nobody",
        "a brother binds his brother's card",
    ),
    Mutant(
        "backend/usecases/bindings/bind_known_phone.py",
        "phone_hash=phone_hash, kind=ContactKind.SELF",
        "phone_hash=phone_hash",
        (f"{LOGINS}::test_a_number_nobody_or_several_have_binds_nobody",),
        "a guardian binds the child's card to his own phone",
    ),
    Mutant(
        "backend/tables/wechat_accounts.py",
        "row = await WechatRow.get_or_none(openid_hash=token_hash(openid))",
        "row = await WechatRow.get_or_none(openid_hash=token_hash(openid.lower()))",
        (f"{LOGINS}::test_a_bound_phone_is_known_again",),
        "openids that differ in case are one account",
    ),
    # WeChat itself
    Mutant(
        "backend/gateways/wechat.py",
        '"access_token": None,',
        "",
        (f"{GATEWAY}::test_a_login_needs_one_call_and_no_token",),
        "an outage of tokens stops logins for nothing",
    ),
    Mutant(
        "backend/gateways/wechat.py",
        "auto_retry=False",
        "auto_retry=True",
        (f"{GATEWAY}::test_a_token_that_stays_refused_is_forced_and_then_given_up",),
        "a refused token is asked for without end",
    ),
    Mutant(
        "backend/gateways/wechat.py",
        "json=asked, timeout=self.timeout",
        "json=asked",
        (f"{GATEWAY}::test_a_silent_token_address_ends_too",),
        "a silent WeChat holds a thread for ever",
    ),
    Mutant(
        "backend/gateways/wechat.py",
        "async with asyncio.timeout(CALL_SECONDS_MAX):",
        "async with asyncio.timeout(None):",
        (f"{GATEWAY}::test_a_request_waits_no_longer_than_it_may",),
        "a request waits for as long as WeChat's threads do",
    ),
    off(
        "backend/gateways/wechat.py",
        "if self._running >= THREADS_MAX + WAITING_MAX:",
        f"{GATEWAY}::test_a_crowd_is_turned_away_at_once",
        "a crowd waits in an endless queue",
    ),
    Mutant(
        "backend/gateways/wechat.py",
        "if token is None or token.text == refused:",
        "if True:",
        (f"{GATEWAY}::test_two_processes_share_one_token",),
        "each process asks WeChat for its own token",
    ),
    Mutant(
        "backend/config.py",
        "if self.wechat is not None and self.wechat.url != WECHAT_URL:",
        "if False:",
        (f"{CONFIG}::test_a_mini_program_has_a_secret_and_in_production_the_true_wechat",),
        "a simulator lets anybody in, in production",
    ),
)
