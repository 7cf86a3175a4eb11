"""Stores of blobs: contents are verified on the way in, and read as streams."""
