"""The state of operations in progress, between the places where Mercurial calls us.

Mercurial calls our wraps at many points of a commit or a pull, and cannot pass our
values from one to the next. Each operation has its own class here; ``LfsRepo.ops``
holds the current instances.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

# modules, not names: they are loaded when first used
from ..lfs import blob, large
from ..lfs.remote import api
from . import bars, largetext, tracking


@dataclass
class CommitState:
    """A commit: its ``rule`` for large files, and the working ``files`` it has read.

    ``files`` is kept until the dirstate has been updated. ``bar`` shows the progress,
    if there is more than one file.
    """

    rule: tracking.TrackRules | None = None
    bar: bars.Bar | None = None
    files: dict[bytes, largetext.LargeText] = field(default_factory=dict)


@dataclass
class IncomingState:
    """An incoming changegroup: whether it contained ``large`` files.

    ``inspect(rlog, revs)`` checks new large revisions of a file, and ``measure`` all
    new ones; None for no checks.
    """

    large: bool = False
    inspect: Callable[..., None] | None = None
    measure: Callable[..., None] | None = None


@dataclass
class FetchState:
    """Prefetching: ``awaited`` are blobs to fetch along with the next group.

    ``found`` are large revisions that are about to be read, by path and node.
    ``interrupted`` is whether ``updatestate`` may be left by an earlier update.
    """

    awaited: list[blob.BlobRef] = field(default_factory=list)
    found: dict[tuple[bytes, bytes], large.Large] = field(default_factory=dict)
    interrupted: bool = True


@dataclass
class CheckoutState:
    """Large files that are being written: those whose content is not fetched.

    ``fetches(path)`` is whether it is, and ``absent`` are the oids of blobs that no
    remote has. ``intoworkingcopy`` is false for archives.
    """

    fetches: Callable[[bytes], bool]
    intoworkingcopy: bool = True
    absent: set[bytes] = field(default_factory=set)


@dataclass
class CloneState:
    """A clone: its ``peer``, and whether to ask that for ``packs`` of blobs."""

    peer: Any = None
    packs: bool = True


@dataclass
class PullState:
    """A pull that may start from a clone bundle of its ``peer``.

    ``entries`` are the compatible bundles, ``choose`` filters a list for compatible
    ones, ``seeded`` is the applied bundle, or None.
    """

    peer: Any
    entries: list[dict] = field(default_factory=list)
    choose: Callable[[list[dict]], list[dict]] = list
    seeded: dict | None = None


@dataclass
class Operations:
    """The operations in progress in a repository. Not thread safe.

    ``pull`` is the pull that may start from a bundle, ``target`` the remote of the
    push; both may be None. ``checkout`` is about the files that are being written, None
    if all of them get their content, ``grafting`` whether an update applies the changes
    of a changeset that does not become a parent. ``bundling`` is whether ``hg bundle``
    writes the bundles. ``warned`` are the files for which the memory warning was shown,
    ``sound`` the large revisions, by path and node, that ``hg verify`` has verified.
    ``warnplain`` is whether a commit warns of big files that no rule matches,
    ``pruning`` whether blobs are pruned when the command has ended. ``comparing`` is
    the progress bar of a status that compares files, or None.
    """

    commit: CommitState = field(default_factory=CommitState)
    incoming: IncomingState = field(default_factory=IncomingState)
    fetching: FetchState = field(default_factory=FetchState)
    clone: CloneState = field(default_factory=CloneState)
    checkout: CheckoutState | None = None
    grafting: bool = False
    pull: PullState | None = None
    target: api.Remote | None = None
    bundling: bool = False
    warned: set[bytes] = field(default_factory=set)
    warnplain: bool = False
    pruning: bool = False
    sound: set[tuple[bytes, bytes] | None] = field(default_factory=set)
    comparing: bars.Bar | None = None
