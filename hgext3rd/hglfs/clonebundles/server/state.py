"""What there is to bundle, and whether it is worth it."""

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
    """Return what decides whether a new bundle is worth it."""
    revs = len(repo.unfiltered().revs(b'public()'))
    return Situation(revs, folder.clones(), time.time())


def valid(repo, artifact: Artifact) -> bool:
    """Return whether all that an artifact was made of is still there, and public.

    It isn't where changesets were stripped, or made secret by force.
    """
    repo = repo.unfiltered()
    try:
        nodes = [bytes.fromhex(head) for head in artifact.heads]
    except ValueError:
        return False
    known = repo.changelog.hasnode
    return all(map(known, nodes)) and not repo.revs(b'%ln and not public()', nodes)


def sound(repo, catalog: Catalog[Bundle], moment: float) -> Catalog[Bundle]:
    """Return the catalog with only what is valid still advertised."""
    return catalog.retired(lambda one: not valid(repo, one), moment).cut(
        lambda step: valid(repo, step), moment
    )


def formats(repo, settings: BundleSettings) -> list[Format]:
    """Return the formats that the configuration names, each once."""
    found = (bundlespecs.parse(repo, text) for text in settings.formats)
    return list({format.name: format for format in found}.values())


def isdue(repo, known: BundleRepo) -> bool:
    """Return whether there is anything to make, other than what failed lately."""
    now = situation(repo, known.folder)
    catalog = sound(repo, known.bundles.read(), now.now)
    wanted = formats(repo, known.settings)
    return bool(due(wanted, known.settings, catalog, now, patient=True))


def worthwhile(repo, known: BundleRepo) -> bool:
    """Return whether there is anything to do, other than what failed lately."""
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
    """Return the formats of which a new bundle is to be made, of a sound catalog.

    With ``patient``, one that failed lately isn't tried again.
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
    """Return the bundle that an increment is to go on from, or None."""
    bundle = catalog.current(format.name)
    if not format.chains or not policy.isextendable(
        bundle, settings.names, settings.chainlength
    ):
        return None
    return bundle
