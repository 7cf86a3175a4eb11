"""Transfers of one remote, run without a queue, and a watch that records them."""

from __future__ import annotations

from hgext3rd.hglfs.lfs.errors import LfsError


class RecordingWatch:
    """A Watch that records its calls; ``help`` runs the helpers that it is offered."""

    def __init__(self, help=None, last: bool = False) -> None:
        self.last = last
        self.begun: list[bytes] = []
        self.done: list[bytes] = []
        self.there = 0
        self.passed = 0
        self.helpers = 0
        self._help = help

    @property
    def total(self) -> int:
        return self.there + self.passed

    def started(self, ref) -> None:
        self.begun.append(ref.oid)

    def had(self, size: int) -> None:
        self.there += size

    def moved(self, size: int) -> None:
        self.passed += size

    def arrived(self, ref) -> None:
        self.done.append(ref.oid)

    def helped(self, helpers) -> None:
        self.helpers += len(helpers)
        if self._help is not None:
            self._help(helpers)


def carry(remote, operation, store, refs, watch=None):
    """Move what a remote plans, over its own connection; raise its first refusal."""
    watch = watch or RecordingWatch()
    for plan in remote.plan(operation, refs):
        for _ref, reason in plan.refused:
            raise reason
        for transfer in plan.transfers:
            transfer.run(remote.connect(), store, watch)
    return watch


def stubborn(transfer, line, store, watch, tries: int = 5) -> list[LfsError]:
    """Run a transfer until it ends; return the transient errors on the way."""
    errors: list[LfsError] = []
    while True:
        try:
            transfer.run(line, store, watch)
            return errors
        except LfsError as exc:
            errors.append(exc)
            if not exc.transient or len(errors) > tries:
                raise
