"""The state of operations in progress, shared by the wraps of Mercurial's functions.

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
    """The state of a commit.

    ``rule`` decides which files are large; None if none are. ``files`` are the texts of
    the working files that were read, by path; they are kept until the dirstate has been
    updated. ``bar`` shows the progress if there is more than one file, else it is None.
    """

    rule: tracking.TrackRules | None = None
    bar: bars.Bar | None = None
    files: dict[bytes, largetext.LargeText] = field(default_factory=dict)


@dataclass
class IncomingState:
    """The state of an incoming changegroup.

    ``large`` is whether the changegroup contained large files so far. For each file,
    ``inspect(rlog, revs)`` is called to check its new large revisions, and
    ``measure(rlog, revs)`` to check all its new revisions. Each of the two is None
    where there is nothing to check.
    """

    large: bool = False
    inspect: Callable[..., None] | None = None
    measure: Callable[..., None] | None = None


@dataclass
class FetchState:
    """The state of prefetching.

    ``awaited`` are further blobs to fetch together with those of Mercurial's next
    prefetch. ``found`` are large revisions that are about to be read, by path and node.
    ``interrupted`` is whether the file ``updatestate`` may be from an earlier,
    interrupted update, and so must not be removed.
    """

    awaited: list[blob.BlobRef] = field(default_factory=list)
    found: dict[tuple[bytes, bytes], large.Large] = field(default_factory=dict)
    interrupted: bool = True


@dataclass
class CheckoutState:
    """Which of the files that are being written get a placeholder instead of content.

    These are the large files for which ``fetches(path)`` is false, and those whose
    blobs are in ``absent``, the oids of blobs that no remote has. ``intoworkingcopy``
    is false for archives.
    """

    fetches: Callable[[bytes], bool]
    intoworkingcopy: bool = True
    absent: set[bytes] = field(default_factory=set)


@dataclass
class CloneState:
    """The state of a clone.

    ``peer`` is the source of the clone, None outside of clones. ``packs`` is whether
    the first checkout may still download packs of blobs from the server.
    """

    peer: Any = None
    packs: bool = True


@dataclass
class PullState:
    """The state of a pull that may start from a clone bundle of its ``peer``.

    ``entries`` are the advertised bundles that Mercurial can apply. ``choose`` returns,
    from any list of bundles, those that Mercurial can apply. ``seeded`` is the bundle
    that was applied, or None.
    """

    peer: Any
    entries: list[dict] = field(default_factory=list)
    choose: Callable[[list[dict]], list[dict]] = list
    seeded: dict | None = None


@dataclass
class Operations:
    """The operations in progress in a repository. Not thread safe.

    ``checkout`` is the checkout or archive that may write placeholders, None if all
    files get their content. ``grafting`` is whether an update applies the changes of a
    changeset that does not become a parent. ``pull`` is the pull that may start from a
    bundle, ``target`` the remote to which a push uploads blobs; each is None if there
    is no such operation. ``bundling`` is whether bundles are being written by
    :hg:`bundle`. ``warned`` are the files for which the memory warning was shown.
    ``warnplain`` is whether a commit warns of big files that no rule matches.
    ``pruning`` is whether blobs are pruned at the end of the command. ``sound`` are the
    large revisions, by path and node, that :hg:`verify` has verified. ``comparing`` is
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
