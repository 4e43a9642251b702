"""Settings and key files of WeChat Pay: what is wrong is named before anything is asked."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from backend.domain.wechat_pay import BillKind, Prepay, RefundOrder, WechatPayOffError
from backend.domain.wechat_pay_account import (
    PAY_STANDBY_URL,
    PAY_URL,
    SettingError,
    WechatPayAccount,
)
from backend.gateways.vault import VaultError
from backend.gateways.wechat_pay import WechatPayGateway
from backend.gateways.wechat_pay_notice import Notices
from backend.gateways.wechat_pay_off import NoNotices, NoWechatPay
from backend.gateways.wechat_pay_signing import Opener, Signer, Verifier, read_platform_key
from simulators.wechat_pay.keys import KeyFiles, public_pem, write_files
from tests.rig.wechat_pay import MCHID, SERIAL, START, V3_KEY, keys

KEY_ID = "PUB_KEY_ID_0119000001092026010100000000000001"


def short_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 1024)  # noqa: S505 - it must be refused


@pytest.fixture
def files(tmp_path: Path) -> KeyFiles:
    """What a merchant is given."""
    platform, merchant_key = keys()
    return write_files(tmp_path, merchant_key, V3_KEY, platform)


@pytest.fixture
def environment(files: KeyFiles) -> dict[str, str]:
    """Settings that are right."""
    return {
        "XIAOMA_PUBLIC_URL": "https://card.example.edu/",
        "XIAOMA_WECHAT_APP_ID": "wx00000000000000te",
        "XIAOMA_PAY_MCHID": MCHID,
        "XIAOMA_PAY_SERIAL": SERIAL.lower(),
        "XIAOMA_PAY_KEY_FILE": str(files.merchant_key),
        "XIAOMA_PAY_V3_KEY_FILE": str(files.v3_key),
        "XIAOMA_PAY_PLATFORM_KEYS": f"{KEY_ID}={files.platform_public_key}, "
        f"{keys()[0].serial}={files.platform_certificate}",
    }


def test_settings_are_read(environment: dict[str, str], files: KeyFiles) -> None:
    account = WechatPayAccount.read(environment)
    assert account is not None
    assert account.serial == SERIAL
    assert account.urls == (PAY_URL, PAY_STANDBY_URL)
    assert account.payment_notify_url == "https://card.example.edu/webhooks/wechat-pay/payments"
    assert account.platform_files[0] == (KEY_ID, files.platform_public_key)
    assert Verifier.read(account).wanted_serial == KEY_ID
    assert WechatPayAccount.read({}) is None


@pytest.mark.parametrize(
    "name, value",
    [
        ("XIAOMA_PAY_MCHID", "19000"),
        ("XIAOMA_PAY_MCHID", "190000010a"),
        ("XIAOMA_PAY_SERIAL", ""),
        ("XIAOMA_PAY_SERIAL", "not hex"),
        ("XIAOMA_PAY_KEY_FILE", ""),
        ("XIAOMA_PAY_V3_KEY_FILE", ""),
        ("XIAOMA_WECHAT_APP_ID", ""),
        ("XIAOMA_PAY_PLATFORM_KEYS", ""),
        ("XIAOMA_PAY_PLATFORM_KEYS", "pub_key.pem"),
        ("XIAOMA_PAY_PLATFORM_KEYS", "ABC=pub_key.pem"),
        ("XIAOMA_PAY_PLATFORM_KEYS", f"{KEY_ID}=a,{KEY_ID}=b"),
        ("XIAOMA_PAY_URLS", "http://pay.example"),
        ("XIAOMA_PAY_URLS", "https://pay.example/v3"),
        ("XIAOMA_PAY_NOTIFY_URL", "http://card.example"),
        ("XIAOMA_PAY_NOTIFY_URL", "https://card.example?x=1"),
    ],
)
def test_a_wrong_setting_is_named(environment: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        WechatPayAccount.read(environment | {name: value})


def test_production_asks_the_true_addresses_only(environment: dict[str, str]) -> None:
    production = environment | {"XIAOMA_MODE": "production"}
    assert WechatPayAccount.read(production) is not None
    with pytest.raises(SettingError, match="XIAOMA_PAY_URLS"):
        WechatPayAccount.read(production | {"XIAOMA_PAY_URLS": "https://pay.example"})


def account_of(environment: dict[str, str]) -> WechatPayAccount:
    account = WechatPayAccount.read(environment)
    assert account is not None
    return account


@pytest.mark.parametrize("name", ["merchant_key", "v3_key"])
def test_a_secret_open_to_others_is_refused(
    environment: dict[str, str], files: KeyFiles, name: str
) -> None:
    account = account_of(environment)
    path: Path = getattr(files, name)
    path.chmod(0o640)
    with pytest.raises(VaultError, match="chmod 600"):
        (Signer if name == "merchant_key" else Opener).read(account)


@pytest.mark.parametrize("kind", ["text", "elliptic", "short"])
def test_what_is_no_rsa_key_signs_nothing(
    environment: dict[str, str], files: KeyFiles, kind: str
) -> None:
    made = {
        "text": b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "elliptic": ec.generate_private_key(ec.SECP256R1()).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ),
        "short": short_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    }
    files.merchant_key.write_bytes(made[kind])
    with pytest.raises(VaultError) as caught:
        Signer.read(account_of(environment))
    assert "AAAA" not in str(caught.value)


@pytest.mark.parametrize("raw", [b"", b"x" * 31, b"x" * 33])
def test_an_apiv3_key_of_another_length_is_refused(
    environment: dict[str, str], files: KeyFiles, raw: bytes
) -> None:
    files.v3_key.write_bytes(raw)
    with pytest.raises(VaultError, match="32 bytes"):
        Opener.read(account_of(environment))


def test_a_certificate_counts_under_its_own_number_only(files: KeyFiles) -> None:
    serial = keys()[0].serial
    assert read_platform_key(serial, files.platform_certificate).valid_until > START
    for key_id, path in (
        (serial[:-1] + ("0" if serial[-1] != "0" else "1"), files.platform_certificate),
        (KEY_ID, files.platform_certificate),
        (serial, files.platform_public_key),
        (KEY_ID, files.merchant_key.parent / "gone.pem"),
    ):
        with pytest.raises(VaultError):
            read_platform_key(key_id, path)


def test_a_short_key_of_theirs_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "short.pem"
    path.write_bytes(public_pem(short_key().public_key()))
    with pytest.raises(VaultError, match="2048"):
        read_platform_key(KEY_ID, path)


def test_nothing_secret_is_in_a_repr(environment: dict[str, str]) -> None:
    account = account_of(environment)
    shown = repr([account, Signer.read(account), Opener.read(account), Verifier.read(account)])
    assert V3_KEY.decode() not in shown
    assert "PRIVATE" not in shown
    assert os.path.basename(account.key_file) in shown  # noqa: PTH119 - where it is is no secret
    assert replace(account, serial="A" * 40) != account


async def test_a_school_without_a_merchant_number_says_so() -> None:
    off = NoWechatPay()
    order = Prepay("tu-order-1", 1, "o-1", "校园卡充值", 0)
    refund = RefundOrder("rf-refund-1", "4200-1", 1, 1, "退")
    for asked in (
        off.prepay(order),
        off.find("tu-order-1"),
        off.find_transaction("4200-1"),
        off.close_order("tu-order-1"),
        off.refund(refund),
        off.find_refund("rf-refund-1"),
        off.bill(BillKind.TRADE, date(2026, 9, 1)),
    ):
        with pytest.raises(WechatPayOffError):
            await asked
    for read in (NoNotices().payment, NoNotices().refund):
        with pytest.raises(WechatPayOffError):
            read([], b"")
    await off.close()


def test_the_stand_in_has_every_call_of_the_true_one() -> None:
    for off, true in ((NoWechatPay, WechatPayGateway), (NoNotices, Notices)):
        calls = {name for name in vars(true) if name[0] != "_" and name != "read_keys"}
        assert calls == {name for name in vars(off) if name[0] != "_"}
