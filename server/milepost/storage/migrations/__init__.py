"""How the tables came to be, revision by revision; Alembic runs what lies in ``versions``."""
