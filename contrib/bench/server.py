"""Measure hg-lfs as a server: many transfers at once, and large batch requests.

Files are fetched from and sent to one gunicorn process, by itself and behind nginx, as
contrib/deploy has them but for TLS and passwords, beside nginx alone with the same
files. A batch of objects that exist is answered by our hg serve and by that of
Mercurial's own lfs. It runs on this machine alone, and needs nginx with WebDAV.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from . import Failed, daemons
from .datasets import GB, MB, scratchfolder
from .machines import PROGRAMS, Machine
from .results import Table, describe, factor, introduce, mebibytes
from .rounds import turned
from .tools import BYNAME, install, prepare

ROUNDS = 3
LOAD = PROGRAMS / 'load.py'
MEDIATYPE = 'application/vnd.git-lfs+json'
GUNICORN = 'gunicorn==27.0.1'
DOWNLOADS = ('nginx alone', 'gunicorn', 'behind nginx', 'offloaded')
UPLOADS = ('nginx alone', 'gunicorn', 'behind nginx')
#: The loads and the objects of a batch: usually, and with --small.
USUAL, FEW = ('200x10MB,20x1GB', 1000), ('20x1MB,2x100MB', 100)
VERBS = {'get': 'download', 'put': 'upload'}
NOTES = """\
Medians of the rounds; "x nginx" is relative to nginx alone, "x stock" to stock lfs.
Memory is the peak of gunicorn with its workers; errors are those of all rounds.
"""


@dataclass(frozen=True)
class Load:
    """So many files of so many bytes, all at once."""

    count: int
    size: int

    @property
    def title(self) -> str:
        return '%d x %d MB' % (self.count, self.size // 10**6)


@dataclass(frozen=True)
class Source:
    """A file to be sent; it takes no room, as all of it but its beginning is zeros."""

    oid: str
    size: int
    path: Path


def loads(text: str) -> list[Load]:
    """Read ``200x10MB,20x1GB``."""
    found = []
    for item in text.split(','):
        match = re.fullmatch(r'(\d+)x(\d+)([MG])B', item)
        if not match:
            raise argparse.ArgumentTypeError('not like 200x10MB: %s' % item)
        unit = 10**6 if match[3] == 'M' else 10**9
        found.append(Load(int(match[1]), int(match[2]) * unit))
    return found


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    add = parser.add_argument
    add('--loads', type=loads, help='files at once (%s)' % USUAL[0])
    add('--batch', type=int, help='objects of 1 MiB in a batch (%d)' % USUAL[1])
    add('--only', choices=['batch', 'loads'], help='one of the parts')


def source(number: int, size: int, folder: Path) -> Source:
    """Write one of the files that are sent."""
    head = b'%032d' % number
    digest, left = hashlib.sha256(head), size - len(head)
    zeros = bytes(MB)
    while left > 0:
        digest.update(zeros[:left])
        left -= MB
    path = folder / digest.hexdigest()
    with path.open('wb') as sink:
        sink.write(head)
        sink.truncate(size)
    return Source(path.name, size, path)


def ask(
    port: int, prefix: str, operation: str, sources: list[Source]
) -> tuple[list[dict], float]:
    """Return the objects of a batch reply, and how many seconds it took."""
    refs = [{'oid': one.oid, 'size': one.size} for one in sources]
    asked = {'operation': operation, 'transfers': ['basic'], 'objects': refs}
    request = urllib.request.Request(
        'http://127.0.0.1:%d%s/.git/info/lfs/objects/batch' % (port, prefix),
        json.dumps(asked).encode('ascii'),
        {'Content-Type': MEDIATYPE, 'Accept': MEDIATYPE},
    )
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=600) as response:
        reply = response.read()
    taken = time.perf_counter() - began
    answers = json.loads(reply)['objects']
    bad = [one for one in answers if 'actions' not in one]
    if len(answers) != len(sources) or bad:
        raise Failed('batch: %s' % (bad[:1] or len(answers)))
    return answers, taken


class Campaign:
    """One load, on servers that are started anew for each measurement."""

    def __init__(self, load: Load, site: daemons.Site, scratch: Path) -> None:
        self._load = load
        self._site = site
        self._scratch = scratch
        folder = scratch / 'sources'
        folder.mkdir()
        print('%s: writing files' % load.title, flush=True)
        self._sources = [source(n, load.size, folder) for n in range(load.count)]

    def measure(self, rounds: int, front: daemons.Server) -> list[dict]:
        """Return a cell for each way of sending and fetching the files."""
        cells: dict[tuple[str, str], dict] = {}
        for number in range(rounds):
            turns = [('put', who) for who in turned(UPLOADS[:-1], number)]
            # what the last one leaves is what is fetched
            turns += [('put', UPLOADS[-1])]
            turns += [('get', who) for who in turned(DOWNLOADS, number)]
            for verb, who in turns:
                one = self._one(verb, who, front)
                cell = {'load': self._load.title, 'verb': verb, 'who': who}
                cells.setdefault((verb, who), {**cell, 'rounds': []})
                cells[verb, who]['rounds'].append(one)
                self._print(verb, who, one)
        self._site.clear()
        shutil.rmtree(self._scratch / 'sources')
        return list(cells.values())

    def _print(self, verb: str, who: str, one: dict) -> None:
        values = (self._load.title, verb, who, one['rate'], one['memory'] // MB)
        print('%s, %s, %s: %.0f MB/s, %d MiB' % values, flush=True)
        for error in one['errors'][:3]:
            print('    %s' % error, flush=True)

    def _one(self, verb: str, who: str, front: daemons.Server) -> dict:
        if verb == 'put':
            self._site.clear()
        os.sync()
        if who == 'nginx alone':
            return self._run(verb, front.port, self._alone(verb), None)
        self._site.configure(who == 'offloaded')
        with daemons.gunicorn(self._site) as server:
            port = server.port if who == 'gunicorn' else front.port
            operation = 'upload' if verb == 'put' else 'download'
            prefix = '/' + daemons.PROJECT
            answers, _taken = ask(port, prefix, operation, self._sources)
            actions = {one['oid']: one['actions'][operation] for one in answers}
            jobs = [
                {
                    'path': '/' + actions[one.oid]['href'].split('/', 3)[3],
                    'headers': actions[one.oid].get('header', {}),
                    **self._about(one),
                }
                for one in self._sources
            ]
            if verb == 'get':  # the first request of a server costs more
                self._run('head', port, jobs, server)
            return self._run(verb, port, jobs, server)

    def _alone(self, verb: str) -> list[dict]:
        path = '/dav/%s/%s' if verb == 'put' else '/static/%s/%s'
        return [
            {
                'path': path % (one.oid[:2], one.oid[2:]),
                'headers': {},
                **self._about(one),
            }
            for one in self._sources
        ]

    def _about(self, one: Source) -> dict:
        return {'size': one.size, 'source': str(one.path)}

    def _run(self, verb: str, port: int, jobs: list, server) -> dict:
        plan = self._scratch / 'plan.json'
        plan.write_text(json.dumps({'host': '127.0.0.1', 'port': port, 'jobs': jobs}))
        done = subprocess.run(
            [sys.executable, str(LOAD), verb, str(plan)], stdout=subprocess.PIPE
        )
        if done.returncode:
            raise Failed('the load failed')
        found = json.loads(done.stdout)
        found['memory'] = server.peak() if server else 0
        size = self._load.count * self._load.size
        found['rate'] = size / 10**6 / found['seconds']
        return found


def batches(count: int, rounds: int, programs: dict, scratch: Path) -> list[dict]:
    """Return for ours and for stock how long a batch of objects takes."""
    print('batch of %d x 1 MiB: writing files' % count, flush=True)
    folder = scratch / 'sources'
    folder.mkdir()
    sources = [source(number, MB, folder) for number in range(count)]
    cells = []
    began = int(time.time())
    for name in ('ours', 'stock'):
        machine = Machine(BYNAME[name], scratch / name, programs)
        machine.step('init')
        store = machine.project / machine.tool.blobs
        for one in sources:
            place = store / one.oid[:2] / one.oid[2:]
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(one.path, place)
            os.utime(place, (began, began))  # as what was uploaded has it
        cells.append({'who': name, 'rounds': _asked(machine, sources, rounds)})
        machine.remove()
    shutil.rmtree(folder)
    return cells


def _asked(machine: Machine, sources: list[Source], rounds: int) -> list[float]:
    taken = []
    with daemons.hgserve(machine) as server:
        ask(server.port, '', 'download', sources[:1])
        for _round in range(rounds):
            taken.append(ask(server.port, '', 'download', sources)[1])
            print('batch, %s: %.3f s' % (machine.tool.name, taken[-1]), flush=True)
    return taken


def run(chosen: argparse.Namespace) -> dict:
    """Measure what is wanted, and return the document of the result file."""
    text, batch = FEW if chosen.small else USUAL
    wanted, batch = chosen.loads or loads(text), chosen.batch or batch
    programs = prepare([BYNAME['ours'], BYNAME['stock']])
    install(programs['ours'], GUNICORN)
    document = {'rounds': chosen.rounds, **describe(programs)}
    document.update({'loads': [], 'batch': []})
    introduce(document)
    needed = GB + max(load.count * load.size for load in wanted)
    with scratchfolder(chosen.scratch, needed) as scratch:
        if chosen.only != 'loads':
            document['batch'] = batches(batch, chosen.rounds, programs, scratch)
        if chosen.only != 'batch':
            site = daemons.Site(scratch / 'site', programs['ours'])
            site.create()
            with daemons.nginx(site) as front:
                for load in wanted:
                    campaign = Campaign(load, site, scratch)
                    document['loads'] += campaign.measure(chosen.rounds, front)
    return document


def failures(document: dict) -> list[str]:
    return [
        '%s, %s: %s' % (_title(cell), cell['who'], error)
        for cell in document['loads']
        for one in cell['rounds']
        for error in one['errors']
    ]


def _title(cell: dict) -> str:
    return '%s, %s' % (cell['load'], VERBS[cell['verb']])


def tables(document: dict) -> list[Table]:
    """Return a table for each part that was measured."""
    return [table(document, part) for part in ('loads', 'batch') if document[part]]


def table(document: dict, part: str) -> Table:
    """Return the table of a part: ``loads`` or ``batch``."""
    return {'loads': _loads, 'batch': _batch}[part](document)


def _loads(document: dict) -> Table:
    rates = {
        (_title(cell), cell['who']): statistics.median(
            one['rate'] for one in cell['rounds']
        )
        for cell in document['loads']
    }
    rows = []
    for cell in document['loads']:
        rate = rates[_title(cell), cell['who']]
        memory = max(one['memory'] for one in cell['rounds'])
        rows.append(
            [
                '%s, %s' % (_title(cell), cell['who']),
                '%.0f MB/s' % rate,
                factor(rate, rates.get((_title(cell), 'nginx alone'))),
                mebibytes(memory or None),
                str(sum(len(one['errors']) for one in cell['rounds'])),
            ]
        )
    return Table('transfers at once', ('rate', 'x nginx', 'memory', 'errors'), rows)


def _batch(document: dict) -> Table:
    taken = {one['who']: statistics.median(one['rounds']) for one in document['batch']}
    rows = [
        [BYNAME[who].title, '%.3f s' % seconds, factor(seconds, taken.get('stock'))]
        for who, seconds in taken.items()
    ]
    return Table('a large batch request', ('time', 'x stock'), rows)
