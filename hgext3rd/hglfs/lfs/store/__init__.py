"""Blobs at rest: every store takes them in verified, and hands them out as streams."""
