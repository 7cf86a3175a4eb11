"""When a new bundle is worth its making, and how long an old one is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .catalog import Artifact, Bundle, Failure

#: After a failure nobody tries by himself for so many seconds, twice as long after
#: each further one, up to a day.
_PAUSE = 60.0
_LONGESTPAUSE = 24 * 3600.0


@dataclass(frozen=True)
class Triggers:
    """What a current bundle may lack: a part of the changesets, or a number of them.

    ``bytes`` are those that it is estimated to lack, ``clones`` those that were made
    with a bundle that lacked anything; zero is no trigger.
    """

    ratio: float = 0.95
    revs: int = 1000
    bytes: int = 0
    clones: int = 0


@dataclass(frozen=True)
class Situation:
    """What is asked about: public changesets, clones since, and the time."""

    revs: int
    clones: int
    now: float


def reason(bundle: Bundle | None, now: Situation, when: Triggers) -> str | None:
    """Returns why a new bundle is worth it, or None where it isn't."""
    if now.revs <= 0:
        return None
    if bundle is None:
        return 'there is none'
    lacking = now.revs - bundle.covers
    if lacking <= 0:
        return None
    # the same as in Mercurial's own extension
    if bundle.covers <= max(now.revs * when.ratio, now.revs - when.revs):
        return '%d changesets are in none' % lacking
    if 0 < when.bytes <= bundle.lacking(now.revs):
        return 'about %d bytes are in none' % bundle.lacking(now.revs)
    if 0 < when.clones <= now.clones:
        return '%d clones fetched what is in none' % now.clones
    return None


def isextendable(
    bundle: Bundle | None, destinations: Sequence[str], longest: int
) -> bool:
    """Tells whether to go on where a bundle ends, rather than to make a new one.

    A chain has ``longest`` increments at most, and but one that makes them larger
    than half the base. One that isn't everywhere is no base.
    """
    return (
        bundle is not None
        and len(bundle.chain) < longest
        and bundle.chainsize * 2 <= bundle.size
        and all(bundle.at(name) for name in destinations)
    )


def backoff(failure: Failure | None, now: float) -> float:
    """Returns for how many seconds nobody is to try again by himself."""
    if failure is None:
        return 0.0
    pause = min(_LONGESTPAUSE, _PAUSE * (1 << (failure.tries - 1)))
    # a clock that was set back must not make it longer
    return min(pause, max(0.0, failure.when + pause - now))


def expired(artifact: Artifact, now: float, grace: float) -> bool:
    """Return whether no client can be downloading an artifact any more."""
    return artifact.replaced is not None and now >= artifact.replaced + grace
