"""Real databases for the tests of this room."""

from tests.store.databases import database_url, empty_url, postgres, sqlite_template, store

__all__ = ["database_url", "empty_url", "postgres", "sqlite_template", "store"]
