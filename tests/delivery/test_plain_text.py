from __future__ import annotations

import unicodedata

import pytest

from milepost.delivery.plain_text import MOST_MARKS, clean, clean_line, escape_to_fit, shorten
from tests.delivery.hostile_texts import hostile_texts

TEN = 10


@pytest.mark.parametrize(
    "text",
    [
        "Ana closed 5 tickets: none came back (5 of 5).",
        "José d'Ávila-Núñez & Søn <Ops>",
        "日本語の名前",
        "مريم عبد الله",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "नमस्ते क्षत्रिय",
        "ก็ที่นี่",
        "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽",
        "two\nlines\n\nand a third",
        "*not* _markup_ here: 1. [a](b)",
    ],
)
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert clean(text, most=500) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("\x00Ana\x07\x1b[31m", "Ana[31m"),
        ("Ana\ud800", "Ana\ufffd"),
        ("\u202eanA\u202c \u2067x\u2069\u200e\u200f\u061c", "anA x"),
        ("A\u200bn\ufeffa\u00ad", "Ana"),
        ("Ana\U000e0041\U000e0042", "Ana"),
        ("\ufffeAna\uffff\U0001ffff\ufdd0", "Ana"),
        ("a\r\nb\rc\x85d\u2028e\u2029f\x0bg\x0ch", "a\nb\nc\nd\ne\nf\ng\nh"),
        ("a\tb \u00a0 c", "a b c"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("\n\n a \n\n", "a"),
        ("\u200d\u200c\u0301", ""),
        (" \u3000\u2003", ""),
    ],
)
def test_what_cannot_be_seen_or_sent_is_left_out(text: str, cleaned: str) -> None:
    assert clean(text, most=500) == cleaned


def test_marks_do_not_pile_up_over_the_lines_around() -> None:
    assert clean("Z" + "\u0301" * 500 + "algo", most=500) == "Z" + "\u0301" * MOST_MARKS + "algo"
    assert clean("a" + "\u200d" * 500 + "b", most=500) == "a" + "\u200d" * MOST_MARKS + "b"


def test_a_line_has_no_breaks() -> None:
    assert clean_line("Ana\r\nBcc: all@example.com\u2028x", most=100) == "Ana Bcc: all@example.com x"


def test_long_texts_end_with_an_ellipsis_whatever_is_cleaned_away() -> None:
    assert clean("x" * 100, most=TEN) == "x" * 9 + "…"
    assert clean("\x00" * 90 + "x" * 100_000, most=TEN) == "…"
    assert clean("x" * 11, most=TEN) == "x" * 9 + "…"
    assert clean("x" * TEN, most=TEN) == "x" * TEN


def test_no_letter_is_parted_from_its_marks() -> None:
    assert shorten("abe\u0301cd", most=4) == "ab…"
    assert shorten("ab👩\u200d👩\u200d👧", most=5) == "ab…"
    assert shorten("\u0301" * 20, most=5) == "…"


def test_no_escape_is_cut_apart() -> None:
    for most in range(1, 40):
        written = escape_to_fit("a&b&c&d&e", lambda text: text.replace("&", "&amp;"), most=most)
        assert len(written) <= most
        assert written.replace("&amp;", "").count("&") == 0


def test_every_hostile_text_becomes_plain_and_cleaning_again_changes_nothing() -> None:
    for text in hostile_texts(1_500):
        cleaned = clean(text, most=200)
        assert len(cleaned) <= 200
        cleaned.encode()
        kinds = {unicodedata.category(char) for char in cleaned if char not in "\n\u200c\u200d"}
        assert not kinds & {"Cc", "Cs"}, repr(text[:200])
        assert clean(cleaned, most=200) == cleaned, repr(text[:200])
