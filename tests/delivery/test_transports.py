"""Which kinds of places there are."""

from __future__ import annotations

from milepost.delivery.transports import make_transports
from milepost.settings import Settings


def test_there_is_mail_only_where_a_server_is_set() -> None:
    """Everything else needs no set-up."""
    assert set(make_transports(Settings())) == {"slack", "teams", "webhook"}
    with_mail = Settings(smtp="smtp://ana:s3cret@mail.example.com", mail_from="milepost@example.com")
    transports = make_transports(with_mail)
    assert set(transports) == {"slack", "teams", "webhook", "email"}
    assert "s3cret" not in repr(transports)
