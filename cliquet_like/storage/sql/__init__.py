"""What the SQL storages share. No facade: import its rooms."""
