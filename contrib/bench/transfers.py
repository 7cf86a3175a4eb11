"""Measure transfers of blobs over http, ssh and local paths, beside other tools.

All goes through hg serve on loopback, sshd on loopback, or a path: push and clone of
many small files, with hg-lfs, stock lfs and git-lfs, with hg-lfs when there are no
blobs to move, and with plain Mercurial; upload and download of a large file, with
hg-lfs and with curl. All of it comes from one run, whose rounds are interleaved.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

from .datasets import GB, KB, MB, SMALL, Data
from .operations import OPERATIONS, Operation
from .options import listof
from .results import Results, Table, mebibytes, seconds
from .rounds import carryout
from .tools import BYNAME, Tool

ROUNDS = 5

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
# the commands of KNOWN: no blob is uploaded, or all are in the cache
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
        'hg': ('hg -R {copy} --config extensions.hgbench={hgbench} bench-fetch',),
        'curl': ('curl -sSf -o {out}/object ' + SENT,),
    },
)

NOTES = """\
Medians of wall and processor time, peak memory of the largest process and of hg serve
(not of what sshd starts); "x" is wall time relative to hg-lfs over http.
"no blobs" is the same push where no blob is sent, and the same clone where all are in
the cache; "plain hg" has the same files in history itself. git-lfs speaks to hg-lfs's
server, and has a local bare repository for git itself. An upload is hg debuglfsupload;
a download fetches the blobs of a revision into a repository, without working files
(contrib/bench/programs/hgbench.py). curl sends and gets the same object at the same
URL, and neither hashes it nor keeps it by its hash.
"""


def datasets(small: bool) -> dict[Data, tuple[Tool, ...]]:
    """Return data and tools; small data have a hundredth of the bytes."""
    count, size = (5000 // SMALL, GB // SMALL) if small else (5000, GB)
    many = Data('many', f'{count:,} x 16 KiB', (16 * KB,) * count)
    one = Data('1g', '1 x %d MiB' % (size // MB), (size,))
    return {many: SMALLFILES, one: LARGEFILE}


def exchanges() -> list[Operation]:
    """Return push and clone as "files" has them, with commands for KNOWN."""
    return [
        replace(item, commands={**item.commands, 'known': (SPARED[item.name],)})
        for item in OPERATIONS
        if item.name in SPARED
    ]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    sets = [data.name for data in datasets(False)]
    text = 'sets: ' + ','.join(sets)
    parser.add_argument('--data', type=listof(sets), default=sets, help=text)


def run(chosen: argparse.Namespace) -> dict:
    """Measure, and return the document of the result file."""
    operations = {'many': exchanges(), '1g': [UPLOAD, DOWNLOAD]}
    plan = {
        data: (tools, operations[data.name])
        for data, tools in datasets(chosen.small).items()
        if data.name in chosen.data
    }
    return carryout(plan, chosen)


def failures(document: dict) -> list[str]:
    return Results(document).failures()


def tables(document: dict) -> list[Table]:
    """Return a table for each data set and each operation."""
    results = Results(document)
    return [
        table(document, data['name'], operation['name'])
        for data in document['data']
        for operation in document['operations']
        if results.has(data['name'], operation['name'])
    ]


def table(document: dict, data: str, operation: str) -> Table:
    """Return what each tool took for an operation."""
    results = Results(document)
    titles = {tool['name']: tool['title'] for tool in document['tools']}
    rows = [
        [titles[cell['tool']], *_cells(results, data, cell)]
        for cell in results.cells(data)
        if cell['operation'] == operation
    ]
    named = {one['name']: one['title'] for one in document['data']}
    heads = ('wall', 'x', 'processor', 'memory', 'server')
    return Table('%s: %s' % (operation, named[data]), heads, rows)


def _cells(results: Results, data: str, cell: dict) -> list[str]:
    if cell.get('failed'):
        return ['fails', '', '', '', '']
    key = data, cell['operation'], cell['tool']
    ratio = results.ratio(*key, 'wall', OURS.name)
    return [
        seconds(results.median(*key, 'wall')),
        '' if ratio is None else '%.2f' % ratio,
        seconds(results.median(*key, 'cpu')),
        mebibytes(results.median(*key, 'memory')),
        mebibytes(results.median(*key, 'servermemory')),
    ]
