"""The log that ``lfs/`` uses for messages of ``--verbose`` and ``--debug``."""

from __future__ import annotations

from typing import Protocol


class Log(Protocol):
    """Show messages to the user; the extension implements it with Mercurial's ``ui``.

    Messages are bytes and MUST end in a newline. Not thread safe: for the main thread.
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
    """A log that ignores all messages."""

    debugging = False

    def note(self, message: bytes) -> None:
        """Do nothing."""

    def debug(self, message: bytes) -> None:
        """Do nothing."""
