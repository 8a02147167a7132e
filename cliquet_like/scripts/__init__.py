"""Commands. No facade: import its rooms."""
