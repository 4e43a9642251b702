import pytest
import zxingcpp

import campus_code as cc
from tests.unit.campus_code.samples import AT, code


def refused(text: str, retired: tuple[int, ...] = ()) -> tuple[cc.Refusal, object]:
    with pytest.raises(cc.RefusedError) as caught:
        cc.parse_code(text, retired)
    return caught.value.refusal, caught.value.evidence.get("wallet")


def test_taken_apart_and_put_together_again() -> None:
    parsed = cc.parse_code(code())
    assert parsed.text == code()
    assert (parsed.epoch_digits, parsed.card_number, parsed.issue) == (7, "20240013", 1)
    assert parsed.step_digits == AT // 15 % 1000
    assert parsed.grouped.startswith("90 72 02 40 01")
    assert parsed.grouped.replace(" ", "") == code()


@pytest.mark.parametrize(
    "text",
    [
        "",
        code()[:-1],
        code() + "1",
        code()[:33] + "\n",
        code()[:-1] + "\u0666",
        code()[:-1] + "\uff16",
        code()[:-1] + "\u00b2",
        code()[:-1] + "a",
        "-" + code()[1:],
        "+" + code()[1:],
        code()[:16] + "_" + code()[17:],
    ],
)
def test_anything_but_34_ascii_digits_is_unreadable(text: str) -> None:
    assert refused(text) == (cc.Refusal.UNREADABLE, None)


@pytest.mark.parametrize("place", range(3, 11))
def test_any_wrong_digit_of_the_card_number_is_unreadable(place: int) -> None:
    for digit in "0123456789".replace(code()[place], ""):
        text = code()[:place] + digit + code()[place + 1 :]
        assert refused(text)[0] is cc.Refusal.UNREADABLE


@pytest.mark.parametrize(
    "head,length,wallet",
    [
        ("10", 18, "wechat_pay"),
        ("15", 18, "wechat_pay"),
        ("25", 16, "alipay"),
        ("30", 24, "alipay"),
        ("28", 18, "alipay"),
        ("62", 19, "unionpay"),
        ("62", 21, "unionpay"),
        ("16", 18, None),
        ("09", 18, None),
        ("10", 17, None),
        ("10", 19, None),
        ("24", 18, None),
        ("31", 18, None),
        ("25", 15, None),
        ("25", 25, None),
        ("62", 18, None),
        ("61", 19, None),
    ],
)
def test_payment_wallets_are_named(head: str, length: int, wallet: str | None) -> None:
    expected = cc.Refusal.FOREIGN_CODE if wallet else cc.Refusal.UNREADABLE
    assert refused(head + "0" * (length - 2)) == (expected, wallet)


def test_formats_not_spoken_and_formats_retired() -> None:
    assert refused("8" + code()[1:]) == (cc.Refusal.FOREIGN_CODE, "unknown")
    assert refused("8" + code()[1:], (8,))[0] is cc.Refusal.RETIRED_FORMAT
    assert refused(code(), (9,))[0] is cc.Refusal.RETIRED_FORMAT


def test_damm() -> None:
    assert cc.damm_digit("572") == "4"
    assert cc.card_number(2024001) == "20240013"
    assert cc.card_number(0) == "00000000"
    assert cc.is_damm("5724")
    for text in ("5725", "57\u06624", "", " 5724"):
        assert not (text and cc.is_damm(text))
    with pytest.raises(cc.ShapeError):
        cc.damm_digit("57x")
    for wrong in (-1, 10_000_000, True, 1.0):
        with pytest.raises(cc.ShapeError):
            cc.card_number(wrong)  # type: ignore[arg-type]


def test_drawn_as_version_2_level_h_numeric_and_read_again() -> None:
    image = cc.draw_code(code(), pixels_a_module=4)
    assert image.size == (33 * 4, 33 * 4)  # 25 modules and a quiet zone of 4 on each side
    assert set(image.crop((0, 0, 132, 16)).tobytes()) == {255}
    (read,) = zxingcpp.read_barcodes(image)
    assert read.text == code()
    assert read.ec_level == "H"
    with pytest.raises(cc.RefusedError):
        cc.draw_code("1234")


def test_short_texts_are_drawn_too() -> None:
    text = "xm1:http://127.0.0.1:8000|token"
    (read,) = zxingcpp.read_barcodes(cc.draw_text(text))
    assert read.text == text
    for wrong in ("", "x" * 301):
        with pytest.raises(cc.ShapeError):
            cc.draw_text(wrong)


def test_every_refusal_speaks_both_languages() -> None:
    for refusal in cc.Refusal:
        assert refusal.value == refusal.name.lower()
        assert refusal.zh.endswith("。")
        assert refusal.en.endswith(".")
        assert refusal.en.isascii()
        for language in ("zh", "en"):
            assert refusal.sentence(language)
    words = [refusal.value for refusal in cc.Refusal]
    assert len(words) == len(set(words))


def test_sentences_carry_their_evidence() -> None:
    foreign = cc.RefusedError(cc.Refusal.FOREIGN_CODE, wallet="wechat_pay")
    assert foreign.sentence("zh") == "这不是校园码。（微信支付付款码）"
    assert str(foreign) == "This is not a campus code. (A WeChat Pay payment code.)"
    over = cc.Refusal.DAY_LIMIT.sentence("zh", {"limit_fen": 10_050})
    assert over == "超过当日限额。（限额 100.50 元）"
    assert cc.yuan(-5) == "-0.05"


def test_public_names_are_pinned() -> None:
    assert len(cc.__all__) == len(set(cc.__all__))
    for name in cc.__all__:
        assert hasattr(cc, name)
    assert set(cc.__all__) == set(PUBLIC.split())


PUBLIC = """
AID Admitted Approved CODE_DIGITS CampusCode CampusCodeError CardDirectory CardEntry CardLimits
CardState Challenge ChallengeAnswer Chip ChipKey ChipKeys ChipKind ChipList ChipRules ClassRules
COURTESY_DAYS CourtesyGiven CourtesyRules CredentialKind DOOR_EVENTS_MAX Declined
Denial Denylist Dish Document DocumentError
DocumentFault DocumentKind Door DoorCard DoorEvent DoorEventKind DoorKnown DoorList DoorRules
DoorTap EmergencyCredential EmergencyRules EpochKey Evidence FIRST_HASH Fee GroupRules
HolderLimits Keyring Known Language Limited MealPeriod MenuItem NO_LIMITS NfcRules ORDINARY
OfflineKnown OfflineTier Opening Passage PhoneCard PhoneSecrets RECORDS_MAX RecordKind RecordSet
Refusal RefusedError Role RulesBundle STEP_SECONDS ShapeError Side Spent TRANSPORT_KEYS Tally
Tap TerminalRecord Verified VerifiedEmergency Window WrongCodeGate Zone an10922 answer_challenge
business_day card_number chain_hash challenge_command check_card check_step chip_from_text
chip_key damm_digit day_kind decide decide_door derive_secret door_event_from_bytes
door_rules_from_json door_rules_to_json draw_code draw_text emergency_code get_code_command
is_damm issue_code key_id keyring_from_bytes keyring_to_bytes keys_from_bytes open_document
open_record_set open_sealed pack_chips pack_denylist pack_directory pack_doors pack_limits
parse_code parse_emergency percent_of period_at phone_secrets read_answer record_from_bytes
rules_from_json seal_to select_command sign_document sign_record_set split_amount split_answer
step_at sum_of to_json verify_challenge verify_code verify_code_and_tac verify_emergency
verify_issuer_mac verify_tac wallet_of yuan
"""
