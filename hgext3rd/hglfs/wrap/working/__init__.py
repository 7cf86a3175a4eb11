"""Wraps of reading and writing working files."""
