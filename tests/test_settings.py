from __future__ import annotations

import inspect
import re
from datetime import timedelta

import pytest

from milepost import settings
from milepost.errors import SettingsError
from milepost.settings import Settings, read_settings


def test_nothing_needs_to_be_set() -> None:
    """The first start works with an empty environment."""
    assert read_settings({}) == Settings()
    assert read_settings({"MILEPOST_PORT": " "}) == Settings()


def test_every_setting_is_read() -> None:
    """Each variable reaches its field."""
    found = read_settings(
        {
            "MILEPOST_STORE": "sqlite:////var/lib/milepost.db",
            "MILEPOST_HOST": "10.0.0.5",
            "MILEPOST_PORT": "9000",
            "MILEPOST_API_KEY": "k" * 24,
            "MILEPOST_LATE_LIMIT_DAYS": "7",
            "MILEPOST_RETENTION_DAYS": "400",
            "MILEPOST_PROPERTIES": "minimal",
            "MILEPOST_PUBLIC_URL": "https://milepost.example.com/",
            "MILEPOST_SMTP": "smtp://milepost:p%40ss@mail.example.com:587",
            "MILEPOST_MAIL_FROM": "Milepost <milepost@example.com>",
            "MILEPOST_ALLOWED_ADDRESSES": "n8n.internal:5678, 10.0.0.0/8,",
            "MILEPOST_ATTENTION": "off",
            "MILEPOST_CONTACT": "owner@example.com",
            "MILEPOST_DAILY_MESSAGES": "3",
            "MILEPOST_HOURLY_MESSAGES": "6",
            "MILEPOST_REVIEW_DAYS": "21",
        }
    )
    assert found == Settings(
        "sqlite:////var/lib/milepost.db",
        "10.0.0.5",
        9000,
        "k" * 24,
        timedelta(days=7),
        retention=timedelta(days=400),
        keeps_minimal_properties=True,
        public_url="https://milepost.example.com",
        smtp="smtp://milepost:p%40ss@mail.example.com:587",
        mail_from="Milepost <milepost@example.com>",
        allowed_addresses=("n8n.internal:5678", "10.0.0.0/8"),
        counts_attention=False,
        contact="owner@example.com",
        daily_messages=3,
        hourly_messages=6,
        review_time=timedelta(days=21),
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MILEPOST_STORE", "milepost.db"),
        ("MILEPOST_STORE", "mysql://host/name"),
        ("MILEPOST_STORE", "postgresql:name"),
        ("MILEPOST_PORT", "http"),
        ("MILEPOST_PORT", "0"),
        ("MILEPOST_PORT", "65536"),
        ("MILEPOST_PORT", "0000000008400"),
        ("MILEPOST_PORT", "\uff18\uff14"),
        ("MILEPOST_API_KEY", "secret"),
        ("MILEPOST_API_KEY", "long enough but with blanks"),
        ("MILEPOST_LATE_LIMIT_DAYS", "-1"),
        ("MILEPOST_RETENTION_DAYS", "7"),
        ("MILEPOST_PROPERTIES", "few"),
        ("MILEPOST_PUBLIC_URL", "milepost.example.com"),
        ("MILEPOST_PUBLIC_URL", "https://name:password@milepost.example.com"),
        ("MILEPOST_PUBLIC_URL", "https://milepost.example.com/?page=1"),
        ("MILEPOST_PUBLIC_URL", "https://milepost.example.com:x"),
        ("MILEPOST_PUBLIC_URL", 'https://milepost.example.com/"onclick='),
        ("MILEPOST_SMTP", "mail.example.com"),
        ("MILEPOST_SMTP", "https://mail.example.com"),
        ("MILEPOST_SMTP", "smtp://"),
        ("MILEPOST_SMTP", "smtp://mail.example.com:70000"),
        ("MILEPOST_SMTP", "smtp://name@mail.example.com"),
        ("MILEPOST_SMTP", "smtp://name:pass#word@mail.example.com"),
        ("MILEPOST_SMTP", "smtp://mail.example.com/inbox"),
        ("MILEPOST_MAIL_FROM", "Milepost"),
        ("MILEPOST_MAIL_FROM", "a@b\nBcc: c@d"),
        ("MILEPOST_ALLOWED_ADDRESSES", "http://n8n:5678"),
        ("MILEPOST_ALLOWED_ADDRESSES", "n8n:99999"),
        ("MILEPOST_ALLOWED_ADDRESSES", "n8n:0"),
        ("MILEPOST_ALLOWED_ADDRESSES", "10.0.0.0/33"),
        ("MILEPOST_ALLOWED_ADDRESSES", "10.0.0.256"),
        ("MILEPOST_ALLOWED_ADDRESSES", "127.1"),
        ("MILEPOST_ALLOWED_ADDRESSES", "n8n, *.internal"),
        ("MILEPOST_ALLOWED_ADDRESSES", "[fd00::1]:"),
        ("MILEPOST_ATTENTION", "no"),
        ("MILEPOST_DAILY_MESSAGES", "101"),
        ("MILEPOST_HOURLY_MESSAGES", "0"),
        ("MILEPOST_REVIEW_DAYS", "0"),
    ],
)
def test_a_bad_value_says_what_to_set(name: str, value: str) -> None:
    """One sentence names the variable and what it may be."""
    with pytest.raises(SettingsError, match=rf"^{name} .*: (set|use) it? ?.*\.$"):
        read_settings({name: value})


def test_mail_needs_somebody_it_comes_from() -> None:
    """A mail server alone sends nothing."""
    with pytest.raises(SettingsError, match="MILEPOST_MAIL_FROM names nobody"):
        read_settings({"MILEPOST_SMTP": "smtp://localhost"})


def test_the_password_of_the_mail_server_is_not_shown() -> None:
    """Settings may be logged, and a refusal is printed."""
    given = {"MILEPOST_SMTP": "smtps://ann:s3cret@mail.example.com", "MILEPOST_MAIL_FROM": "a@example.com"}
    assert "s3cret" not in repr(read_settings(given))
    with pytest.raises(SettingsError) as refused:
        read_settings({"MILEPOST_SMTP": "smtps://ann:s3cret@mail.example.com:x"})
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("entry", "parts"),
    [
        ("n8n", ("n8n", None)),
        ("n8n:5678", ("n8n", 5678)),
        ("n8n.example.internal.", ("n8n.example.internal.", None)),
        ("10.0.0.5", ("10.0.0.5", None)),
        ("10.0.0.0/8:5678", ("10.0.0.0/8", 5678)),
        ("fd00::1", ("fd00::1", None)),
        ("[fd00::1]", ("fd00::1", None)),
        ("[fd00::1]:5678", ("fd00::1", 5678)),
        ("fd00::/8", ("fd00::/8", None)),
    ],
)
def test_an_allowed_address_is_a_host_or_a_network_and_perhaps_a_port(
    entry: str, parts: tuple[str, int | None]
) -> None:
    """Written as people write them."""
    assert read_settings({"MILEPOST_ALLOWED_ADDRESSES": entry}).allowed_addresses == (entry,)
    assert settings.split_allowed(entry) == parts


def test_the_key_is_not_in_the_text_of_the_settings() -> None:
    """Settings may be logged."""
    assert "kkk" not in repr(read_settings({"MILEPOST_API_KEY": "k" * 24}))
    with pytest.raises(SettingsError) as refused:
        read_settings({"MILEPOST_API_KEY": "hunter2"})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("url", ["sqlite:///m.db", "tinydb:///pilot.json", "postgresql://ann:s3cret@db/milepost"])
def test_a_store_is_named_by_its_address_and_its_password_is_not_shown(url: str) -> None:
    """Settings may be logged, and a refusal is printed."""
    settings = read_settings({"MILEPOST_STORE": url})
    assert settings.store == url
    assert "s3cret" not in repr(settings)
    with pytest.raises(SettingsError) as refused:
        read_settings({"MILEPOST_STORE": url.replace("://", "s://")})
    assert "s3cret" not in str(refused.value)


def test_every_setting_has_a_heading_in_the_reference(request: pytest.FixtureRequest) -> None:
    """The documentation and the code name the same variables."""
    page = (request.config.rootpath / "docs/reference/settings.md").read_text(encoding="utf-8")
    read = set(re.findall(r'"(MILEPOST_[A-Z_]+)"', inspect.getsource(settings)))
    assert set(re.findall(r"^## (MILEPOST_[A-Z_]+)$", page, re.MULTILINE)) == read
