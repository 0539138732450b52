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
    ],
)
def test_a_bad_value_says_what_to_set(name: str, value: str) -> None:
    """One sentence names the variable and what it may be."""
    with pytest.raises(SettingsError, match=rf"^{name} .*: (set|use) it? ?.*\.$"):
        read_settings({name: value})


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
