"""Write the contents of large files to output files that the user names."""

from __future__ import annotations

import os
import stat
from typing import BinaryIO

from mercurial import error

from ..hg.largetext import LargeText


def intofile(text: LargeText, sink: BinaryIO) -> bool:
    """Write a text to a regular file; return False for any other file.

    If the text turns out to be damaged, the file is truncated to zero bytes. Output to
    a pipe or a terminal could not be undone, so nothing is written there.
    """
    try:
        isfile = stat.S_ISREG(os.fstat(sink.fileno()).st_mode)
    except (AttributeError, OSError):  # the ui, or not a real file
        return False
    if isfile:
        try:
            text.into(sink)
        except error.StorageError:
            sink.truncate(0)
            raise
    return isfile
