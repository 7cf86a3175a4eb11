"""The commands, one a file: parse, call one action, print."""

from __future__ import annotations

from . import (
    debuglfsupload,
    lfsgc,
    lfslock,
    lfslocks,
    lfsscrub,
    lfsstats,
    lfsunlock,
    locallfscache,
)

cmdtable = {
    **debuglfsupload.table,
    **lfsgc.table,
    **lfslock.table,
    **lfslocks.table,
    **lfsscrub.table,
    **lfsstats.table,
    **lfsunlock.table,
    **locallfscache.table,
}
