"""Guards over what WeChat Pay says: its notices, signatures and answers."""

from scripts.mutant_lists.mutant import Mutant, off

_CLIENT = "backend/gateways/wechat_pay.py"
_ACCOUNT = "backend/domain/wechat_pay_account.py"
_NOTICE = "backend/gateways/wechat_pay_notice.py"
_READING = "backend/gateways/wechat_pay_reading.py"
_SIGNING = "backend/gateways/wechat_pay_signing.py"
_WIRE = "backend/gateways/wechat_pay_wire.py"


def _calls(name: str) -> str:
    return f"tests/gateways/test_wechat_pay.py::test_{name}"


def _notices(name: str) -> str:
    return f"tests/gateways/test_wechat_pay_notices.py::test_{name}"


def _forged(name: str) -> str:
    return f"tests/gateways/test_wechat_pay_forgeries.py::test_{name}"


def _fetched(name: str) -> str:
    return f"tests/gateways/test_wechat_pay_bills.py::test_{name}"


def _keys(name: str) -> str:
    return f"tests/gateways/test_wechat_pay_keys.py::test_{name}"


NOTICES = (
    off(
        _NOTICE,
        "if lower in found:",
        _forged("every_header_is_there_once"),
        "of two headers a proxy believes one and we the other",
    ),
    off(_NOTICE, "if not found.get(name):", _forged("every_header_is_there_once")),
    off(
        _NOTICE,
        'if found["wechatpay-signature-type"] != SCHEME:',
        _forged("a_wrong_header_is_refused"),
        "a signature of another kind is checked as if it were ours",
    ),
    off(
        _NOTICE,
        "if len(body) > NOTICE_BYTES_MAX:",
        _forged("one_that_is_too_long_is_not_even_verified"),
    ),
    off(
        _NOTICE,
        "if event != PAYMENT_EVENT:",
        _forged("a_wrong_envelope_under_a_right_signature_is_refused"),
        "a refund's event credits",
    ),
    off(
        _NOTICE,
        "if original_type != wanted_type:",
        _forged("a_wrong_envelope_under_a_right_signature_is_refused"),
        "a resource of another kind is read as a payment",
    ),
    off(
        _NOTICE,
        "if event != REFUND_EVENT + told.status.value:",
        _forged("a_refund_event_tells_its_own_state"),
        "a refund that failed is believed to have arrived",
    ),
    off(
        _NOTICE,
        "if told.trade_state is not TradeState.SUCCESS:",
        _notices("content_that_cannot_be_read_is_refused"),
        "a notice of an order nobody paid is a payment",
    ),
    off(_NOTICE, "if not told.mchid:", _forged("a_refund_event_tells_its_own_state")),
    Mutant(
        _NOTICE,
        "self._verifier.verify(signed, body, self._clock())",
        "self._clock()",
        (_forged("forged_ones_over_http_bring_nothing"),),
        "whoever knows a key's number is believed",
    ),
    Mutant(
        _NOTICE,
        'resource.require("algorithm", ALGORITHM)',
        "resource",
        (_forged("a_wrong_envelope_under_a_right_signature_is_refused"),),
    ),
    Mutant(
        _NOTICE,
        'envelope.require("resource_type", RESOURCE_TYPE)',
        "envelope",
        (_forged("a_wrong_envelope_under_a_right_signature_is_refused"),),
    ),
)
SIGNATURES = (
    off(
        _SIGNING,
        "if abs(now - int(signed.timestamp)) > CLOCK_SECONDS:",
        _notices("a_captured_notice_is_worthless_after_five_minutes"),
        "a notice captured once is good for ever",
    ),
    off(
        _SIGNING,
        "if not _DIGITS.fullmatch(signed.timestamp):",
        _forged("a_wrong_header_is_refused"),
    ),
    off(_SIGNING, "if not _NONCE.fullmatch(signed.nonce):", _forged("a_wrong_header_is_refused")),
    Mutant(
        _SIGNING,
        "if key is None or not key.valid_from <= now <= key.valid_until:",
        "if key is None:",
        (_forged("a_key_counts_only_while_its_certificate_does"),),
        "an old certificate's stolen key signs payments",
    ),
    Mutant(
        _SIGNING,
        "key = self._keys.get(signed.serial)",
        "key = self._keys.get(signed.serial, next(iter(self._keys.values())))",
        (_forged("a_wrong_header_is_refused"),),
        "a number nobody configured is believed",
    ),
    off(
        _SIGNING,
        "if signed.signature.startswith(PROBE):",
        _notices("a_wrong_one_is_refused_and_the_next_is_taken"),
        "WeChat Pay's own probes look like forgeries",
    ),
    Mutant(
        _SIGNING,
        "            key.public_key.verify(signature, message, padding.PKCS1v15(), "
        "hashes.SHA256())\n",
        "",
        (_forged("no_changed_byte_of_a_body_is_believed"),),
        "no signature is looked at",
    ),
    Mutant(
        _SIGNING,
        "signature = base64.b64decode(signed.signature, validate=True)",
        "signature = base64.b64decode(signed.signature)",
        (_forged("no_changed_byte_of_a_header_is_believed"),),
        "one signature can be written in many ways",
    ),
    off(
        _SIGNING,
        "if len(nonce.encode()) != GCM_NONCE_BYTES or len(sealed) < GCM_TAG_BYTES:",
        _forged("a_wrong_envelope_under_a_right_signature_is_refused"),
    ),
    Mutant(
        _SIGNING,
        "self._cipher.decrypt(nonce.encode(), sealed, associated.encode())",
        'self._cipher.decrypt(nonce.encode(), sealed, b"transaction")',
        (_forged("a_wrong_envelope_under_a_right_signature_is_refused"),),
        "what was encrypted as a refund opens as a payment",
    ),
    off(
        _SIGNING,
        'if f"{certificate.serial_number:X}" != key_id.lstrip("0"):',
        _keys("a_certificate_counts_under_its_own_number_only"),
        "any certificate stands for any number",
    ),
    off(
        _SIGNING,
        "if not isinstance(key, rsa.RSAPublicKey) or key.key_size < RSA_BITS_MIN:",
        _keys("a_short_key_of_theirs_is_refused"),
    ),
    off(
        _SIGNING,
        "if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < RSA_BITS_MIN:",
        _keys("what_is_no_rsa_key_signs_nothing"),
    ),
    Mutant(
        _SIGNING,
        "raw = read_private(account.v3_key_file).strip()",
        "raw = account.v3_key_file.read_bytes().strip()",
        (_keys("a_secret_open_to_others_is_refused"),),
        "every account of the machine reads the key that opens notices",
    ),
    Mutant(
        _SIGNING,
        "key = load_pem_private_key(read_private(account.key_file), password=None)",
        "key = load_pem_private_key(account.key_file.read_bytes(), password=None)",
        (_keys("a_secret_open_to_others_is_refused"),),
        "every account of the machine may refund",
    ),
    off(
        _READING,
        "if type(value) is not int or value < 0:",
        _notices("content_that_cannot_be_read_is_refused"),
        "an amount that is no whole number is one",
    ),
    off(_READING, "if at.tzinfo is None:", _notices("content_that_cannot_be_read_is_refused")),
)
WIRE = (
    Mutant(
        _WIRE,
        "self._require_signature(answer, received)\n            return _fields",
        "return _fields",
        (_calls("an_answer_without_a_good_signature_is_no_answer"),),
        "whoever answers is believed",
    ),
    off(
        _WIRE,
        "if len(values) != 1:",
        _calls("an_answer_without_a_good_signature_is_no_answer"),
        "an answer without a signature is an error of ours",
    ),
    off(_WIRE, "if base not in self._urls:", _fetched("only_their_own_address_is_fetched_from")),
    off(_WIRE, "if len(received) > bytes_max:", _calls("a_broken_answer_is_no_answer")),
    Mutant(
        _WIRE,
        "follow_redirects=False",
        "follow_redirects=True",
        (_calls("a_redirect_is_not_followed"),),
        "a signed request is sent wherever an answer says",
    ),
    Mutant(
        _WIRE,
        "async with asyncio.timeout(CALL_SECONDS_MAX):",
        "async with asyncio.timeout(None):",
        (_calls("one_that_hangs_is_not_waited_for"),),
    ),
    Mutant(
        _WIRE,
        "if answer.status_code not in ELSEWHERE:",
        "if True:",
        (_calls("the_standby_address_is_asked_when_the_first_is_away"),),
    ),
    off(
        _CLIENT,
        "if not NUMBER.fullmatch(text):",
        _calls("nothing_but_a_number_goes_into_an_address"),
    ),
    off(
        _CLIENT,
        "if told != asked:",
        _calls("an_answer_about_another_order_is_no_answer"),
        "one order's payment is taken for another's",
    ),
    off(
        _CLIENT,
        "if not hmac.compare_digest(made, wanted):",
        _fetched("a_bill_whose_hash_differs_is_not_used"),
    ),
    off(
        _CLIENT,
        "if len(raw) > BILL_BYTES_MAX:",
        _fetched("what_unzips_to_too_much_is_refused_before_it_does"),
    ),
    off(
        _CLIENT,
        "if not unzipping.eof or unzipping.unused_data:",
        _fetched("what_is_no_whole_gzip_is_refused"),
    ),
    off(
        _ACCOUNT,
        "if is_production and not set(self.urls) <= {PAY_URL, PAY_STANDBY_URL}:",
        _keys("production_asks_the_true_addresses_only"),
        "a school's money is asked for from a stand-in",
    ),
    off(
        _ACCOUNT,
        'if parts["scheme"] == "http" and parts["host"].strip("[]") not in LOOPBACK:',
        _keys("a_wrong_setting_is_named"),
        "payments go over the network in the open",
    ),
    off(
        _ACCOUNT,
        "if len({key_id for key_id, _ in files}) != len(files):",
        _keys("a_wrong_setting_is_named"),
    ),
)
TOP_UPS = (*NOTICES, *SIGNATURES, *WIRE)
