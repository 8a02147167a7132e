"""Measurements of the library: ratios within one run, never a test."""
