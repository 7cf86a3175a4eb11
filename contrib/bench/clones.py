"""Measure many clones at once from one hg serve, with and without clone bundles.

A repository of 20,000 changesets, with 30 files of 10 MB in the tip, is cloned ten
times at once, with its working files, and with a cache of blobs for each clone: without
bundles; with bundles, and packs of blobs, in a folder that nginx serves; and with both
among the blobs of the same hg serve. It runs on this machine alone, and needs nginx
with WebDAV.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import shutil
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from . import Failed, daemons
from .datasets import MB, Data, copyall, make, scratchfolder
from .machines import PROGRAMS, Machine, Usage, measure
from .options import listof
from .results import Table, describe, factor, introduce, mebibytes, seconds
from .rounds import turned
from .tools import BYNAME, prepare

ROUNDS = 3
OURS = BYNAME['ours']
HOST = replace(
    OURS,
    hgrc=OURS.hgrc.replace('all()', 'size(">100kB")')
    + """\
[extensions]
hgbench = %s
[phases]
publish = yes
new-commit = public
"""
    % (PROGRAMS / 'hgbench.py'),
)
BUNDLES = """\
[clone-bundles]
auto-generate.formats = zstd-v2
# clients that cannot use these do not see them
blobs = auto
publish = {publish}
publish.nginx.directory = {folder}
publish.nginx.url-template = {url}{{basename}}
"""
#: Where clients get bundles.
NONE, NGINX, STORE = 'none', 'nginx', 'store'
TITLES = {
    NONE: 'without bundles',
    NGINX: 'bundles by nginx',
    STORE: 'bundles by hg serve',
}
NOTES = """\
Medians of the rounds, and of the clones in one; "x" is relative to "without bundles".
"server" is hg serve's processor time for all clones together, and "nginx" is nginx's;
"one" is the median clone's wall time, "last" is when all were there, "client" is the
processor time of one. Memory is that of the largest client, and of hg serve.
"""


@dataclass(frozen=True)
class Size:
    """How much there is to clone, and how often."""

    changesets: int
    files: int
    blobs: int
    blobsize: int
    clones: int

    @property
    def title(self) -> str:
        return '%d clones of %s changesets, %d x %d MB' % (
            self.clones,
            f'{self.changesets:,}',
            self.blobs,
            self.blobsize // 10**6,
        )

    @property
    def room(self) -> int:
        """Bytes: a clone has blobs, working files, and a cache; so has the host."""
        return (self.clones + 2) * 3 * (self.blobs * self.blobsize + 200 * MB)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    add = parser.add_argument
    add('--clones', type=int, default=10, metavar='N', help='how many at once (10)')
    ways = list(TITLES)
    add('--only', type=listof(ways), default=ways, help='of ' + ','.join(ways))


def sized(chosen: argparse.Namespace) -> Size:
    if chosen.small:
        return Size(200, 30, 3, 10**6, chosen.clones)
    return Size(20_000, 3_000, 30, 10**7, chosen.clones)


def build(size: Size, machine: Machine, scratch: Path) -> None:
    """Make the repository."""
    data = Data('large', size.title, (size.blobsize,) * size.blobs)
    sources = make(data, scratch / 'sources')
    machine.step('init')
    copyall(sources.path('a'), machine.project)
    machine.run('hg', 'commit', '-q', '-A', '-m', 'large files')
    machine.run('hg', 'update', '-q', 'null')
    machine.run('hg', 'bench-history', str(size.changesets - 1), str(size.files))
    shutil.rmtree(sources.folder)
    if machine.blobs() != size.blobs:
        raise Failed('of %d blobs there are %d' % (size.blobs, machine.blobs()))


class Campaign:
    """The clones of a repository in all ways, round after round."""

    def __init__(
        self,
        size: Size,
        folder: Path,
        programs: dict[str, Path],
        site: daemons.Site,
        front: daemons.Server,
    ) -> None:
        self._size = size
        self._programs = programs
        self._folder = folder
        self._host = Machine(HOST, folder / 'host', programs)
        # without bundles, and without the files made for them
        self._plain = Machine(HOST, folder / 'plain', programs)
        self._site = site
        self._front = front

    def build(self) -> None:
        """Make the repository that is cloned, and its copy."""
        build(self._size, self._host, self._folder)
        copyall(self._host.project, self._plain.project)
        self._tip = self._ask(self._host, 'hg', 'log', '-r', 'tip', '-T', '{node}')

    def publish(self) -> list[int]:
        """Make bundles for both places; return the bytes of each file."""
        self._configure('nginx, store')
        self._host.run('hg', 'admin::clone-bundles-refresh')
        files = [path for path in self._site.dav.rglob('*') if path.is_file()]
        if not files:
            raise Failed('there are no bundles: %s' % self._host.log.read_text())
        return sorted(path.stat().st_size for path in files)

    def measure(self, ways: list[str], rounds: int) -> list[dict]:
        """Return a cell for each way."""
        cells: dict[str, dict] = {way: {'way': way, 'rounds': []} for way in ways}
        for number in range(rounds):
            for way in turned(ways, number):
                cell = cells[way]
                if 'failed' in cell:
                    continue
                try:
                    cell['rounds'].append(self._round(way))
                except Failed as exc:
                    cell['failed'] = str(exc)
                    print('%s: %s' % (TITLES[way], exc), flush=True)
        return list(cells.values())

    def _round(self, way: str) -> dict:
        self._configure(way)
        host = self._plain if way == NONE else self._host
        try:
            with daemons.hgserve(host) as server:
                # the first request pays for what all clients share
                host.run('hg', 'identify', server.url)
                os.sync()
                return self._crowd(way, server)
        finally:
            shutil.rmtree(self._folder / 'clones', ignore_errors=True)

    def _crowd(self, way: str, server: daemons.Server) -> dict:
        clients = [
            Machine(OURS, self._folder / 'clones' / str(number), self._programs)
            for number in range(self._size.clones)
        ]
        before, nginx = server.usage().servercpu, self._front.cpu()
        with concurrent.futures.ThreadPoolExecutor(len(clients)) as pool:
            jobs = [pool.submit(_clone, client, server) for client in clients]
            usages = [job.result() for job in jobs]
        after = server.usage()
        one = {
            'server': after.servercpu - before,
            'nginx': self._front.cpu() - nginx,
            'servermemory': after.servermemory,
            'nginxmemory': self._front.peak(),
            'clients': [usage.asdict() for usage in usages],
        }
        for client in clients:
            self._check(client)
        last = max(usage.wall for usage in usages)
        values = (TITLES[way], one['server'], one['nginx'], last)
        print('%s: server %.2f s, nginx %.2f s, last %.1f s' % values, flush=True)
        return one

    def _check(self, client: Machine) -> None:
        if client.blobs() != self._size.blobs:
            raise Failed('a clone has %d blobs' % client.blobs())
        if self._ask(client, 'hg', 'log', '-r', '.', '-T', '{node}') != self._tip:
            raise Failed('a clone is not at the tip')

    def _configure(self, publish: str) -> None:
        """Configure where clients find bundles."""
        url = 'http://127.0.0.1:%d/dav/' % self._front.port
        text = BUNDLES.format(publish=publish, folder=self._site.dav, url=url)
        (self._host.project / '.hg' / 'hgrc').write_text(text)

    def _ask(self, machine: Machine, *command: str) -> str:
        machine.run(*command)
        return machine.log.read_text()


def _clone(client: Machine, server: daemons.Server) -> Usage:
    command = ['hg', 'clone', '-q', server.url, str(client.project)]
    return measure([command], client.folder, client.env, client.log)


def run(chosen: argparse.Namespace) -> dict:
    """Measure, and return the document of the result file."""
    size = sized(chosen)
    programs = prepare([OURS])
    document = {
        'small': chosen.small,
        'rounds': chosen.rounds,
        'title': size.title,
        **describe(programs),
    }
    introduce(document)
    with scratchfolder(chosen.scratch, size.room) as scratch:
        site = daemons.Site(scratch / 'site', programs[OURS.env])
        site.create()
        with daemons.nginx(site) as front:
            campaign = Campaign(size, scratch, programs, site, front)
            print('\nwriting a repository for %s' % size.title, flush=True)
            campaign.build()
            document['published'] = campaign.publish()
            print(_published(document), flush=True)
            document['cells'] = campaign.measure(chosen.only, chosen.rounds)
    return document


def _published(document: dict) -> str:
    sizes = ', '.join('%.1f' % (size / 10**6) for size in document['published'])
    return 'bundles and packs of %s MB' % sizes


def summary(rounds: list[dict]) -> dict[str, float]:
    """Return the medians of what one way took: seconds and bytes."""

    def clients(field: str, fold) -> float:
        found = ([one[field] for one in each['clients']] for each in rounds)
        return _median(fold(values) for values in found)

    return {
        'server': _median(each['server'] for each in rounds),
        'nginx': _median(each['nginx'] for each in rounds),
        'one': clients('wall', _median),
        'last': clients('wall', max),
        'client': clients('cpu', _median),
        'memory': clients('memory', max),
        'servermemory': _median(each['servermemory'] for each in rounds),
    }


def _median(values: Iterable[float]) -> float:
    return statistics.median(list(values))


def failures(document: dict) -> list[str]:
    return [
        '%s: %s' % (TITLES[cell['way']], cell['failed'])
        for cell in document['cells']
        if 'failed' in cell
    ]


def tables(document: dict) -> list[Table]:
    return [table(document)]


def table(document: dict) -> Table:
    """Return what each way took."""
    found = {
        cell['way']: summary(cell['rounds'])
        for cell in document['cells']
        if cell['rounds']
    }
    base = found.get(NONE, {})
    rows = [[TITLES[way], *_cells(mine, base)] for way, mine in found.items()]
    heads = ('server', 'x', 'nginx', 'one', 'x', 'last', 'x', 'client')
    title = '%s; %s' % (document['title'], _published(document))
    return Table(title, (*heads, 'memory', 'server memory'), rows)


def _cells(mine: dict, base: dict) -> list[str]:
    def compared(field: str) -> list[str]:
        return [seconds(mine[field]), factor(mine[field], base.get(field))]

    return [
        *compared('server'),
        seconds(mine['nginx']),
        *compared('one'),
        *compared('last'),
        seconds(mine['client']),
        mebibytes(mine['memory']),
        mebibytes(mine['servermemory']),
    ]
