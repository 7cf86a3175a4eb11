"""What one operation carries from one of Mercurial's hooks to the next.

Mercurial calls us at many places of a commit or a pull, and passes nothing of ours from
one to the other. Each operation has a value of its own here; ``LfsRepo.ops`` holds
those of the operations that are under way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

# modules, not names: they are loaded when a command comes to need them
from ..lfs import blob, large
from ..lfs.remote import api
from . import largetext, tracking


@dataclass
class CommitState:
    """A commit: its ``rule`` for large files, and the working ``files`` it has read.

    The files stay until the dirstate has learned of them.
    """

    rule: tracking.Rule | None = None
    files: dict[bytes, largetext.LargeText] = field(default_factory=dict)


@dataclass
class IncomingState:
    """A changegroup that is being added: whether it brought ``large`` files.

    ``inspect`` checks new large revisions of a file, where they are checked.
    """

    large: bool = False
    inspect: Callable[..., None] | None = None


@dataclass
class FetchState:
    """Fetches of a command: the blobs that ``awaited`` one, and what was ``found``.

    ``found`` has large revisions that are about to be read, by path and node.
    ``interrupted`` is whether ``updatestate`` may be there from an update before.
    """

    awaited: list[blob.BlobRef] = field(default_factory=list)
    found: dict[tuple[bytes, bytes], large.Large] = field(default_factory=dict)
    interrupted: bool = True


@dataclass
class CloneState:
    """A clone: its ``peer``, and whether it is still to be asked for ``packs``."""

    peer: Any = None
    packs: bool = True


@dataclass
class PullState:
    """A pull that may be seeded by a bundle of its ``peer``, and by which it was.

    ``entries`` are the bundles that fit, ``choose`` returns those of others that do.
    """

    peer: Any
    entries: list[dict] = field(default_factory=list)
    choose: Callable[[list[dict]], list[dict]] = list
    seeded: dict | None = None


@dataclass
class Operations:
    """The operations of a repository that are under way. Not thread safe.

    ``pull`` is the pull that a bundle may seed, ``target`` the remote of the push, each
    None where there is none. ``bundling`` is whether the bundles that are being written
    leave the repository. ``warned`` has the files for which the warning about memory
    was shown, ``sound`` the large revisions, by path and node, that passed the
    verification that is under way.
    """

    commit: CommitState = field(default_factory=CommitState)
    incoming: IncomingState = field(default_factory=IncomingState)
    fetching: FetchState = field(default_factory=FetchState)
    clone: CloneState = field(default_factory=CloneState)
    pull: PullState | None = None
    target: api.Remote | None = None
    bundling: bool = False
    warned: set[bytes] = field(default_factory=set)
    sound: set[tuple[bytes, bytes] | None] = field(default_factory=set)
