"""Wraps of commands, extensions, and opening repositories."""
