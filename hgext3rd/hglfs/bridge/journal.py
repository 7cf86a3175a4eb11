"""Mercurial's ``ui`` as the journal of the pure code."""

from __future__ import annotations


class UiJournal:
    """Passes remarks on to a ui; see ``model.journal`` for the contract."""

    def __init__(self, ui) -> None:
        self._ui = ui

    @property
    def debugging(self) -> bool:
        """Whether ``--debug`` is on."""
        return self._ui.debugflag

    def note(self, message: bytes) -> None:
        """Shows a remark with ``--verbose``."""
        self._ui.note(message)

    def debug(self, message: bytes) -> None:
        """Shows a remark with ``--debug``."""
        self._ui.debug(message)
