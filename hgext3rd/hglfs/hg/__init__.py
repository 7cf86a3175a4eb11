"""Between Mercurial and the pure code: plain values out of ``ui`` and ``repo``."""
