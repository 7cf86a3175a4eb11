"""What there is to bundle, and whether it is worth it."""

from __future__ import annotations

import os
import time

from . import bundles, bundlespecs, health, policy, publish
from .catalog import Bundle, Catalog
from .policy import Situation
from .settings import BundleSettings


def situation(repo, revs: int | None = None) -> Situation:
    """Returns what decides whether a new bundle is worth it."""
    if revs is None:
        revs = len(repo.unfiltered().revs(b'public()'))
    return Situation(revs, clones(repo), time.time())


def clones(repo) -> int:
    """Returns for how many clones the last bundle lacked anything."""
    try:
        return os.stat(bundles.clonesfile(repo)).st_size
    except OSError:
        return 0


def valid(repo, bundle: publish.Artifact) -> bool:
    """Tells whether all that a bundle has is still there, and public.

    It isn't where changesets were stripped, or made secret by force.
    """
    repo = repo.unfiltered()
    try:
        nodes = [bytes.fromhex(head) for head in bundle.heads]
    except ValueError:
        return False
    known = repo.changelog.hasnode
    return all(map(known, nodes)) and not repo.revs(b'%ln and not public()', nodes)


def sound(repo, catalog: Catalog, moment: float) -> Catalog:
    """Returns the catalog with but what is valid still advertised."""
    return catalog.retired(lambda one: not valid(repo, one), moment).cut(
        lambda step: valid(repo, step), moment
    )


def base(
    repo, settings: BundleSettings, catalog: Catalog, format: bundlespecs.Format
) -> Bundle | None:
    """Returns the bundle that an increment is to go on from, or None."""
    bundle = catalog.current(format.name)
    if not format.chains or not policy.extends(
        bundle, settings.names, settings.chainlength
    ):
        return None
    return bundle


def formats(repo, settings: BundleSettings) -> list[bundlespecs.Format]:
    """Returns the formats that the configuration names, each once."""
    found = (bundlespecs.parse(repo, text) for text in settings.formats)
    return list({format.name: format for format in found}.values())


def due(
    repo,
    settings: BundleSettings,
    catalog: Catalog,
    now: Situation,
    patient: bool,
) -> list[bundlespecs.Format]:
    """Returns the formats of which a new bundle is to be made.

    With ``patient``, one that failed lately isn't tried again.
    """
    found = []
    catalog = sound(repo, catalog, now.now)
    for format in formats(repo, settings):
        bundle = catalog.current(format.name)
        wanted = health.wanted(bundle, settings.names, now, settings.triggers)
        paused = policy.pausing(catalog.failure(format.name), now.now)
        if wanted and not (patient and paused):
            found.append(format)
    return found


def superfluous(
    repo, settings: BundleSettings, catalog: Catalog, now: Situation
) -> bool:
    """Tells whether there are bundles that are to go."""
    return sound(repo, catalog, now.now) != catalog or any(
        policy.expired(bundle, now.now, settings.grace) for bundle in catalog.bundles
    )


def worthwhile(repo, settings: BundleSettings) -> bool:
    """Tells whether there is anything to do for one who doesn't insist."""
    if isdue(repo, settings):
        return True
    return superfluous(repo, settings, bundles.open(repo).read(), situation(repo))


def isdue(repo, settings: BundleSettings) -> bool:
    """Tells whether there is anything to make for one who doesn't insist."""
    catalog = bundles.open(repo).read()
    return bool(due(repo, settings, catalog, situation(repo), patient=True))


def over(catalog: Catalog, grace: float) -> list[Bundle]:
    """Returns the bundles that nobody can be downloading any more."""
    now = time.time()
    return [one for one in catalog.bundles if policy.expired(one, now, grace)]
