"""Tell a story as it is played: what was told, what was earned and why, what was taken back and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, TypeAlias

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from milepost.cli.screens import put
from milepost.operations.play_story import StepResult

#: What a line is about, and its text.
Line: TypeAlias = tuple[str, str]

_COLOURS = {"earned": "green", "taken back": "yellow", "not so": "red"}
_LABEL_WIDTH = 11
#: What a reason code is called; any other is plainly not counted.
_REASONS = {"held": "on hold", "awaiting_confirmation": "waits"}


@dataclass(frozen=True, slots=True)
class Narrator:
    """Writes steps to a console, each moment by the clock of the story's people."""

    console: Console
    #: Of people by their id, and of achievements by their key.
    names: Mapping[str, str]
    zone: tzinfo

    def tell(self, number: int, result: StepResult) -> None:
        """Write one step."""
        moment = result.at.astimezone(self.zone)
        head = Text(f"{number:>2}  {moment:%a} {moment.day} {moment:%b %H:%M}", style="bold")
        self.console.print(head)
        put(self.console, Padding(Text(result.step.why or ""), (0, 0, 0, 4)))
        self.write(self._lines(result))
        self.console.print()

    def write(self, lines: Iterator[Line]) -> None:
        """Write lines as two columns."""
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(width=_LABEL_WIDTH)
        table.add_column(overflow="fold")
        for label, text in lines:
            colour = _COLOURS.get(label)
            table.add_row(Text(label, style=colour or "dim"), Text(text, style=colour or ""))
        put(self.console, Padding(table, (0, 0, 0, 4)))

    def changes(self, answer: Mapping[str, Any]) -> Iterator[Line]:
        """Say what was granted and what was taken back."""
        for award in answer.get("awards", []):
            yield (
                "earned",
                f"{award['name']}, {self.name(award['holder'])}, {_points(award['points'])}: {award['message']}",
            )
            yield "because", f"{award['reason']}; it rests on {', '.join(award['evidence'])}"
        for award in answer.get("revoked", []):
            yield "taken back", f"{award['name']}, {self.name(award['holder'])}, {_points(-award['points'])}"
            yield "because", _loss(award, answer)

    def name(self, holder: str) -> str:
        """Give the name people know a holder by."""
        return self.names.get(holder, holder)

    def _lines(self, result: StepResult) -> Iterator[Line]:
        for event, answer in zip(result.step.tell, result.answers, strict=False):
            yield "told", self._event(event)
            yield from self._meaning(result, answer)
        if not result.step.tell:
            yield "time", "passes; what was on hold settles"
            yield from self.changes(result.answer)
        for problem in result.problems:
            yield "not so", problem

    def _event(self, event: Mapping[str, Any]) -> str:
        """Give an event in one line."""
        by = f" by {self.name(event['actor'])}" if event.get("actor") else ""
        properties = ", ".join(f"{name} {_plain(value)}" for name, value in event.get("properties", {}).items())
        return f"{event['type']} {event['id']}{by}{f' ({properties})' if properties else ''}"

    def _meaning(self, result: StepResult, answer: Mapping[str, Any]) -> Iterator[Line]:
        """Say what an event meant; of the reasons those that the story is about."""
        if answer["replayed"]:
            yield "again", "the same event with the same content: the first answer is given again, nothing is counted"
            return
        yield from self.changes(answer)
        wanted = result.step.expect.get("reasons", {})
        for reason in answer["not_counted"]:
            if reason["achievement"] in wanted:
                label = _REASONS.get(reason["reason_code"], "not counted")
                yield label, f"{self.name(reason['achievement'])}: {reason['reason']}"


def _loss(award: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """Say why an award fell: how far its holder is now, and after which event."""
    for entry in answer.get("progress", []):
        if (entry["achievement"], entry["holder"]) == (award["achievement"], award["holder"]):
            return f"{entry['reason']} now, after {answer['event_id']}"
    return str(award["reason"])


def _points(number: int) -> str:
    return f"{number:+d} point" + ("" if abs(number) == 1 else "s")


def _plain(value: Any) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
