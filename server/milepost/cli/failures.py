"""What went wrong, said once: a sentence with what to do on standard error, and an exit code."""

from __future__ import annotations

from typing import IO, Any

import click

from milepost.errors import Problem, SettingsError
from milepost.storage.errors import StoreError


class Failure(click.ClickException):
    """The command could not do what it was asked to."""

    exit_code = 1

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the sentence to standard error."""
        click.echo(f"Error: {self.message}", file=file, err=file is None)


class WrongUse(Failure):
    """A setting or an argument makes no sense."""

    exit_code = 2


class StoreClosed(Failure):
    """The store cannot be opened."""

    exit_code = 3


class Commands(click.Group):
    """A group of commands whose failures are sentences instead of tracebacks."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; translate what it raises on purpose, and what the machine refuses."""
        try:
            return super().invoke(ctx)
        except Problem as problem:
            raise Failure(problem_text(problem.document())) from None
        except SettingsError as error:
            raise WrongUse(str(error)) from None
        except StoreError as error:
            raise Failure(str(error)) from None
        except BrokenPipeError:  # the reader of a pipe has gone; click ends quietly then
            raise
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise Failure(f"{where}{error.strerror or error}. Look at that place, then try again.") from None


def problem_text(document: dict[str, Any]) -> str:
    """Give the sentence of a problem, and where there are several places the others below it."""
    detail = str(document.get("detail") or document.get("title") or "It was refused.")
    places = [error for error in document.get("errors", []) if error["message"] != detail]
    return "\n".join([detail, *(f"  {error['pointer']}: {error['message']}" for error in places)])
