"""Mercurial's ``ui`` as the journal of the pure code."""

from __future__ import annotations

from ..lfs import words
from . import messages


class UiJournal:
    """Passes remarks on to a ui; see ``lfs.journal`` for the contract."""

    def __init__(self, ui) -> None:
        self._ui = ui

    @property
    def debugging(self) -> bool:
        """Whether ``--debug`` is on."""
        return self._ui.debugflag

    def note(self, message: bytes) -> None:
        """Shows a remark with ``--verbose``."""
        if self._ui.verbose:
            messages.note(self._ui, words.lines(message))

    def debug(self, message: bytes) -> None:
        """Shows a remark with ``--debug``."""
        if self._ui.debugflag:
            messages.debug(self._ui, words.lines(message))
