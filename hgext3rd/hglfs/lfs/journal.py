"""What pure code may say to whoever watches it."""

from __future__ import annotations

from typing import Protocol


class Journal(Protocol):
    """Takes remarks; Mercurial's ``ui`` stands behind it in the extension.

    Messages are bytes and end in a newline. Not thread safe: for the main thread.
    """

    @property
    def debugging(self) -> bool:
        """Whether ``debug`` reaches anybody, so that costly texts can be left out."""
        ...

    def note(self, message: bytes) -> None:
        """Says something that is shown with ``--verbose``."""
        ...

    def debug(self, message: bytes) -> None:
        """Says something that is shown with ``--debug``."""
        ...


class Silence:
    """A journal that nobody reads."""

    debugging = False

    def note(self, message: bytes) -> None:
        """Keeps it to itself."""

    def debug(self, message: bytes) -> None:
        """Keeps it to itself."""
