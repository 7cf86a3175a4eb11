"""Wraps of what keeps history."""
