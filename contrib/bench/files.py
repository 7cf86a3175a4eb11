"""Measure what people do with large files: commit, update, cat, push, clone and more.

Wall time, processor time and peak memory of hg-lfs, plain Mercurial, stock lfs,
largefiles and git-lfs, with what cp and sha256sum need for the same files as the limit.
All of it comes from one run, whose rounds are interleaved.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from .datasets import MB, Data, datasets
from .operations import OPERATIONS
from .options import listof
from .results import LIMIT, Results, Table, mebibytes, seconds
from .rounds import carryout
from .tools import BASELINE, NAMES, TOOLS

ROUNDS = 5
NOTES = """\
Medians; "x" is relative to stock lfs, "ours/limit" to the limit, which is one of
  cp: update, revert, cat, archive, push, clone (once, though a clone keeps two copies)
  sha256sum: status, verify
  both hashes in a thread each and one write, in Python: add, commit; amend
Page cache: warm. Nothing is synced but what a tool syncs. Compressors: the data is
random. Revision B differs from A in every tenth file, at least one, in up to 1 MiB.
Memory is that of the largest process (9 MiB is the least that can be measured), and of
the server's: hg serve on loopback, of the same kind as the client; for git-lfs, whose
3.3 has no server, it is that of hg-lfs, with a local bare repository for git itself.
Stock lfs uploads on amend: here to nowhere (null://). Blank is what a tool cannot do:
git-lfs and largefiles, cat many files to a folder; largefiles, amend large files.
Where a cell took over five minutes, it has fewer rounds.
"""


@dataclass(frozen=True)
class Quantity:
    """A field of Usage as it is printed: with a title, divided by a unit."""

    field: str
    title: str
    unit: float = 1.0
    form: str = '%.2f'


SERVER = Quantity('servermemory', 'peak memory, server, in MiB', MB, '%.0f')
SERVERCPU = Quantity('servercpu', 'processor time, server, in seconds')
QUANTITIES = (
    Quantity('wall', 'wall time in seconds'),
    Quantity('cpu', 'processor time in seconds'),
    Quantity('memory', 'peak memory in MiB', MB, '%.0f'),
    SERVERCPU,
    SERVER,
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    add = parser.add_argument
    sets = [data.name for data in datasets(False)]
    names = [operation.name for operation in OPERATIONS]
    add('--others', type=int, help='rounds of all tools but ours and stock')
    add('--only', type=listof(names), help='operations: ' + ','.join(names))
    add('--data', type=listof(sets), default=sets, help='sets: ' + ','.join(sets))
    add('--who', type=listof(NAMES), help='tools: ' + ','.join(NAMES))


def run(chosen: argparse.Namespace) -> dict:
    """Measure, and return the document of the result file."""
    operations = [
        operation
        for operation in OPERATIONS
        if not chosen.only or operation.name in chosen.only
    ]
    plan = {
        data: (_choose(chosen, data), operations)
        for data in datasets(chosen.small)
        if data.name in chosen.data
    }
    return carryout(plan, chosen, chosen.others)


def _choose(chosen: argparse.Namespace, data: Data) -> list:
    """Return the tools for a data set: those that are wanted, or its usual ones."""
    wanted = chosen.who or data.who or NAMES
    return [tool for tool in TOOLS if tool.name in wanted or tool.kind == 'limit']


def failures(document: dict) -> list[str]:
    return Results(document).failures()


def table(document: dict, data: str, *tools: str) -> Table:
    """Return wall times of some tools, and the memory of hg-lfs and of stock lfs."""
    results = Results(document)
    titles = {tool['name']: tool['title'] for tool in document['tools']}
    heads = [*(titles[tool] for tool in tools), 'memory', 'stock memory']
    rows = []
    for operation in document['operations']:
        name = operation['name']
        if results.has(data, name):
            walls = [results.median(data, name, tool, 'wall') for tool in tools]
            sizes = [
                results.median(data, name, tool, 'memory')
                for tool in ('ours', BASELINE)
            ]
            cells = [*map(seconds, walls), *map(mebibytes, sizes)]
            rows.append([operation['title'], *cells])
    return Table('%s: wall time and memory' % data, heads, rows)


def tables(document: dict) -> list[Table]:
    """Return a table for each data set and each quantity."""
    results = Results(document)
    found = [
        _quantities(results, data, quantity)
        for data in document['data']
        for quantity in QUANTITIES
    ]
    return [table for table in found if table.rows]


def _quantities(results: Results, data: dict, quantity: Quantity) -> Table:
    taking = {cell['tool'] for cell in results.cells(data['name'])}
    tools = [tool for tool in results.document['tools'] if tool['name'] in taking]
    heads = [tool['title'] for tool in tools]
    if quantity.field in ('wall', 'cpu'):
        heads.append('ours/limit')
    rows = [
        _row(results, data['name'], operation, tools, quantity)
        for operation in results.document['operations']
        if results.has(data['name'], operation['name'])
        and (operation['online'] or quantity not in (SERVER, SERVERCPU))
    ]
    return Table('%s: %s' % (data['title'], quantity.title), heads, rows)


def _row(results, data: str, operation: dict, tools: list, quantity: Quantity) -> list:
    name = operation['name']
    cells = [_cell(results, data, name, tool['name'], quantity) for tool in tools]
    if quantity.field in ('wall', 'cpu'):
        ratio = results.ratio(data, name, 'ours', quantity.field, LIMIT)
        cells.append('' if ratio is None else '%.1fx' % ratio)
    return [operation['title'], *cells]


def _cell(results, data: str, name: str, tool: str, quantity: Quantity) -> str:
    if results.cell(data, name, tool).get('failed'):
        return 'fails'
    value = results.median(data, name, tool, quantity.field)
    if value is None or (tool == LIMIT and quantity.field.startswith('server')):
        return ''
    text = quantity.form % (value / quantity.unit)
    ratio = results.ratio(data, name, tool, quantity.field)
    if tool == BASELINE or ratio is None:
        return text + ' ' * 7
    return '%s %5.2fx' % (text, ratio)
