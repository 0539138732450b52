"""Names and texts that break naive messages, drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator

SEED = 20260302

MENTIONS = (
    "<!channel>",
    "<!here|here>",
    "<!everyone>",
    "<@U012AB3CD>",
    "<#C012AB3CD|general>",
    "<!subteam^S012AB3CD>",
    "<!date^1392734382^{date_long}|x>",
    "@channel",
    "@here",
    "@everyone",
    "&lt;!channel&gt;",
    "&#60;!channel&#62;",
    "<at>Ana</at>",
    "<at id='0'>all</at>",
)
MARKUP = (
    "*bold* _italic_ ~struck~ `code` ```block```",
    "[click](https://evil.example)",
    "![image](https://evil.example/x.png)",
    "<https://evil.example|payroll>",
    "https://evil.example/?a=1&b=2#c",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "<!--",
    "]]>",
    "&lt;b&gt; &amp;amp; &copy; &#x2A;",
    "- a\n- b",
    "1. a\n2) b",
    "# heading\n> quoted\n---\n===",
    "| a | b |\n|---|---|\n| c | d |",
    "    code",
    "a\\*b\\\\",
    "javascript:alert(1)",
)
CODE = (
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    '@SUM(1+1)*cmd|"/C calc"!A0',
    '-2+3+cmd|"/C calc"!A0',
    "{{ 7*7 }}",
    "{% for x in y %}{% endfor %}",
    "${7*7} #{7*7} <%= 7*7 %>",
    "{{DATE(2026-03-02T10:00:00Z,SHORT)}}",
    "@{triggerBody()}",
    "%s %d %(name)s {0} {}",
    "'; DROP TABLE awards; --",
    "../../etc/passwd",
)
HEADERS = (
    "Ana\r\nBcc: all@example.com",
    "Ana\nContent-Type: text/html\n\n<b>",
    "=?utf-8?q?a=0ABcc:all@example.com?=",
    "=?utf-8?b?YQ0KQmNjOiB4QGV4YW1wbGUuY29t?= b",
    "a\x0bb\x0cc\x85d\u2028e\u2029f",
)
SIGNS = (
    "\x00",
    "\x00Ana\x07\x1b[31m",
    "\x7f\x80\x9f",
    "\ud800",
    "Ana\udfff\ud800!",
    "\u202eanA\u202c",
    "\u2066\u2067\u2068\u2069\u200e\u200f\u061c",
    "\u200b\u200d\ufeff\u00ad\u2060",
    "\u200d" * 50,
    "\U000e0041\U000e006e\U000e0061",
    "\ufffe\uffff\U0001ffff",
    "مريم عبد الله",
    "שרה כהן",
    "Z̸̢̛̗̖͎̱̖̰̰̭̺̳̭̦͐̈́̂͗̿̽̀a̵̡̛͚͚̱̹͓͇̱̱̽̈́l̶g̷o̴" * 3,
    "e\u0301" * 20,
    "a" + "\u0301" * 500,
    "👩‍👩‍👧‍👦🏳️‍🌈👍🏽",
    "日本語の名前",
    "नमस्ते",
    "ﷺ" * 20,
    " \t\u00a0\u2003\u3000 ",
    "\n\n\n\n",
    "",
    "NULL",
    "José d'Ávila-Núñez",
    "R&D <Ops> \"A\" 'B'",
)
LENGTHS = ("x" * 100_000, "&" * 100_000, "<" * 5_000, "*" * 5_000, "😀" * 30_000, "é " * 50_000, "\n" * 100_000)
KINDS = (MENTIONS, MARKUP, CODE, HEADERS, SIGNS)


def hostile_texts(count: int, *, seed: int = SEED) -> Iterator[str]:
    """Give the known ones first, then mixtures of them; a few are very long."""
    chance = random.Random(seed)  # noqa: S311 - examples, not secrets
    known = [text for kind in (*KINDS, LENGTHS) for text in kind]
    yield from known[:count]
    for _ in range(count - len(known)):
        yield _mixture(chance)


def _mixture(chance: random.Random) -> str:
    if chance.random() < 0.01:
        return _piece(chance) + chance.choice(LENGTHS)
    pieces = [_piece(chance) for _ in range(chance.randint(1, 4))]
    return chance.choice(("", " ", "\n", ": ")).join(pieces)


def _piece(chance: random.Random) -> str:
    draw = chance.random()
    if draw < 0.7:
        return chance.choice(chance.choice(KINDS))
    if draw < 0.9:
        return "".join(chr(chance.randint(33, 126)) for _ in range(chance.randint(1, 30)))
    return "".join(chr(chance.randrange(0x11_0000)) for _ in range(chance.randint(1, 30)))
