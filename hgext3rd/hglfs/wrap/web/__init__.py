"""Wraps of hgweb."""
