"""Wraps of pushes, pulls, clones, and the wire protocol."""
