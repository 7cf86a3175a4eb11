"""Measures many clones at once from one hg serve, with and without clone bundles.

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

import environments
import fronts
import harness
import surroundings
from datasets import MB, Data, copyall, make
from machines import Machine, Server, serving
from measure import Failed, Usage, measure
from tools import BYNAME

HISTORIES = Path(__file__).with_name('histories.py')
OURS = BYNAME['ours']
HOST = replace(
    OURS,
    hgrc=OURS.hgrc.replace('all()', 'size(">100kB")')
    + """\
[extensions]
histories = %s
[phases]
publish = yes
new-commit = public
"""
    % HISTORIES,
)
BUNDLES = """\
[clone-bundles]
auto-generate.formats = zstd-v2
# nothing is told of these where they are not known
blobs = auto
publish = {publish}
publish.nginx.directory = {folder}
publish.nginx.url-template = {url}{{basename}}
"""
#: Who clones, by what clients are told.
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


def options(args: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog='contrib/bench/clones', description=__doc__)
    add = parser.add_argument
    add('--rounds', type=int, default=3, help='how often all is measured (3)')
    add('--clones', type=int, default=10, help='how many at once (10)')
    ways = harness.listof(list(TITLES))
    add('--only', type=ways, default=list(TITLES), help='of ' + ','.join(TITLES))
    add('--small', action='store_true', help='a hundredth of the data, to try it')
    add('--json', type=Path, metavar='FILE', help='write the results there, too')
    add('--scratch', type=Path, default=harness.SCRATCH, metavar='FOLDER')
    return parser.parse_args(args)


def sized(chosen: argparse.Namespace) -> Size:
    if chosen.small:
        return Size(200, 30, 3, 10**6, chosen.clones)
    return Size(20_000, 3_000, 30, 10**7, chosen.clones)


def build(size: Size, machine: Machine, scratch: Path) -> None:
    """Makes the repository."""
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
        site: fronts.Site,
        front: fronts.Running,
    ) -> None:
        self._size = size
        self._programs = programs
        self._folder = folder
        self._host = Machine(HOST, folder / 'host', programs)
        # without bundles, and whatever else is made of them
        self._plain = Machine(HOST, folder / 'plain', programs)
        self._site = site
        self._front = front

    def build(self) -> None:
        """Makes the repository that is cloned, and its copy."""
        build(self._size, self._host, self._folder)
        copyall(self._host.project, self._plain.project)
        self._tip = self._ask(self._host, 'hg', 'log', '-r', 'tip', '-T', '{node}')

    def publish(self) -> list[int]:
        """Has bundles made for both places; returns the bytes of each file."""
        self._configure('nginx, store')
        self._host.run('hg', 'admin::clone-bundles-refresh')
        files = [path for path in self._site.dav.rglob('*') if path.is_file()]
        if not files:
            raise Failed('there are no bundles: %s' % self._host.log.read_text())
        return sorted(path.stat().st_size for path in files)

    def measure(self, ways: list[str], rounds: int) -> list[dict]:
        """Returns a cell for each way."""
        cells: dict[str, dict] = {way: {'way': way, 'rounds': []} for way in ways}
        for number in range(rounds):
            turn = number % len(ways)
            for way in [*ways[turn:], *ways[:turn]]:
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
            with serving(host) as server:
                # who comes first pays for what all of a server's clients have
                host.run('hg', 'identify', server.url)
                os.sync()
                return self._crowd(way, server)
        finally:
            shutil.rmtree(self._folder / 'clones', ignore_errors=True)

    def _crowd(self, way: str, server: Server) -> dict:
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
        told = (TITLES[way], one['server'], one['nginx'], last)
        print('%s: server %.2f s, nginx %.2f s, last %.1f s' % told, flush=True)
        return one

    def _check(self, client: Machine) -> None:
        if client.blobs() != self._size.blobs:
            raise Failed('a clone has %d blobs' % client.blobs())
        if self._ask(client, 'hg', 'log', '-r', '.', '-T', '{node}') != self._tip:
            raise Failed('a clone is not at the tip')

    def _configure(self, publish: str) -> None:
        """Says where clients find bundles."""
        url = 'http://127.0.0.1:%d/dav/' % self._front.port
        text = BUNDLES.format(publish=publish, folder=self._site.dav, url=url)
        (self._host.project / '.hg' / 'hgrc').write_text(text)

    def _ask(self, machine: Machine, *command: str) -> str:
        machine.run(*command)
        return machine.log.read_text()


def _clone(client: Machine, server: Server) -> Usage:
    command = ['hg', 'clone', '-q', server.url, str(client.project)]
    return measure([command], client.folder, client.env, client.log)


def run(chosen: argparse.Namespace) -> dict:
    """Measures, and returns the document that goes into the JSON."""
    size = sized(chosen)
    programs = environments.prepare([OURS])
    document = {
        'small': chosen.small,
        'rounds': chosen.rounds,
        'title': size.title,
        **surroundings.describe(programs),
    }
    harness.introduce(document)
    with harness.scratchfolder(chosen.scratch, size.room) as scratch:
        site = fronts.Site(scratch / 'site', programs[OURS.env])
        site.create()
        with fronts.nginx(site) as front:
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
    """Returns the medians of what one way took: seconds and bytes."""

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


def _figures(mine: dict, base: dict) -> list[str]:
    def seconds(field: str) -> str:
        return '%.2f s' % mine[field]

    def compared(field: str, digits: int = 2) -> list[str]:
        ratio = '%.*f' % (digits, mine[field] / base[field]) if base else ''
        return [seconds(field), ratio]

    return [
        *compared('server', 3),
        seconds('nginx'),
        *compared('one'),
        *compared('last'),
        seconds('client'),
        '%.0f' % (mine['memory'] / MB),
        '%.0f' % (mine['servermemory'] / MB),
    ]


def _median(values: Iterable[float]) -> float:
    return statistics.median(list(values))


def render(document: dict) -> str:
    """Returns the table, and the notes that belong to it."""
    lines = [document['title'], _published(document), '']
    heads = ('server', 'x', 'nginx', 'one', 'x', 'last', 'x', 'client')
    form = '%-20s%9s%7s%9s%9s%6s%9s%6s%9s%7s%7s'
    lines.append(form % ('', *heads, 'MiB', 'server'))
    found = {
        cell['way']: summary(cell['rounds'])
        for cell in document['cells']
        if cell['rounds']
    }
    for way, mine in found.items():
        values = _figures(mine, found.get(NONE, {}))
        lines.append(form % (TITLES[way], *values))
    failed = [
        '%s: %s' % (TITLES[cell['way']], cell['failed'])
        for cell in document['cells']
        if 'failed' in cell
    ]
    return '\n'.join([*lines, *failed, '', NOTES])


def main(args: list[str]) -> int:
    chosen = options(args)
    return harness.conduct(lambda: run(chosen), render, chosen.json)
