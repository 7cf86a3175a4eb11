"""Determine which bundles are due, and which are still valid."""

from __future__ import annotations

import time
from collections.abc import Sequence

from . import bundlespecs, health, policy
from .bundles import BundleRepo
from .bundlespecs import Format
from .catalog import Artifact, Bundle, Catalog
from .policy import Situation
from .settings import BundleSettings
from .statefolder import StateFolder


def situation(repo, folder: StateFolder) -> Situation:
    """Return the current numbers that determine whether a new bundle is due."""
    revs = len(repo.unfiltered().revs(b'public()'))
    return Situation(revs, folder.clones(), time.time())


def valid(repo, artifact: Artifact) -> bool:
    """Return whether all changesets of an artifact exist and are public.

    They may have been stripped, or made secret by force.
    """
    repo = repo.unfiltered()
    try:
        nodes = [bytes.fromhex(head) for head in artifact.heads]
    except ValueError:
        return False
    known = repo.changelog.hasnode
    return all(map(known, nodes)) and not repo.revs(b'%ln and not public()', nodes)


def sound(repo, catalog: Catalog[Bundle], moment: float) -> Catalog[Bundle]:
    """Return the catalog with invalid bundles and increments marked as retired.

    ``moment`` is the Unix time from which they are no longer advertised.
    """
    return catalog.retired(lambda one: not valid(repo, one), moment).cut(
        lambda step: valid(repo, step), moment
    )


def formats(repo, settings: BundleSettings) -> list[Format]:
    """Return the configured formats, each once; raise ConfigError for invalid ones."""
    found = (bundlespecs.parse(repo, text) for text in settings.formats)
    return list({format.name: format for format in found}.values())


def isdue(repo, known: BundleRepo) -> bool:
    """Return whether a new bundle of any format is due.

    A format is left out while the pause after its last failure lasts.
    """
    now = situation(repo, known.folder)
    catalog = sound(repo, known.bundles.read(), now.now)
    wanted = formats(repo, known.settings)
    return bool(due(wanted, known.settings, catalog, now, patient=True))


def needswork(repo, known: BundleRepo) -> bool:
    """Return whether any bundle is due, invalid, or expired and to be removed."""
    now = situation(repo, known.folder)
    catalog = known.bundles.read()
    left = sound(repo, catalog, now.now)
    wanted = formats(repo, known.settings)
    return (
        bool(due(wanted, known.settings, left, now, patient=True))
        or left != catalog
        or any(
            policy.expired(bundle, now.now, known.settings.grace)
            for bundle in catalog.artifacts
        )
    )


def due(
    wanted: Sequence[Format],
    settings: BundleSettings,
    catalog: Catalog[Bundle],
    now: Situation,
    patient: bool,
) -> list[Format]:
    """Return the formats for which a new bundle is due.

    ``catalog`` must have valid bundles only; see ``sound``. With ``patient``, a format
    is left out while the pause after its last failure lasts.
    """
    found = []
    for format in wanted:
        bundle = catalog.current(format.name)
        reason = health.wanted(bundle, settings.names, now, settings.triggers)
        paused = policy.backoff(catalog.failure(format.name), now.now)
        if reason and not (patient and paused):
            found.append(format)
    return found


def base(
    settings: BundleSettings, catalog: Catalog[Bundle], format: Format
) -> Bundle | None:
    """Return the bundle to add an increment to, or None to generate a new base."""
    bundle = catalog.current(format.name)
    if not format.supportsincrements or not policy.isextendable(
        bundle, settings.names, settings.chainlength
    ):
        return None
    return bundle
