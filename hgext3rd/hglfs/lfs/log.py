"""Where pure code writes its messages of ``--verbose`` and ``--debug``."""

from __future__ import annotations

from typing import Protocol


class Log(Protocol):
    """Takes messages; in the extension, Mercurial's ``ui`` is behind it.

    Messages are bytes and end in a newline. Not thread safe: for the main thread.
    """

    @property
    def debugging(self) -> bool:
        """Whether ``debug`` has any effect, so that costly texts can be left out."""
        ...

    def note(self, message: bytes) -> None:
        """Show a message with ``--verbose``."""
        ...

    def debug(self, message: bytes) -> None:
        """Show a message with ``--debug``."""
        ...


class NullLog:
    """A log that drops all messages."""

    debugging = False

    def note(self, message: bytes) -> None:
        """Do nothing."""

    def debug(self, message: bytes) -> None:
        """Do nothing."""
