"""Client of PostgreSQL. No facade: import its rooms."""
