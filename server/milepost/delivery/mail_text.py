"""A message as a mail: plain text and HTML that say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from email.errors import HeaderParseError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from milepost.delivery.base import AddressRefused
from milepost.delivery.fit_message import fit_message, shown_sections
from milepost.delivery.message import Line, Message

#: Mail programs cut off what is longer than about 100 KB.
MOST_CHARACTERS = 90_000
_TEMPLATE = "mail.html"
#: What goes into the first line of a header.
_LONGEST_WORD = 60
#: A header that was encoded here stays as it is.
_POLICY = SMTP.clone(refold_source="none")
_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9_.-]")
#: Where a sender has no host of its own.
_NO_HOST = "milepost.invalid"


def mail_of(message: Message, *, sender: str, recipient: str, at: datetime) -> EmailMessage:
    """Shape a message as a mail; every attempt makes the same ``Message-ID``.

    Raises `AddressRefused` where one of the addresses can be none.
    """
    return fit_message(message, lambda fitted: _mail(fitted, sender, recipient, at), _fits)


def mail_text(message: Message) -> str:
    """Write the plain text of a mail."""
    return "\n\n".join(_paragraphs(message)) + "\n"


def _mail(message: Message, sender: str, recipient: str, at: datetime) -> EmailMessage:
    mail = EmailMessage(policy=_POLICY)
    mail.set_raw("Subject", _subject(message.title))
    mail["From"] = _address(sender)
    mail["To"] = _address(recipient)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{_NOT_IN_AN_ID.sub('-', message.id)}@{_address(sender).domain or _NO_HOST}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(mail_text(message))
    mail.add_alternative(_template().render(message=message, sections=shown_sections(message)), subtype="html")
    mail["Content-Language"] = "en"
    return mail


def _subject(title: str) -> str:
    """Encode a title.

    Assigned as it is, the library would decode what looks encoded, line breaks and further headers included, and lose
    blanks where it folds.
    """
    is_plain = title.isascii() and "=?" not in title and max(map(len, title.split())) <= _LONGEST_WORD
    return Header(title, "us-ascii" if is_plain else "utf-8", header_name="Subject").encode()


def _address(text: str) -> Address:
    """Read ``ana@example.com`` or ``Ana <ana@example.com>``, nothing that only a lenient reader takes for one."""
    refused = AddressRefused("This is no e-mail address. Write it like ana@example.com.")
    name, address = parseaddr(text)
    is_whole = address == text or text.endswith(f"<{address}>")
    if not (is_whole and text.isprintable()) or "=?" in text:  # the library decodes what looks encoded
        raise refused
    try:
        return Address(display_name=name, addr_spec=address)
    except (HeaderParseError, IndexError, ValueError) as error:
        raise refused from error


def _fits(mail: EmailMessage) -> bool:
    return sum(len(part.get_content()) for part in mail.iter_parts()) <= MOST_CHARACTERS


def _paragraphs(message: Message) -> Iterator[str]:
    for section in shown_sections(message):
        if section.heading:
            yield section.heading
        is_list = len(section.lines) > 1
        for line in section.lines:
            yield _item(line) if is_list else _paragraph(line)
    for action in message.actions:
        yield f"{action.label}: {action.url}"
    if message.footer:
        yield f"-- \n{message.footer}"


def _paragraph(line: Line) -> str:
    return "\n\n".join(filter(None, (line.text, line.detail)))


def _item(line: Line) -> str:
    return "- " + "\n".join(filter(None, (line.text, line.detail))).replace("\n", "\n  ")


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        autoescape=True,
        loader=FileSystemLoader(Path(__file__).parent),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    return environment.get_template(_TEMPLATE)
