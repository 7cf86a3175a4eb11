"""The commands, grouped by what they are about: parse, call one action, print."""

from __future__ import annotations

from . import bundles, files, locks, overview, rules, store, transfers

cmdtable = {
    **bundles.table,
    **files.table,
    **locks.table,
    **overview.table,
    **rules.table,
    **store.table,
    **transfers.table,
}

overview.describe(cmdtable)
