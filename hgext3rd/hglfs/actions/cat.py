"""Large texts into files that somebody names."""

from __future__ import annotations

import os
import stat
from typing import BinaryIO

from mercurial import error

from ..hg.largetext import LargeText


def intofile(text: LargeText, sink: BinaryIO) -> bool:
    """Writes a text to a regular file; tells whether it was one.

    Where the text turns out not to be what it should, the file is left empty:
    what was printed to anything else can't be taken back.
    """
    try:
        isfile = stat.S_ISREG(os.fstat(sink.fileno()).st_mode)
    except (AttributeError, OSError):  # the ui, or no file at all
        return False
    if isfile:
        try:
            text.into(sink)
        except error.StorageError:
            sink.truncate(0)
            raise
    return isfile
