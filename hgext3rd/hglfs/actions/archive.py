"""Write the contents of large files to an archive that is a directory.

The contents are streamed: for a large file, Mercurial passes a LargeText to the archive
instead of bytes.
"""

from __future__ import annotations

from ..hg import largetext


class Opener:
    """A vfs that opens files to which a LargeText can be written, as well as bytes."""

    def __init__(self, vfs):
        self._vfs = vfs

    def __getattr__(self, name):
        return getattr(self._vfs, name)

    def __call__(self, *args, **kwargs):
        """Open a file to which a LargeText can be written, as well as bytes."""
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
