"""Write the contents of large files to an archive that is a directory.

They are streamed: Mercurial passes each as a LargeText instead of bytes.
"""

from __future__ import annotations

from ..hg import largetext


class Opener:
    """A vfs whose files accept a LargeText as well as bytes."""

    def __init__(self, vfs):
        self._vfs = vfs

    def __getattr__(self, name):
        return getattr(self._vfs, name)

    def __call__(self, *args, **kwargs):
        """Open a file that accepts a LargeText as well as bytes."""
        return _File(self._vfs(*args, **kwargs))


class _File:
    def __init__(self, handle):
        self._handle = handle

    def write(self, data):
        if isinstance(data, largetext.LargeText):
            data.into(self._handle)
        else:
            self._handle.write(data)

    def close(self):
        self._handle.close()
