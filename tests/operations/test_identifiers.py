"""What names a person is put out of texts, and nothing else is."""

from __future__ import annotations

import pytest

from milepost.operations.identifiers import Hiding, Identifiers, is_distinctive

ANA = "ana@example.com"


@pytest.mark.parametrize(
    "text",
    [
        ANA,
        "ANA@Example.com",
        f"hubspot-{ANA}-2026-03-02",
        f"checkin_{ANA}_2026",
        f"<{ANA}>, please",
        "https://crm.example/u/ana%40example.com/deals",
        f"mailto:{ANA}.",
    ],
)
def test_an_address_is_found_wherever_it_stands(text: str) -> None:
    """By itself, in an id, in a sentence, in an address of the web."""
    hidden = Hiding([ANA], word="x")(text)
    assert "ana" not in hidden.casefold()
    assert "x" in hidden


@pytest.mark.parametrize("text", ["joana@example.com", "ana@example.community", "banana", "example.com", ""])
def test_a_part_of_another_word_stays(text: str) -> None:
    """Joana is somebody else."""
    assert Hiding([ANA], word="x")(text) == text


def test_a_longer_address_that_is_known_stays() -> None:
    """It begins like hers, and is a colleague's."""
    hide = Hiding([ANA], word="x", except_in=[f"{ANA}.au"])
    assert hide(f"{ANA}.au and {ANA}") == f"{ANA}.au and x"


@pytest.mark.parametrize("text", ["Ana Ruíz", "ANA RUÍZ", "Ana  Ruíz", "Ruíz, Ana", "Ana Rui\u0301z", "Ana Ru\\u00edz"])
def test_a_name_is_found_however_it_is_written(text: str) -> None:
    """In other letters, in another order, composed or not, in JSON."""
    person = Identifiers(ANA, "Ana Ruíz")
    assert Hiding(person.distinctive(), word="x")(f"said {text} once") == "said x once"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        *((ANA, True), ("Ana Ruíz", True), ("U02ABC7", True), ("ana.ruiz", True), ("王伟", True)),
        *(("ana", False), ("12345", False), ("gold", False), ("U7", False), ("@", False), ("Support", False)),
    ],
)
def test_a_short_word_or_a_number_may_mean_anything(text: str, *, is_one: bool) -> None:
    """It is put out only of what is about the person anyway."""
    assert is_distinctive(text) is is_one
    assert (text in Identifiers(text, None).distinctive()) is is_one


def test_a_name_that_two_people_have_means_neither() -> None:
    """The other one keeps it."""
    assert Identifiers(ANA, "Ana Ruíz", others=["ana ruíz"]).distinctive() == {ANA}


def test_what_is_about_the_person_is_rid_of_the_first_name_too() -> None:
    """Messages use it."""
    words = Identifiers("ana.r@example.com", "Ana de Ruíz", ["123", "anna"]).words()
    assert {"Ana", "Ruíz", "ana.r", "anna"} <= words
    assert not {"de", "123"} & words
