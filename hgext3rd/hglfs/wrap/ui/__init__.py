"""Wraps of commands, extensions and the opening of repositories."""
