"""The adapter between Mercurial and ``lfs/``: plain values from ``ui`` and ``repo``."""
