"""Settings: each mistake is named by its variable."""

from __future__ import annotations

import pytest

from backend.config import WECHAT_URL, Config, ConfigError
from backend.domain.message import Channel, Template

MARIADB = "mysql://root@127.0.0.1/xiaoma"


def test_a_demo_needs_no_settings() -> None:
    config = Config.read({})
    assert (config.mode, config.workers, config.redis) == ("demo", 1, "")
    assert config.public_url == "http://127.0.0.1:8700"


@pytest.mark.parametrize(
    "name,value",
    [
        ("XIAOMA_MODE", "prod"),
        ("XIAOMA_PORT", "0"),
        ("XIAOMA_PORT", "65536"),
        ("XIAOMA_PORT", "８７００"),
        ("XIAOMA_PORT", "-1"),
        ("XIAOMA_WORKERS", "many"),
        ("XIAOMA_WORKERS", "65"),
        ("XIAOMA_DATABASE", "postgres://x/y"),
        ("XIAOMA_DATABASE", "mysql://host"),
        ("XIAOMA_REDIS", "localhost"),
        ("XIAOMA_PUBLIC_URL", "campus.example"),
        ("XIAOMA_TRUSTED_PROXIES", "10.0.0.300"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"^{name}: "):
        Config.read({name: value})


def test_sqlite_has_one_writer() -> None:
    with pytest.raises(ConfigError, match="SQLite"):
        Config.read({"XIAOMA_WORKERS": "2", "XIAOMA_REDIS": "redis://127.0.0.1/0"})


def test_several_workers_need_a_bus_between_them() -> None:
    with pytest.raises(ConfigError, match="XIAOMA_REDIS"):
        Config.read({"XIAOMA_WORKERS": "2", "XIAOMA_DATABASE": MARIADB})


def test_production_asks_for_what_a_demo_may_lack() -> None:
    sound = {
        "XIAOMA_MODE": "production",
        "XIAOMA_DATABASE": MARIADB,
        "XIAOMA_REDIS": "redis://127.0.0.1/0",
        "XIAOMA_PUBLIC_URL": "https://card.example.edu/",
        "XIAOMA_WORKERS": "4",
    }
    assert Config.read(sound).public_url == "https://card.example.edu"
    for name in ("XIAOMA_REDIS", "XIAOMA_PUBLIC_URL"):
        with pytest.raises(ConfigError, match=name):
            Config.read({key: value for key, value in sound.items() if key != name})


MAIL = {
    "XIAOMA_MAIL_URL": "smtp://card@mail.school.example",
    "XIAOMA_MAIL_SENDER": "card@school.example",
    "XIAOMA_MAIL_PASSWORD_FILE": "var/mail.password",
}
SMS = {
    "XIAOMA_SMS_URL": "https://sms.example/messages",
    "XIAOMA_SMS_KEY_ID": "school",
    "XIAOMA_SMS_KEY_FILE": "var/sms.key",
}


def test_letters_need_a_sender_a_secret_and_a_safe_way() -> None:
    config = Config.read(MAIL | SMS)
    assert config.letter_channels == (Channel.SMS, Channel.MAIL)
    assert config.mail is not None
    assert (config.mail.port, config.mail.is_tls_at_once) == (587, False)
    assert not config.mail.may_be_open
    assert Config.read({}).letter_channels == ()
    for sound, name, value in (
        (MAIL, "XIAOMA_MAIL_URL", "mail.school.example"),
        (MAIL, "XIAOMA_MAIL_URL", "smtp://mail.school.example:99999"),
        (MAIL, "XIAOMA_MAIL_SENDER", "nobody"),
        (MAIL, "XIAOMA_MAIL_PASSWORD_FILE", ""),
        (SMS, "XIAOMA_SMS_URL", "http://sms.example/messages"),
        (SMS, "XIAOMA_SMS_URL", "sms.example"),
        (SMS, "XIAOMA_SMS_KEY_ID", ""),
        (SMS, "XIAOMA_SMS_KEY_FILE", ""),
    ):
        with pytest.raises(ConfigError, match=f"^{name}: "):
            Config.read(sound | {name: value})


def test_a_mini_program_has_a_secret_and_in_production_the_true_wechat() -> None:
    account = {
        "XIAOMA_WECHAT_APP_ID": "wx1",
        "XIAOMA_WECHAT_SECRET_FILE": "var/wechat.secret",
        "XIAOMA_WECHAT_URL": "http://127.0.0.1:8701/",
        "XIAOMA_WECHAT_FREEZE_TEMPLATE": "T",
    }
    wechat = Config.read(account).wechat
    assert wechat is not None
    assert (wechat.url, wechat.template_ids) == (
        "http://127.0.0.1:8701",
        {Template.FREEZE: "T"},
    )
    with pytest.raises(ConfigError, match=r"^XIAOMA_WECHAT_LONG_TERM: .* low"):
        Config.read(account | {"XIAOMA_WECHAT_LONG_TERM": "freeze, low"})
    lasting = Config.read(account | {"XIAOMA_WECHAT_LONG_TERM": "freeze"}).wechat
    assert lasting is not None
    assert lasting.long_term == {Template.FREEZE}
    assert Config.read({}).wechat is None
    with pytest.raises(ConfigError, match=r"^XIAOMA_WECHAT_SECRET_FILE: "):
        Config.read({"XIAOMA_WECHAT_APP_ID": "wx1"})
    with pytest.raises(ConfigError, match=r"^XIAOMA_WECHAT_URL: "):
        Config.read(account | {"XIAOMA_WECHAT_URL": "127.0.0.1"})
    production = {
        "XIAOMA_MODE": "production",
        "XIAOMA_DATABASE": MARIADB,
        "XIAOMA_REDIS": "redis://127.0.0.1/0",
        "XIAOMA_PUBLIC_URL": "https://card.example.edu/",
    }
    with pytest.raises(ConfigError, match=r"^XIAOMA_WECHAT_URL: "):
        Config.read(production | account)
    true = Config.read(production | account | {"XIAOMA_WECHAT_URL": WECHAT_URL}).wechat
    assert true is not None
