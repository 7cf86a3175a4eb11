"""Determine the status of each format of bundles, for people and monitoring."""

from __future__ import annotations

from dataclasses import dataclass

from ...lfs import words
from . import policy
from .catalog import Bundle, Catalog, Failure
from .policy import Situation, Triggers


@dataclass(frozen=True)
class Row:
    """The status of one format.

    ``bundle`` is the advertised bundle or None, and ``age`` its age in seconds.
    ``revs`` is the number of public changesets in the repository. ``lacking`` is the
    estimated size in bytes of the public changesets that are not in the bundle.
    ``next`` is a text about what will be generated when, or which command to run for
    this. ``problems`` are the destinations that failed, each with the message.
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
    """Return the status of each format.

    ``background`` is whether bundles are generated when the repository changes.
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
    """Return the reason why a new bundle should be generated, or None.

    ``destinations`` are the names of the configured destinations. If the bundle is
    missing at one of them, this is a reason.
    """
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
        seconds = words.plural(int(pause + 1), '%d second', '%d seconds') % (pause + 1)
        return 'try again with the next change in %s: %s' % (seconds, reason)
    return 'make one with the next change: %s' % reason
