"""Bodies that break naive servers, each with a name."""

from __future__ import annotations

import gzip
import json

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def _event(properties: str) -> bytes:
    """Give an event that would be fine but for its properties."""
    return (
        '{"id":"h-1","type":"ticket.solved","actor":"ana@example.com","occurred_at":"2026-03-02T10:00:00Z",'
        f'"properties":{properties}}}'
    ).encode("utf-8", "surrogatepass")


#: Name to content type, body.
HOSTILE: dict[str, tuple[str | None, bytes]] = {
    "empty": (JSON, b""),
    "blank": (JSON, b" \n\t "),
    "top level text": (JSON, b'"ticket.solved"'),
    "top level list": (JSON, b"[]"),
    "top level number": (JSON, b"1"),
    "top level null": (JSON, b"null"),
    "top level true": (JSON, b"true"),
    "empty object": (JSON, b"{}"),
    "broken off": (JSON, b'{"id": "x", "type'),
    "trailing comma": (JSON, b'{"id": "x",}'),
    "trailing text": (JSON, b'{"id": "x"} and more'),
    "two documents": (JSON, b'{"id": "x"}{"id": "y"}'),
    "single quotes": (JSON, b"{'id': 'x'}"),
    "bare words": (JSON, b"{id: x}"),
    "comment": (JSON, b'{"id": "x" /* why */}'),
    "html": (JSON, b"<html></html>"),
    "bad utf-8": (JSON, _event('{"a":"X"}').replace(b"X", b"\xff\xfe")),
    "cut utf-8": (JSON, _event('{"a":"X"}').replace(b"X", b"\xe2\x82")),
    "overlong utf-8": (JSON, _event('{"a":"X"}').replace(b"X", b"\xc0\x80")),
    "utf-8 with mark": (JSON, b"\xef\xbb\xbf" + _event("{}")),
    "utf-16": (JSON, _event("{}").decode().encode("utf-16")),
    "utf-16 without mark": (JSON, _event("{}").decode().encode("utf-16-le")),
    "utf-32": (JSON, _event("{}").decode().encode("utf-32")),
    "nan": (JSON, _event('{"a":NaN}')),
    "infinity": (JSON, _event('{"a":Infinity}')),
    "minus infinity": (JSON, _event('{"a":-Infinity}')),
    "1e400": (JSON, _event('{"a":1e400}')),
    "-1e400": (JSON, _event('{"a":-1e400}')),
    "5,000 digits": (JSON, _event('{"a":' + "9" * 5_000 + "}")),
    "100,000 digits": (JSON, _event('{"a":' + "9" * 100_000 + "}")),
    "5,000 decimals": (JSON, _event('{"a":0.' + "9" * 5_000 + "}")),
    "65 bit": (JSON, _event('{"a":18446744073709551616}')),
    "64 bit unsigned": (JSON, _event('{"a":18446744073709551615}')),
    "leading zero": (JSON, _event('{"a":007}')),
    "lone surrogate": (JSON, _event('{"a":"\\ud800"}')),
    "lone surrogate in a key": (JSON, _event('{"\\udfff":1}')),
    "surrogates the wrong way round": (JSON, _event('{"a":"\\udc00\\ud800"}')),
    "lone surrogate in the id": (JSON, _event("{}").replace(b"h-1", b"\\ud800")),
    "raw surrogate": (JSON, _event('{"a":"\ud800"}')),
    "nul escaped": (JSON, _event('{"a":"x\\u0000y"}')),
    "nul in a key": (JSON, _event('{"\\u0000":1}')),
    "nul raw": (JSON, _event('{"a":"X"}').replace(b"X", b"\x00")),
    "nul in the actor": (JSON, _event("{}").replace(b"ana@", b"ana\\u0000@")),
    "control character raw": (JSON, _event('{"a":"X"}').replace(b"X", b"\x1f")),
    "line break in the actor": (JSON, _event("{}").replace(b"ana@", b"ana\\n@")),
    "depth 33": (JSON, _event('{"a":' + "[" * 33 + "]" * 33 + "}")),
    "depth 1,000": (JSON, _event('{"a":' + "[" * 1_000 + "]" * 1_000 + "}")),
    "depth 5,000": (JSON, b"[" * 5_000 + b"]" * 5_000),
    "depth 100,000": (JSON, b"[" * 100_000 + b"]" * 100_000),
    "depth 100,000 of objects": (JSON, b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "depth 100,000 not closed": (JSON, b"[" * 100_000),
    "20,000 keys": (JSON, _event(json.dumps({f"k{number}": number for number in range(20_000)}))),
    "201 properties": (JSON, _event(json.dumps({f"k{number}": number for number in range(201)}))),
    "duplicate keys": (JSON, b'{"id":"a","id":"b","type":"ticket.solved","actor":"ana"}'),
    "duplicate keys inside": (JSON, _event('{"csat":5,"csat":1}')),
    "duplicate keys by escape": (JSON, _event('{"a":1,"\\u0061":2}')),
    "long text": (JSON, _event(json.dumps({"a": "x" * 100_001}))),
    "long key": (JSON, _event(json.dumps({"k" * 201: 1}))),
    "long actor": (JSON, _event("{}").replace(b"ana@", b"a" * 300 + b"@")),
    "2 MB": (JSON, _event(json.dumps({"a": "x" * 2_000_000}))),
    "10 MB": (JSON, b'"' + b"x" * 10_000_000 + b'"'),
    "properties as list": (JSON, _event("[1]")),
    "properties as text": (JSON, _event('"csat=5"')),
    "type as object": (JSON, _event("{}").replace(b'"ticket.solved"', b"{}")),
    "occurred_at as object": (JSON, _event("{}").replace(b'"2026-03-02T10:00:00Z"', b"{}")),
    "occurred_at in year 0": (JSON, _event("{}").replace(b"2026-03", b"0000-03")),
    "occurred_at in year 1": (JSON, _event("{}").replace(b"2026-03-02T10:00:00Z", b"0001-01-01T00:00:00+14:00")),
    "occurred_at in year 9999": (JSON, _event("{}").replace(b"2026-03-02T10:00:00Z", b"9999-12-31T23:59:59-12:00")),
    "text as json": ("text/plain", _event("{}")),
    "xml": ("application/xml", b"<event/>"),
    "yaml": ("application/yaml", b"id: x"),
    "no content type": (None, _event("{}")),
    "nonsense content type": ("; ;;=\x7f", _event("{}")),
    "multipart": ("multipart/form-data; boundary=x", b"--x--"),
    "json announced as a form": (FORM, _event("{}")),
    "form, empty": (FORM, b""),
    "form, bad utf-8": (FORM, b"type=ticket.solved&actor=%ff%fe"),
    "form, twice": (FORM, b"type=ticket.solved&actor=ana&actor=ben"),
    "form, property twice": (FORM, b"type=ticket.solved&actor=ana&properties.a=1&properties[a]=2"),
    "form, property and properties": (FORM, b"type=ticket.solved&actor=ana&properties=x&properties.a=1"),
    "form, list and text": (FORM, b"type=ticket.solved&actor=ana&type[]=x"),
    "form, unknown field": (FORM, b"type=ticket.solved&actor=ana&csat=5"),
    "form, nul": (FORM, b"type=ticket.solved&actor=ana&properties.a=%00"),
    "form, 20,000 fields": (FORM, b"&".join(b"properties.k%d=1" % number for number in range(20_000))),
    "gzip bomb": (JSON, gzip.compress(b"[" * 10_000_000)),
}
#: These come with ``Content-Encoding: gzip``.
COMPRESSED = {"gzip bomb"}
