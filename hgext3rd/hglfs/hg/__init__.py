"""Connect ``lfs/`` to Mercurial, by plain values from ``ui`` and ``repo``."""
