"""How the bundles of a repository are: for people, and for what watches servers."""

from __future__ import annotations

from dataclasses import dataclass

from . import policy
from .catalog import Bundle, Catalog, Failure
from .policy import Situation, Triggers


@dataclass(frozen=True)
class Row:
    """How things are with one format.

    ``bundle`` is the one that clients are told of, ``age`` its age in seconds,
    ``lacking`` the estimated bytes of what it lacks of the history; ``problems`` are
    destinations and what is wrong there.
    """

    format: str
    bundle: Bundle | None
    age: float | None
    revs: int
    lacking: int
    failure: Failure | None
    next: str
    problems: tuple[tuple[str, str], ...] = ()


def rows(
    catalog: Catalog[Bundle],
    formats: tuple[str, ...],
    destinations: tuple[str, ...],
    now: Situation,
    when: Triggers,
    background: bool,
) -> list[Row]:
    """Returns how things are with each format.

    ``background`` tells whether bundles are made without being asked for.
    """
    found = []
    for format in formats:
        bundle = catalog.current(format)
        failure = catalog.failure(format)
        reason = wanted(bundle, destinations, now, when)
        found.append(
            Row(
                format,
                bundle,
                now.now - bundle.created if bundle else None,
                now.revs,
                bundle.lacking(now.revs) if bundle else 0,
                failure,
                _next(reason, failure, now, background),
            )
        )
    return found


def wanted(
    bundle: Bundle | None,
    destinations: tuple[str, ...],
    now: Situation,
    when: Triggers,
) -> str | None:
    """Returns why a new bundle is to be made, or None."""
    reason = policy.reason(bundle, now, when)
    if reason is None and bundle is not None:
        missing = [name for name in destinations if bundle.at(name) is None]
        if missing:
            reason = 'it is not at %s' % ', '.join(missing)
    return reason


def _next(
    reason: str | None, failure: Failure | None, now: Situation, background: bool
) -> str:
    if not now.revs:
        return 'nothing: there are no public changesets'
    if reason is None:
        return 'nothing: it is recent enough'
    if not background:
        return 'run hg admin::clone-bundles-refresh: %s' % reason
    pause = policy.backoff(failure, now.now)
    if pause:
        return 'try again with the next change in %d seconds: %s' % (pause + 1, reason)
    return 'make one with the next change: %s' % reason
