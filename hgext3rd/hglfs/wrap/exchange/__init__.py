"""Wraps of pushes, pulls, clones and the protocol."""
