"""The commands, one a file: parse, call one action, print."""

from __future__ import annotations

from . import debuglfsupload, lfsgc, lfsscrub, lfsstats, locallfscache

cmdtable = {
    **debuglfsupload.table,
    **lfsgc.table,
    **lfsscrub.table,
    **lfsstats.table,
    **locallfscache.table,
}
