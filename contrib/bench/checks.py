"""Whether an operation did what it should have done: a fast wrong one is no use."""

from __future__ import annotations

import tarfile
from pathlib import Path

from datasets import Digests, digest, digests, digeststream, walk
from measure import Failed
from stages import Scene


def check(name: str, scene: Scene) -> None:
    """Raises Failed where the check of that name finds something wrong."""
    if scene.area.tool.kind != 'limit':
        CHECKS[name](scene)


def _same(found: Digests, expected: Digests) -> None:
    wrong = sum(1 for path in expected if found.get(path) != expected[path])
    more = len(found.keys() - expected.keys())
    if wrong or more:
        raise Failed('%d files are wrong, %d too many' % (wrong, more))


def _folder(folder: Path, expected: Digests) -> None:
    _same(digests(folder), expected)


def nothing(scene: Scene) -> None:
    """Its exit status says it all."""


def silent(scene: Scene) -> None:
    told = scene.machine.log.read_text('utf-8', 'replace').strip()
    if told:
        raise Failed('unexpected: %s' % told.splitlines()[0])


def clean(scene: Scene) -> None:
    scene.machine.step('settle')
    silent(scene)


def committed(scene: Scene) -> None:
    clean(scene)
    _count(scene.machine.blobs(), scene)


def _count(found: int, scene: Scene) -> None:
    expected = len(scene.area.sources.a)
    if scene.area.tool.blobs and found != expected:
        raise Failed('of %d blobs there are %d' % (expected, found))


def isa(scene: Scene) -> None:
    _folder(scene.machine.project, scene.area.sources.a)


def isb(scene: Scene) -> None:
    _folder(scene.machine.project, scene.area.sources.b)


def outisa(scene: Scene) -> None:
    _folder(scene.area.out, scene.area.sources.a)


def tarisa(scene: Scene) -> None:
    with tarfile.open(scene.area.out / 'archive.tar') as archive:
        found = {
            member.name: digeststream(archive.extractfile(member))
            for member in archive
            if member.isfile()
        }
    _same(found, scene.area.sources.a)


def arrived(scene: Scene) -> None:
    _count(scene.host.blobs(), scene)


def fetched(scene: Scene) -> None:
    if scene.area.tool.name == 'curl':
        path, oids = scene.area.out / 'object', scene.area.sources.a.values()
        if digest(path) not in oids:
            raise Failed('not what was asked for')
        return
    blobs = scene.copy / scene.area.tool.blobs
    _count(sum(1 for _ in walk(blobs)), scene)


def copyisa(scene: Scene) -> None:
    _folder(scene.copy, scene.area.sources.a)


CHECKS = {
    check.__name__: check
    for check in (
        *(nothing, silent, clean, committed, isa, isb, outisa, tarisa),
        *(arrived, fetched, copyisa),
    )
}
