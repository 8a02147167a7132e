"""Clients of databases, shared by storage, cache and permission. No facade: import its rooms."""
