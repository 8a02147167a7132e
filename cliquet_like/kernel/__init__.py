"""The kernel: what every other room may import. It has no facade: import its rooms."""
