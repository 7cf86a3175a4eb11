"""Decide when a bundle is due, how long to pause after failures, and what expires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...lfs import words
from .catalog import Artifact, Bundle, Failure

#: The pause after a failure in seconds. It doubles with each further failure, up to a
#: day.
_PAUSE = 60.0
_LONGESTPAUSE = 24 * 3600.0


@dataclass(frozen=True)
class Triggers:
    """The settings ``clone-bundles.trigger.*``, which determine when a bundle is due.

    A new bundle is due if one of these is true of the current bundle:

    - it has at most the fraction ``ratio`` of the changesets
    - it lacks at least ``revs`` changesets
    - the estimated size of the changesets that it lacks is at least ``bytes``
    - at least ``clones`` clones had to pull changesets that it lacks

    If ``bytes`` or ``clones`` is 0, that condition is never true.
    """

    ratio: float = 0.95
    revs: int = 1000
    bytes: int = 0
    clones: int = 0


@dataclass(frozen=True)
class Situation:
    """The numbers that determine whether a new bundle is due.

    ``revs`` is the number of public changesets, ``now`` a Unix time in seconds.
    ``clones`` is the number of clones that had to pull changesets because the last
    bundle lacked them; see ``StateFolder.clones``.
    """

    revs: int
    clones: int
    now: float


def reason(bundle: Bundle | None, now: Situation, when: Triggers) -> str | None:
    """Return the reason why a new bundle is due, or None."""
    if now.revs <= 0:
        return None
    if bundle is None:
        return 'there is no bundle'
    lacking = now.revs - bundle.covers
    if lacking <= 0:
        return None
    # as in Mercurial's clonebundles extension
    if bundle.covers <= max(now.revs * when.ratio, now.revs - when.revs):
        one, many = '%d changeset is in no bundle', '%d changesets are in no bundle'
        return words.plural(lacking, one, many) % lacking
    if 0 < when.bytes <= bundle.lacking(now.revs):
        size = words.bytecount(bundle.lacking(now.revs)).decode('ascii')
        return 'about %s are in no bundle' % size
    if 0 < when.clones <= now.clones:
        one, many = '%d clone had to pull more', '%d clones had to pull more'
        return words.plural(now.clones, one, many) % now.clones + ' than the bundle'
    return None


def isextendable(
    bundle: Bundle | None, destinations: Sequence[str], longest: int
) -> bool:
    """Return whether to add an increment to a bundle instead of replacing it.

    A chain has at most ``longest`` increments. No increment is added if the existing
    ones are larger than half of the base, or if the base is missing at a destination.
    """
    return (
        bundle is not None
        and len(bundle.chain) < longest
        and bundle.chainsize * 2 <= bundle.size
        and all(bundle.at(name) for name in destinations)
    )


def backoff(failure: Failure | None, now: float) -> float:
    """Return how many seconds to wait after a failure; 0.0 if the pause is over."""
    if failure is None:
        return 0.0
    pause = min(_LONGESTPAUSE, _PAUSE * (1 << (failure.tries - 1)))
    # never longer than the pause, if the clock was set back
    return min(pause, max(0.0, failure.when + pause - now))


def expired(artifact: Artifact, now: float, grace: float) -> bool:
    """Return whether an artifact was replaced at least ``grace`` seconds ago."""
    return artifact.replaced is not None and now >= artifact.replaced + grace
