"""Requests and responses: text in and out, without storage. No facade: import its rooms."""
