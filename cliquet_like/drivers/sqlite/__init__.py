"""Client of SQLite. No facade: import its rooms."""
