"""Guards over messages: who is told, once, by which way, and what failing leaves behind."""

from scripts.mutant_lists.mutant import Mutant, off

MESSAGES = "tests/api/test_messages.py"
NOTICES_API = "tests/api/test_notices.py"
NOTES = "tests/usecases/test_notes.py"
LOWS = "tests/usecases/test_low_balances.py"
TEXTS = "tests/unit/backend/test_message_text.py"
FORECAST = "tests/unit/backend/test_forecast.py"
LETTERS = "tests/gateways/test_letters.py"
CONFIG = "tests/unit/backend/test_config.py"

OUTBOX = "backend/tables/outbox.py"
SEND = "backend/usecases/messages/send_messages.py"
DAYS = "backend/tables/days_over.py"
LANES = "backend/tables/lanes.py"
ENTRIES = "backend/usecases/messages/note_entries.py"
LOW = "backend/usecases/messages/note_low_balances.py"

NOTICES = (
    # consent is used up, and once
    Mutant(
        OUTBOX,
        "consent.messages_left -= 1",
        "pass",
        (f"{MESSAGES}::test_freezes_at_once_use_one_acceptance",),
        "one yes is taken for many",
    ),
    Mutant(
        OUTBOX,
        "stocks = await stocks_of(accounts, templates, is_locked=True)",
        "stocks = await stocks_of(accounts, templates)",
        (f"{NOTES}::test_notes_at_once_use_a_stock_up_once",),
        "two who note at once use one yes twice",
    ),
    Mutant(
        "backend/tables/recipients.py",
        "phones = PhoneRow.filter(card_id__in=list(holder_of), unbound_at=None)",
        "phones = PhoneRow.filter(card_id__in=list(holder_of))",
        (f"{MESSAGES}::test_a_new_phone_is_not_told_what_the_old_one_agreed_to",),
        "an old phone is told what the new one does",
    ),
    Mutant(
        "backend/tables/recipients.py",
        'ties = await GuardianshipRow.filter(holder_id__in=wanted, ended_at=None).order_by("id")',
        'ties = await GuardianshipRow.filter(holder_id__in=wanted).order_by("id")',
        (f"{NOTES}::test_a_guardian_hears_no_more_than_he_sees",),
        "who was sent away is told on",
    ),
    Mutant(
        OUTBOX,
        "return shows(person.sees, SEEN_WITH[fact.template])",
        "return True",
        (f"{NOTES}::test_a_guardian_hears_no_more_than_he_sees",),
        "a guardian is told what the holder does not share",
    ),
    Mutant(
        "backend/domain/message.py",
        "if stock.may_be_sent and stock.agreed_at <= happened_at:",
        "if stock.may_be_sent:",
        (f"{MESSAGES}::test_a_payment_is_told_once_and_only_after_the_yes",),
        "payments before the yes are told",
    ),
    Mutant(
        "backend/domain/message.py",
        "return next((one for one in open_ones if addresses[one] <= happened_at), None)",
        "return next(open_ones, None)",
        (f"{NOTES}::test_what_was_before_the_yes_is_not_told",),
        "an address hears of what was before it",
    ),
    Mutant(
        "backend/domain/message.py",
        "self.is_long_term and self.agreed_at > self.refused_at",
        "self.is_long_term and self.agreed_at > 0",
        (f"{TEXTS}::test_ways_are_tried_in_their_order_and_only_those_agreed_to_by_then",),
        "a refusal of a long-term message is forgotten",
    ),
    Mutant(
        "backend/usecases/messages/agree_to_message.py",
        "elif stock.messages_left < ACCEPTANCES_MAX:",
        "else:",
        (f"{MESSAGES}::test_a_refusal_keeps_nothing_and_there_is_an_end_to_what_is_kept",),
        "what is kept has no end",
    ),
    # found once
    Mutant(
        LANES,
        "if mark.value > after_id:  # another worker was here",
        "if False:  # another worker was here",
        (f"{NOTES}::test_a_mark_never_goes_back",),
        "two workers read the same part of a lane",
    ),
    Mutant(
        LANES,
        "await MessageMarkRow.filter(name=name).update(value=through_id)",
        "pass",
        (f"{NOTES}::test_marks_of_lanes_miss_nothing_and_history_is_not_told",),
        "the same entries are read for ever",
    ),
    Mutant(
        ENTRIES,
        "await mark_told(fact.topic, at)",
        "pass",
        (f"{NOTES}::test_over_500_is_told_once_a_day_however_late_and_disordered_records_are",),
        "a day is told again when its messages are forgotten",
    ),
    Mutant(
        DAYS,
        "is_newest = tally is not None and tally.business_on == business_on",
        "is_newest = True",
        (f"{NOTES}::test_over_500_is_told_once_a_day_however_late_and_disordered_records_are",),
        "a day whose records come late is never added up",
    ),
    Mutant(
        DAYS,
        "if (fen := spent[holder_id].get(business_on, 0)) > over_fen",
        "if (fen := spent[holder_id].get(business_on, 0)) >= over_fen",
        (f"{NOTES}::test_a_day_of_exactly_500_is_not_over",),
        "500 yuan count as more than 500 yuan",
    ),
    off(
        OUTBOX,
        "if (fact.topic, person.wechat_id) in told or not _is_his_business(person, fact):",
        f"{NOTES}::test_marks_of_lanes_miss_nothing_and_history_is_not_told",
        "who was told is told again",
    ),
    Mutant(
        "backend/tables/tellable.py",
        "p.charged_fen>p.borne_fen OR p.charged_fen=0 OR {_IS_COURTESY}",
        "1=1",
        (f"{NOTES}::test_what_the_school_bears_is_not_told_as_paid",),
        "a holder is told that he paid what the school bears",
    ),
    # low balances
    Mutant(
        LOW,
        "if dip is not None:\n                dip.balance_fen",
        "if False:\n                dip.balance_fen",
        (f"{LOWS}::test_a_low_balance_is_told_one_day_ahead_and_once_a_dip",),
        "a low balance is told every day",
    ),
    Mutant(
        LOW,
        "if not BEGINS_HOUR <= local.hour < ENDS_HOUR:",
        "if False:",
        (f"{LOWS}::test_a_low_balance_is_told_one_day_ahead_and_once_a_dip",),
        "somebody is woken at night",
    ),
    Mutant(
        "backend/domain/forecast.py",
        "if not present[-1] and not spent_by_day.get(today_on, 0):",
        "if False:",
        (f"{FORECAST}::test_who_is_away_or_new_is_not_forecast",),
        "who is on holiday is told to top up",
    ),
    Mutant(
        "backend/domain/forecast.py",
        "if place - began >= AWAY_DAYS:",
        "if False:",
        (f"{FORECAST}::test_weeks_of_holidays_change_nothing",),
        "holidays make a day cheap",
    ),
    # sent
    Mutant(
        SEND,
        "if not await claim.update(due_at=until, tries=row.tries + 1, fault=UNKNOWN):",
        "if not await claim.update(fault=UNKNOWN):",
        (
            f"{MESSAGES}::test_a_worker_that_dies_after_sending_sends_again_and_no_more",
            f"{NOTICES_API}::test_two_workers_send_each_message_once",
        ),
        "two workers send the same message",
    ),
    off(
        SEND,
        "if may_have_come:  # the acceptance was used by the try whose answer nobody heard",
        f"{NOTICES_API}::test_after_a_crash_a_no_is_the_yes_that_was_used_before",
        "after a crash the same is told again by mail",
    ),
    Mutant(
        SEND,
        "await forget_consent(row.wechat_id, Template(row.template), sending.at)",
        "pass",
        (f"{MESSAGES}::test_a_refused_message_drops_what_was_believed",),
        "who refused is written to again and again",
    ),
    Mutant(
        SEND,
        "await due.update(due_at=sending.at + PAUSE_SECONDS)\n            break",
        "pass",
        (f"{MESSAGES}::test_while_wechat_is_away_everything_waits",),
        "a silent WeChat keeps the worker from its other jobs",
    ),
    Mutant(
        SEND,
        "await AddressRow.filter(id=address.id).update(failed_at=sending.at)",
        "pass",
        (f"{NOTICES_API}::test_an_address_that_is_gone_is_tried_once",),
        "an address that is gone is written to for ever",
    ),
    Mutant(
        "backend/domain/message.py",
        "if tries >= TRIES_MAX:",
        "if False:",
        (f"{MESSAGES}::test_tries_are_bounded_and_further_and_further_apart",),
        "a message is tried for ever",
    ),
    Mutant(
        OUTBOX,
        "if delivery is Delivery.DROPPED and row.channel == Channel.WECHAT:",
        "if False:",
        (f"{NOTICES_API}::test_dead_letters_are_seen_and_tried_again",),
        "a yes that nothing was sent with is lost",
    ),
    Mutant(
        OUTBOX,
        "if not row.is_long_term and not row.refused_at:",
        "if not row.is_long_term:",
        (f"{NOTICES_API}::test_a_refusal_is_remembered_and_goes_by_mail",),
        "a no is forgotten",
    ),
    Mutant(
        "backend/usecases/messages/retry_dead_letter.py",
        "if row.state != Delivery.DROPPED:",
        "if False:",
        (f"{NOTICES_API}::test_dead_letters_are_seen_and_tried_again",),
        "what was sent is sent again",
    ),
    # addresses
    Mutant(
        "backend/tables/addresses.py",
        "if row.template != CONFIRM and not address.agreed_at:",
        "if False:",
        (f"{NOTICES_API}::test_a_message_under_way_does_not_go_to_a_new_address",),
        "a stranger is told what somebody eats",
    ),
    Mutant(
        "backend/tables/recipients.py",
        "agreed = AddressRow.filter(agreed_at__gt=0, failed_at=0)",
        "agreed = AddressRow.filter(failed_at=0)",
        (f"{NOTICES_API}::test_an_address_hears_nothing_before_its_code_comes_back",),
        "messages are noted for an address nobody proved",
    ),
    Mutant(
        "backend/usecases/messages/confirm_address.py",
        "if at >= row.code_until or row.code_tries >= CODE_TRIES_MAX:",
        "if at >= row.code_until:",
        (f"{NOTICES_API}::test_an_address_hears_nothing_before_its_code_comes_back",),
        "six digits are guessed",
    ),
    Mutant(
        "backend/usecases/messages/confirm_address.py",
        "if at >= row.code_until or row.code_tries >= CODE_TRIES_MAX:",
        "if row.code_tries >= CODE_TRIES_MAX:",
        (f"{NOTICES_API}::test_an_address_hears_nothing_before_its_code_comes_back",),
        "a code holds for ever",
    ),
    Mutant(
        "backend/usecases/messages/confirm_address.py",
        "is_right = row.code_hash == code_hash",
        "is_right = True",
        (f"{NOTICES_API}::test_an_address_hears_nothing_before_its_code_comes_back",),
        "any code proves an address",
    ),
    Mutant(
        "backend/usecases/messages/keep_address.py",
        "if row is not None and at < row.made_at + CODE_AGAIN_SECONDS:",
        "if False:",
        (f"{NOTICES_API}::test_an_address_hears_nothing_before_its_code_comes_back",),
        "codes are sent as fast as somebody taps",
    ),
    Mutant(
        "backend/usecases/messages/keep_address.py",
        "row.sealed = vault.seal(plain.encode(), ADDRESS_CONTEXT)",
        "row.sealed = plain",
        (f"{NOTICES_API}::test_an_address_hears_nothing_before_its_code_comes_back",),
        "addresses stand in the database to be read",
    ),
    # the wire
    Mutant(
        "backend/gateways/mail.py",
        "start_tls = None if account.may_be_open else True",
        "start_tls = None",
        (f"{LETTERS}::test_a_password_is_not_said_in_the_open",),
        "a password goes over the network in the open",
    ),
    Mutant(
        "backend/domain/letter_accounts.py",
        "return self.host in LOOPBACK and not self.login",
        "return True",
        (f"{LETTERS}::test_a_password_is_not_said_in_the_open",),
        "letters go over the network in the open",
    ),
    Mutant(
        "backend/domain/letter_accounts.py",
        'if match is None or (match["scheme"] == "http" and match["host"] not in LOOPBACK):',
        "if match is None:",
        (f"{CONFIG}::test_letters_need_a_sender_a_secret_and_a_safe_way",),
        "texts go over the network in the open",
    ),
    Mutant(
        "backend/gateways/sms.py",
        'return hmac.new(key, b"%d\\n%b" % (at, body), hashlib.sha256).hexdigest()',
        "return hmac.new(key, body, hashlib.sha256).hexdigest()",
        (f"{LETTERS}::test_an_sms_is_signed_and_sent_once_for_a_key",),
        "a signed text can be sent again for ever",
    ),
    off(
        "backend/gateways/sms.py",
        "if len(self._key) < KEY_BYTES_MIN:",
        f"{LETTERS}::test_secrets_are_files_nobody_else_reads",
        "a key that can be guessed signs",
    ),
)
