from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from milepost.operations.make_key import is_whole, make_secret
from milepost.operations.services import Services


def make(admin: Any, *scopes: str, name: str = "Zap") -> Any:
    """Make a key over HTTP."""
    return admin.post("/v1/keys", json={"name": name, "scopes": list(scopes)}).get_json()


def test_a_made_key_works_in_either_header(admin: Any, stranger: Any) -> None:
    """Both headers that low-code tools can set are read."""
    secret = make(admin, "read")["secret"]
    for headers in ({"Authorization": f"Bearer {secret}"}, {"X-API-Key": secret}):
        answer = stranger.get("/v1/me", headers=headers)
        assert answer.get_json()["scopes"] == ["read"]


def test_a_key_carries_a_prefix_enough_randomness_and_a_checksum() -> None:
    """A key is recognised as ours, cannot be guessed, and shows when it is cut."""
    secrets = {make_secret() for _ in range(100)}
    assert len(secrets) == 100
    for secret in secrets:
        assert secret.startswith("mp_")
        assert len(secret) == 39
        assert is_whole(secret)


@pytest.mark.parametrize("place", [3, 20, 35, 38])
def test_one_changed_character_is_called_a_typing_mistake(stranger: Any, place: Any) -> None:
    """The checksum tells a mistyped key from an unknown one."""
    secret = make_secret()
    wrong = secret[:place] + ("a" if secret[place] != "a" else "b") + secret[place + 1 :]
    problem = stranger.get("/v1/me", headers={"X-API-Key": wrong}).get_json()
    assert problem["title"] == "This key is mistyped"
    assert f"…{wrong[-4:]}" in problem["detail"]


def test_a_whole_key_from_elsewhere_is_unknown(stranger: Any) -> None:
    """The answer names the key by its end and says what to do."""
    secret = make_secret()
    answer = stranger.get("/v1/me", headers={"X-API-Key": secret})
    assert answer.status_code == 401
    assert answer.get_json()["title"] == "This key is not known here"
    assert f"ends in …{secret[-4:]}" in answer.get_json()["detail"]
    assert "Make a new one" in answer.get_json()["detail"]
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_no_key_is_told_where_to_put_one(stranger: Any) -> None:
    """The first call of everybody."""
    answer = stranger.get("/v1/me")
    assert answer.status_code == 401
    assert "Authorization: Bearer" in answer.get_json()["detail"]


def test_a_revoked_key_says_when_it_was_revoked(admin: Any, stranger: Any) -> None:
    """Revoking holds at once and for good."""
    made = make(admin, "read")
    assert admin.delete(f"/v1/keys/{made['id']}").get_json()["revoked_at"].startswith("2026-03-02")
    problem = stranger.get("/v1/me", headers={"X-API-Key": made["secret"]}).get_json()
    assert problem["status"] == 401
    assert "was revoked on 2 Mar 2026" in problem["detail"]


def test_revoking_twice_keeps_the_first_moment(admin: Any, clock: Any) -> None:
    """The second time changes nothing."""
    made = make(admin, "read")
    first = admin.delete(f"/v1/keys/{made['id']}").get_json()
    clock.move(timedelta(days=1))
    assert admin.delete(f"/v1/keys/{made['id']}").get_json() == first


def test_a_secret_is_shown_once_and_kept_only_as_its_hash(admin: Any, services: Services, tmp_path: Path) -> None:
    """Neither the list nor the file gives it away."""
    made = make(admin, "read")
    assert made["secret"] not in admin.get("/v1/keys").get_data(as_text=True)
    services.store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert made["secret"].encode() not in kept


@pytest.mark.parametrize(
    ("scopes", "status"), [(["read"], 403), (["evaluate", "award", "manage"], 403), (["admin"], 200)]
)
def test_only_an_admin_key_may_see_the_keys(caller_with: Any, scopes: Any, status: int) -> None:
    """Scopes are separate, and admin has them all."""
    assert caller_with(*scopes).get("/v1/keys").status_code == status


def test_a_missing_scope_is_named(caller_with: Any) -> None:
    """The refusal says what the key may do and what it would need."""
    problem = caller_with("evaluate").get("/v1/keys").get_json()
    assert "may do evaluate; this needs admin" in problem["detail"]


def test_an_unknown_scope_is_refused_when_the_key_is_made(admin: Any) -> None:
    """A key never carries a word without meaning."""
    answer = admin.post("/v1/keys", json={"name": "Zap", "scopes": ["evalute"]})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/scopes/0"


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, None, 5])
def test_a_key_needs_a_name(admin: Any, name: str) -> None:
    """Nobody can tell keys apart later without one."""
    assert admin.post("/v1/keys", json={"name": name, "scopes": ["read"]}).status_code == 422


def test_the_last_use_is_noted_at_most_once_a_minute(admin: Any, stranger: Any, clock: Any) -> Any:
    """Reading does not become writing."""
    made = make(admin, "read")

    def used() -> Any:
        stranger.get("/v1/me", headers={"X-API-Key": made["secret"]})
        return admin.get("/v1/keys").get_json()["items"][0]["last_used_at"]

    first = used()
    clock.move(timedelta(seconds=59))
    assert used() == first
    clock.move(timedelta(seconds=1))
    assert used() > first


def test_the_key_from_the_settings_may_do_everything(admin: Any) -> None:
    """A self-hoster can begin with one environment variable."""
    assert admin.get("/v1/me").get_json() == {
        "key_id": "settings",
        "name": "MILEPOST_API_KEY",
        "scopes": ["admin"],
        "version": admin.get("/health").get_json()["version"],
    }


def test_a_short_key_is_not_repeated_in_the_answer(stranger: Any) -> None:
    """Four characters of eight would be half a password that somebody pasted by mistake."""
    assert "hunt" not in stranger.get("/v1/me", headers={"X-API-Key": "hunter22"}).get_data(as_text=True)


@pytest.mark.parametrize("sent", ["Basic dXNlcjpwYXNz", "Bearer", "Bearer   ", "mp_whatever"])
def test_other_ways_to_authenticate_count_as_no_key(stranger: Any, sent: Any) -> None:
    """Only a bearer token is a key."""
    problem = stranger.get("/v1/me", headers={"Authorization": sent}).get_json()
    assert problem["title"] == "An API key is needed"
