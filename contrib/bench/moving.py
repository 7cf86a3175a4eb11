"""Measures how blobs move: over http, ssh and local paths, beside those who do so too.

All goes through hg serve on loopback, sshd on loopback, or a path: push and clone of
many small files, with hg-lfs, stock lfs and git-lfs, by hg-lfs when there are no blobs
to move, and by plain Mercurial; upload and download of a large file, with hg-lfs and
with curl. All of it comes from one run, whose rounds are interleaved.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import harness
from datasets import GB, KB, MB, SMALL, Data
from operations import OPERATIONS, Operation
from stats import Results
from tools import BYNAME, Tool

SSH = '[ui]\nssh = {line}/ssh\nremotecmd = {line}/far\n'
OURS = replace(BYNAME['ours'], title='hg-lfs, http')
OVERSSH = replace(
    OURS, name='ssh', title='hg-lfs, ssh', hgrc=OURS.hgrc + SSH, over='ssh'
)
OVERPATH = replace(OURS, name='path', title='hg-lfs, path', over='path')
KNOWN = replace(
    OURS,
    name='known',
    title='hg-lfs, no blobs',
    blobs='',
    hgrc=OURS.hgrc + '[lfs]\nrequireblobs = no\n',
)
CURL = replace(OURS, name='curl', title='curl')
SENT = '{url}.hg/lfs/objects/{oid}'

SMALLFILES = (
    *(OURS, OVERSSH, OVERPATH, KNOWN),
    *(BYNAME['plain'], BYNAME['stock'], BYNAME['git-lfs']),
)
LARGEFILE = (OURS, OVERSSH, CURL)
# what KNOWN does otherwise: blobs are said to need no upload, or are in the cache
SPARED = {
    'push': 'hg push -q -r A {url} --config lfs.url=null://',
    'clone': 'hg clone -q {url} {copy} --config lfs.usercache={cache}',
}
UPLOAD = Operation(
    'upload',
    'upload',
    'vacant',
    'arrived',
    {
        'hg': ('hg debuglfsupload -q -r A --config paths.default={url}',),
        'curl': ('curl -sSf -T {a}/{file} -o {out}/said ' + SENT,),
    },
)
DOWNLOAD = Operation(
    'download',
    'download',
    'pointers',
    'fetched',
    {
        'hg': ('hg -R {copy} --config extensions.fetching={fetching} bench-fetch',),
        'curl': ('curl -sSf -o {out}/object ' + SENT,),
    },
)

NOTES = """\
Medians of wall and processor time, peak memory of the largest process and of hg serve
(of what sshd starts none is told); "x" is wall time relative to hg-lfs over http.
"no blobs" is the same push where no blob is sent, and the same clone where all are in
the cache; "plain hg" has the same files in history itself. git-lfs speaks to hg-lfs's
server, and has a local bare repository for git itself. An upload is hg debuglfsupload;
a download fetches the blobs of a revision into a repository, without working files
(contrib/bench/fetching.py). curl sends and gets the same object at the same URL, and
neither hashes it nor keeps it by its hash.
"""


def datasets(small: bool) -> dict[Data, tuple[Tool, ...]]:
    """Returns the data, and who moves it; small ones have a hundredth of the bytes."""
    count, size = (5000 // SMALL, GB // SMALL) if small else (5000, GB)
    many = Data('many', f'{count:,} x 16 KiB', (16 * KB,) * count)
    one = Data('1g', '1 x %d MiB' % (size // MB), (size,))
    return {many: SMALLFILES, one: LARGEFILE}


def exchanges() -> list[Operation]:
    """Returns push and clone, as they are measured elsewhere, and for KNOWN."""
    return [
        replace(item, commands={**item.commands, 'known': (SPARED[item.name],)})
        for item in OPERATIONS
        if item.name in SPARED
    ]


def options(args: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog='contrib/bench/transfers', description=__doc__
    )
    add = parser.add_argument
    sets = [data.name for data in datasets(False)]
    add('--rounds', type=int, default=5, help='how often all is measured (5)')
    add('--data', type=harness.listof(sets), default=sets, help='sets: many,1g')
    add('--small', action='store_true', help='a hundredth of the data, to try it')
    add('--json', type=Path, metavar='FILE', help='write the results there, too')
    add('--scratch', type=Path, default=harness.SCRATCH, metavar='FOLDER')
    return parser.parse_args(args)


def run(chosen: argparse.Namespace) -> dict:
    """Measures, and returns the document that goes into the JSON."""
    operations = {'many': exchanges(), '1g': [UPLOAD, DOWNLOAD]}
    plan = {
        data: (tools, operations[data.name])
        for data, tools in datasets(chosen.small).items()
        if data.name in chosen.data
    }
    return harness.carryout(plan, chosen)


def render(document: dict) -> str:
    """Returns the tables, and the notes that belong to them."""
    results = Results(document)
    blocks = [
        _table(results, data, operation)
        for data in document['data']
        for operation in document['operations']
        if results.has(data['name'], operation['name'])
    ]
    failed = [
        '%s: %s, %s: %s' % (data['title'], *failure)
        for data in document['data']
        for failure in results.failures(data['name'])
    ]
    return '\n'.join([*blocks, *failed, NOTES])


def _table(results: Results, data: dict, operation: dict) -> str:
    lines = ['%s: %s' % (operation['title'], data['title'])]
    lines.append(' ' * 18 + '     wall       x      cpu   memory   server')
    titles = {tool['name']: tool['title'] for tool in results.document['tools']}
    for cell in results.cells(data['name']):
        if cell['operation'] == operation['name']:
            title = titles[cell['tool']].ljust(18)
            lines.append(title + _figures(results, data['name'], cell))
    return '\n'.join([*lines, ''])


def _figures(results: Results, data: str, cell: dict) -> str:
    def median(field: str) -> float:
        key = data, cell['operation'], cell['tool']
        return results.median(*key, field) or 0.0

    if cell.get('failed'):
        return '    fails'
    ratio = results.ratio(data, cell['operation'], cell['tool'], 'wall', OURS.name)
    return '%7.2f s %7.2f %6.2f s %4.0f MiB %4.0f MiB' % (
        median('wall'),
        ratio or 0.0,
        median('cpu'),
        median('memory') / MB,
        median('servermemory') / MB,
    )


def main(args: list[str]) -> int:
    chosen = options(args)
    return harness.conduct(lambda: run(chosen), render, chosen.json)
