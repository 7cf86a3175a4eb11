"""The commands, one a file: parse, call one action, print."""

from __future__ import annotations

from . import (
    adminlfslocks,
    clonebundlesclear,
    clonebundlesrefresh,
    clonebundlesstatus,
    clonebundlesworker,
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
    **adminlfslocks.table,
    **clonebundlesclear.table,
    **clonebundlesrefresh.table,
    **clonebundlesstatus.table,
    **clonebundlesworker.table,
    **debuglfsupload.table,
    **lfsgc.table,
    **lfslock.table,
    **lfslocks.table,
    **lfsscrub.table,
    **lfsstats.table,
    **lfsunlock.table,
    **locallfscache.table,
}
