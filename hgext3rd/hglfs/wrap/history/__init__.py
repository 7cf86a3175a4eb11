"""Wraps of history: revlogs, filelogs, changegroups, bundles."""
