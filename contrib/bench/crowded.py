"""Measures hg-lfs as a server: many transfers at once, and large batch requests.

Files are fetched from and sent to one gunicorn process, by itself and behind nginx, as
contrib/deploy has them but for TLS and passwords, beside nginx alone with the same
files. A batch of objects that are there is answered by our hg serve and by that of
Mercurial's own lfs. It runs on this machine alone, and needs nginx with WebDAV.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import environments
import fronts
import surroundings
from machines import Machine, serving
from measure import Failed
from tools import BYNAME

MB = 1 << 20
LOAD = Path(__file__).with_name('load.py')
SCRATCH = environments.CHECKOUT / '.cache' / 'bench'
MEDIATYPE = 'application/vnd.git-lfs+json'
GUNICORN = 'gunicorn==27.0.1'
DOWNLOADS = ('nginx alone', 'gunicorn', 'behind nginx', 'offloaded')
UPLOADS = ('nginx alone', 'gunicorn', 'behind nginx')


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
    """Reads ``200x10MB,20x1GB``."""
    found = []
    for item in text.split(','):
        match = re.fullmatch(r'(\d+)x(\d+)([MG])B', item)
        if not match:
            raise argparse.ArgumentTypeError('not like 200x10MB: %s' % item)
        unit = 10**6 if match[3] == 'M' else 10**9
        found.append(Load(int(match[1]), int(match[2]) * unit))
    return found


def options(args: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog='contrib/bench/server', description=__doc__)
    add = parser.add_argument
    add('--rounds', type=int, default=3, help='how often all is measured (3)')
    usual = loads('200x10MB,20x1GB')
    add('--loads', type=loads, default=usual, help='(200x10MB,20x1GB)')
    add('--batch', type=int, default=1000, help='objects of 1 MiB in a batch (1000)')
    add('--only', choices=['batch', 'loads'], help='one of the parts')
    add('--small', action='store_true', help='a hundredth of the data, to try it')
    add('--json', type=Path, metavar='FILE', help='write the results there, too')
    add('--scratch', type=Path, default=SCRATCH, metavar='FOLDER')
    chosen = parser.parse_args(args)
    if chosen.small:
        chosen.loads, chosen.batch = loads('20x1MB,2x100MB'), 100
    return chosen


def source(number: int, size: int, folder: Path) -> Source:
    """Writes one of the files that are sent."""
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
    """Returns what a server says in a batch reply, and how many seconds it took."""
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

    def __init__(self, load: Load, site: fronts.Site, scratch: Path) -> None:
        self._load = load
        self._site = site
        self._scratch = scratch
        folder = scratch / 'sources'
        folder.mkdir()
        print('%s: writing files' % load.title, flush=True)
        self._sources = [source(n, load.size, folder) for n in range(load.count)]

    def measure(self, rounds: int, front: fronts.Running) -> list[dict]:
        """Returns a cell for each way of sending and fetching the files."""
        cells: dict[tuple[str, str], dict] = {}
        for number in range(rounds):
            turns = [('put', who) for who in _turned(UPLOADS[:-1], number)]
            # what the last one leaves is what is fetched
            turns += [('put', UPLOADS[-1])]
            turns += [('get', who) for who in _turned(DOWNLOADS, number)]
            for verb, who in turns:
                one = self._one(verb, who, front)
                cell = {'load': self._load.title, 'verb': verb, 'who': who}
                cells.setdefault((verb, who), {**cell, 'rounds': []})
                cells[verb, who]['rounds'].append(one)
                self._tell(verb, who, one)
        self._site.clear()
        shutil.rmtree(self._scratch / 'sources')
        return list(cells.values())

    def _tell(self, verb: str, who: str, one: dict) -> None:
        values = (self._load.title, verb, who, one['rate'], one['memory'] // MB)
        print('%s, %s, %s: %.0f MB/s, %d MiB' % values, flush=True)
        for error in one['errors'][:3]:
            print('    %s' % error, flush=True)

    def _one(self, verb: str, who: str, front: fronts.Running) -> dict:
        if verb == 'put':
            self._site.clear()
        os.sync()
        if who == 'nginx alone':
            return self._run(verb, front.port, self._alone(verb), None)
        self._site.configure(who == 'offloaded')
        with fronts.gunicorn(self._site) as server:
            port = server.port if who == 'gunicorn' else front.port
            operation = 'upload' if verb == 'put' else 'download'
            prefix = '/' + fronts.PROJECT
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
            if verb == 'get':  # a server has been at it before
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


def _turned(names: tuple[str, ...], number: int) -> list[str]:
    turn = number % len(names)
    return [*names[turn:], *names[:turn]]


def batches(count: int, rounds: int, programs: dict, scratch: Path) -> list[dict]:
    """Returns for ours and for stock how long a batch of objects takes."""
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
    with serving(machine) as server:
        port = int(server.url.rstrip('/').rpartition(':')[2])
        ask(port, '', 'download', sources[:1])
        for _round in range(rounds):
            taken.append(ask(port, '', 'download', sources)[1])
            print('batch, %s: %.3f s' % (machine.tool.name, taken[-1]), flush=True)
    return taken


def run(chosen: argparse.Namespace) -> dict:
    """Measures what is wanted, and returns the document that goes into the JSON."""
    programs = environments.prepare([BYNAME['ours'], BYNAME['stock']])
    environments.add(programs['ours'], GUNICORN)
    document = {'rounds': chosen.rounds, **surroundings.describe(programs)}
    document.update({'loads': [], 'batch': []})
    for name, value in {**document['machine'], **document['versions']}.items():
        print('%-12s %s' % (name, value))
    chosen.scratch.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix='server-', dir=chosen.scratch)).resolve()
    try:
        if chosen.only != 'loads':
            found = batches(chosen.batch, chosen.rounds, programs, scratch)
            document['batch'] = found
        if chosen.only != 'batch':
            site = fronts.Site(scratch / 'site', programs['ours'])
            site.create()
            with fronts.nginx(site) as front:
                for load in chosen.loads:
                    campaign = Campaign(load, site, scratch)
                    document['loads'] += campaign.measure(chosen.rounds, front)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return document


def render(document: dict) -> str:
    """Returns the results as a table."""
    lines = []
    form = '%-14s %-9s %-13s %8s %9s %9s %7s'
    if document['loads']:
        heads = ('at once', '', '', 'MB/s', 'x nginx', 'peak MiB', 'errors')
        lines.append(form % heads)
    rates = {}
    for cell in document['loads']:
        key = (cell['load'], cell['verb'])
        rate = statistics.median(one['rate'] for one in cell['rounds'])
        rates.setdefault(key, {})[cell['who']] = rate
    for cell in document['loads']:
        mine = rates[cell['load'], cell['verb']]
        rate = mine[cell['who']]
        memory = max(one['memory'] for one in cell['rounds']) / MB
        errors = sum(len(one['errors']) for one in cell['rounds'])
        verb = {'get': 'download', 'put': 'upload'}[cell['verb']]
        values = (cell['load'], verb, cell['who'], '%.0f' % rate)
        ratio = '%.2f' % (rate / mine['nginx alone'])
        lines.append(form % (*values, ratio, '%.0f' % memory if memory else '', errors))
    taken = {one['who']: statistics.median(one['rounds']) for one in document['batch']}
    for who, seconds in taken.items():
        ratio = taken['stock'] / seconds
        lines.append('batch, %-10s %8.3f s %8.1f x stock' % (who, seconds, ratio))
    return '\n'.join(lines)


def main(args: list[str]) -> int:
    chosen = options(args)
    # so that a run that is told to end takes servers and scratch along
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda number, frame: sys.exit(128 + number))
    try:
        document = run(chosen)
    except Failed as exc:
        print('bench: %s' % exc, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('bench: interrupted', file=sys.stderr)
        return 128 + signal.SIGINT
    print('\n' + render(document))
    if chosen.json:
        chosen.json.write_text(json.dumps(document, indent=1) + '\n')
    failed = [one for cell in document['loads'] for one in cell['rounds']]
    return 1 if any(one['errors'] for one in failed) else 0
