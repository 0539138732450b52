"""Mails read the way a mail program reads them."""

from __future__ import annotations

from email.message import EmailMessage
from html.parser import HTMLParser

#: Every header a mail has, and no other.
HEADERS = {
    "Auto-Submitted",
    "Content-Language",
    "Content-Type",
    "Date",
    "From",
    "MIME-Version",
    "Message-ID",
    "Subject",
    "To",
}


class Page(HTMLParser):
    """What a browser finds in a page."""

    def __init__(self) -> None:
        """Find nothing yet."""
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.words: list[str] = []
        self.links: list[str] = []
        self.pictures: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, and where it leads."""
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.pictures += [value or "" for name, value in attrs if name == "src"]

    def handle_data(self, data: str) -> None:
        """Note what people read; the title of the page stands in its heading again."""
        if data.strip() and self.tags[-1] != "title":
            self.words.append(data.strip("\n"))


def page_of(mail: EmailMessage) -> Page:
    """Read the page of a mail."""
    page = Page()
    page.feed(html_of(mail))
    page.close()
    return page


def text_of(mail: EmailMessage) -> str:
    """Give the plain text of a mail."""
    return _content(mail, "plain")


def html_of(mail: EmailMessage) -> str:
    """Give the source of the page of a mail."""
    return _content(mail, "html")


def _content(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")
