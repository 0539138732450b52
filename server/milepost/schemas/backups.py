"""Backups on the wire."""

from __future__ import annotations

from marshmallow import fields

from milepost.schemas.base import BaseSchema


class BackupSchema(BaseSchema):
    """A whole copy of the store."""

    file = fields.String(metadata={"description": "Where it lies on the server's machine."})
    made_at = fields.AwareDateTime(metadata={"description": "Everything acknowledged before is in it."})
    size = fields.Integer(metadata={"description": "In bytes."})


class MadeBackupSchema(BackupSchema):
    """A new backup, checked by opening it."""

    events = fields.Integer(metadata={"description": "How many events it holds."})
    removed = fields.List(fields.String(), metadata={"description": "The oldest ones, whose place it took."})
