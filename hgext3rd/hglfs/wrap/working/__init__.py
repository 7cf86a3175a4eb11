"""Wraps of what reads and writes working files."""
