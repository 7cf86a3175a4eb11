"""The results as tables for a terminal: one for each data set and each quantity."""

from __future__ import annotations

from dataclasses import dataclass

from stats import LIMIT, Results
from tools import BASELINE

MB = 1 << 20
WIDTH = 15

NOTES = """\
Medians; "x" is relative to stock lfs, "ours/limit" to the limit, which is one of
  cp: update, revert, cat, archive, push, clone (once, though a clone keeps two copies)
  sha256sum: status, verify
  both hashes in a thread each and one write, in Python: add, commit; amend
Page cache: warm. Nothing is synced but what a tool syncs. Compressors: the data is
random. Revision B differs from A in every tenth file, at least one, in up to 1 MiB.
Memory is that of the largest process (9 MiB is the least that can be told), and of
the server's: hg serve on loopback, of the same kind as the client; for git-lfs, whose
3.3 has no server, it is that of hg-lfs, with a local bare repository for git itself.
Stock lfs uploads on amend: here to nowhere (null://). Blank is what a tool cannot do:
git-lfs and largefiles, cat many files to a folder; largefiles, amend large files.
Where a cell took over five minutes, it has fewer rounds.
"""


@dataclass(frozen=True)
class Quantity:
    """What is printed: a field of Usage, and by how much it is divided."""

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


def render(document: dict) -> str:
    """Returns all tables, and the notes that belong to them."""
    results = Results(document)
    blocks = [
        table(results, data, quantity)
        for data in document['data']
        for quantity in QUANTITIES
    ]
    blocks += [failures(results, data) for data in document['data']]
    return '\n'.join([*filter(None, blocks), NOTES])


def table(results: Results, data: dict, quantity: Quantity) -> str:
    taking = {cell['tool'] for cell in results.cells(data['name'])}
    tools = [tool for tool in results.document['tools'] if tool['name'] in taking]
    rows = []
    for operation in results.document['operations']:
        if quantity in (SERVER, SERVERCPU) and not operation['online']:
            continue
        if results.has(data['name'], operation['name']):
            rows.append(_row(results, data['name'], operation, tools, quantity))
    if not rows:
        return ''
    heads = ''.join(tool['title'].rjust(WIDTH) for tool in tools)
    last = '  ours/limit' if quantity.field in ('wall', 'cpu') else ''
    first = '%s: %s' % (data['title'], quantity.title)
    return '\n'.join([first, ' ' * 16 + heads + last, *rows, ''])


def _row(results, data: str, operation: dict, tools: list, quantity: Quantity) -> str:
    name = operation['name']
    cells = [_cell(results, data, name, tool['name'], quantity) for tool in tools]
    line = operation['title'].ljust(16) + ''.join(cell.rjust(WIDTH) for cell in cells)
    ratio = results.ratio(data, name, 'ours', quantity.field, LIMIT)
    if ratio is not None and quantity.field in ('wall', 'cpu'):
        line += ('%.1fx' % ratio).rjust(12)
    return line.rstrip()


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


def failures(results: Results, data: dict) -> str:
    told = [
        '%s: %s, %s: %s' % (data['title'], operation, tool, reason)
        for operation, tool, reason in results.failures(data['name'])
    ]
    return '\n'.join([*told, '']) if told else ''
