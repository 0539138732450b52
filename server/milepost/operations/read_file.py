"""Read the rows of a file: CSV, JSON lines or a JSON array; what cannot be read is told with its line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import orjson

from milepost.errors import Invalid

DELIMITERS = (",", ";", "\t")
_JSON_LINES = {".jsonl", ".ndjson"}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"
_LONGEST_ROW = 500


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row of a file."""

    #: The line it begins on, or its place in a JSON array, from 1.
    line: int
    #: What a mapping reads; None where *problem* says why there is nothing.
    payload: Any
    #: The row as it stands in the file, shortened.
    text: str
    problem: str | None = None


def read_file(path: Path) -> Iterator[FileRow]:
    """Give the rows of a file, in order; raises `Invalid` for a file of which nothing can be read."""
    start = _start_of(path)
    if start.startswith(_UTF16):
        raise Invalid(f"{path.name} is written in UTF-16. Save it as CSV UTF-8, or as JSON.")
    begins = start.removeprefix(_UTF8_MARK).lstrip()[:1]
    if path.suffix.lower() in _JSON_LINES or (begins == b"{" and not _is_whole_json(path)):
        return _json_lines(path)
    return _json_array(path) if begins in {b"[", b"{"} else _csv(path)


def is_table(path: Path) -> bool:
    """Say whether a file has columns, and so no lists inside its rows."""
    return _start_of(path).removeprefix(_UTF8_MARK).lstrip()[:1] not in {b"[", b"{"}


def _start_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4096)
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror or error}.") from None


def _is_whole_json(path: Path) -> bool:
    """Say whether the file is one JSON object, not one on each line."""
    try:
        orjson.loads(path.read_bytes().removeprefix(_UTF8_MARK))
    except orjson.JSONDecodeError:
        return False
    return True


# ------------------------------------------------------------------------ JSON


def _json_lines(path: Path) -> Iterator[FileRow]:
    with path.open("rb") as file:
        for line, content in enumerate(file, 1):
            raw = (content.removeprefix(_UTF8_MARK) if line == 1 else content).strip()
            if raw:
                yield _json_row(line, raw)


def _json_row(line: int, raw: bytes) -> FileRow:
    text = raw.decode("utf-8", errors="replace")[:_LONGEST_ROW]
    try:
        return FileRow(line, orjson.loads(raw), text)
    except orjson.JSONDecodeError as error:
        return FileRow(line, None, text, f"this is no JSON: {error}")


def _json_array(path: Path) -> Iterator[FileRow]:
    try:
        whole = orjson.loads(path.read_bytes().removeprefix(_UTF8_MARK))
    except orjson.JSONDecodeError as error:
        raise Invalid(f"{path.name} is no JSON: {error}. Write one array, or one object on each line.") from None
    for place, item in enumerate(whole if isinstance(whole, list) else [whole], 1):
        yield FileRow(place, item, orjson.dumps(item).decode()[:_LONGEST_ROW])


# ------------------------------------------------------------------------- CSV


def _csv(path: Path) -> Iterator[FileRow]:
    # A byte that is no UTF-8 becomes a surrogate, so that only its row is set aside.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        delimiter = _sniff(file)
        reader = csv.reader(file, delimiter=delimiter)
        names = _names(next(reader, []), path)
        ended = reader.line_num
        while True:
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield FileRow(ended + 1, None, "", f"this is no row of a table: {error}")
            else:
                if any(value.strip() for value in values):
                    yield _csv_row(names, values, delimiter, (ended + 1, reader.line_num))
            ended = reader.line_num


def _sniff(file: TextIO) -> str:
    """Give the delimiter that the header has most of, outside quotation marks."""
    header = file.readline()
    file.seek(0)
    bare = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def _names(header: list[str], path: Path) -> list[str]:
    """Check the names of the columns."""
    names = [name.strip() for name in header]
    if not any(names):
        raise Invalid(f"{path.name} is empty. Its first line must name the columns.")
    if _has_bad_bytes(names):
        raise Invalid(f"The first line of {path.name} is not UTF-8. Save the file as CSV UTF-8.")
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise Invalid(f"{path.name} has more than one column {twice[0]!r}. Rename one of them.")
    return names


def _csv_row(names: list[str], values: list[str], delimiter: str, lines: tuple[int, int]) -> FileRow:
    first, last = lines
    text = delimiter.join(values).encode("utf-8", errors="replace").decode().replace("\0", "?")[:_LONGEST_ROW]
    problem = None
    if _has_bad_bytes(values):
        problem = "it has bytes that are not UTF-8 text"
    elif len(values) != len(names):
        problem = f"it has {len(values)} values, but there are {len(names)} columns"
        if last > first:
            problem += f"; it runs to line {last}, so a quotation mark may be missing"
    payload = None if problem else {name: value for name, value in zip(names, values, strict=False) if name}
    return FileRow(first, payload, text, problem)


def _has_bad_bytes(values: list[str]) -> bool:
    return any(character == "\0" or "\udc80" <= character <= "\udcff" for value in values for character in value)
