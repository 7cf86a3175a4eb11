"""Formats of what goes over a wire."""
