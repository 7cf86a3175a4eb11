"""The commands, one a file: parse, call one action, print."""

from __future__ import annotations

from . import debuglfsupload, locallfscache

cmdtable = {**debuglfsupload.table, **locallfscache.table}
