"""The commands, by subject.

Each command parses its options, calls one action, and prints the result.
"""

from __future__ import annotations

from . import bundles, disk, files, locks, overview, repair, rules, store, transfers

cmdtable = {
    **bundles.table,
    **disk.table,
    **files.table,
    **locks.table,
    **overview.table,
    **repair.table,
    **rules.table,
    **store.table,
    **transfers.table,
}

overview.describe(cmdtable)
