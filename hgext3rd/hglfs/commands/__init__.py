"""The commands, grouped by what they are about: parse, call one action, print."""

from __future__ import annotations

from . import (
    clonebundlesclear,
    clonebundlesrefresh,
    clonebundlesstatus,
    clonebundlesworker,
    locks,
    store,
    transfers,
)

cmdtable = {
    **clonebundlesclear.table,
    **clonebundlesrefresh.table,
    **clonebundlesstatus.table,
    **clonebundlesworker.table,
    **locks.table,
    **store.table,
    **transfers.table,
}
