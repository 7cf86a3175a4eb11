"""Results: what a result file says of the machine; medians, ratios, and tables."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import Failed
from .datasets import MB
from .tools import BASELINE, versions

#: The stored results.
FOLDER = Path(__file__).with_name('results')
LIMIT = 'limit'
BLANK = '-'


# files


def read(path: Path) -> dict:
    """Return the document of a result file."""
    try:
        return json.loads(path.read_text('utf-8'))
    except (OSError, ValueError) as exc:
        raise Failed('%s: %s' % (path, exc)) from exc


def write(document: dict, path: Path) -> None:
    path.write_text(json.dumps(document, indent=1) + '\n', 'utf-8')


def describe(programs: dict[str, Path]) -> dict:
    """Return date, machine and versions for a result file: no names, no folders."""
    pages, size = os.sysconf('SC_PHYS_PAGES'), os.sysconf('SC_PAGE_SIZE')
    return {
        'date': time.strftime('%Y-%m-%d', time.gmtime()),
        'machine': {
            'processor': _processor(),
            'cores': os.cpu_count(),
            'memory': '%.0f GiB' % (pages * size / 2**30),
            'system': platform.system() + ' ' + platform.release(),
            'python': platform.python_version(),
            'load': round(os.getloadavg()[0], 2),
        },
        'versions': versions(programs),
    }


def _processor() -> str:
    try:
        lines = Path('/proc/cpuinfo').read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(':')[2].strip() for line in lines if 'model name' in line]
    return (names or [platform.machine()])[0]


def origin(name: str, document: dict) -> str:
    """Return a line on where the numbers of a document are from."""
    count = document['rounds']
    rounds = '%d rounds' % count if count > 1 else 'one round'
    values = (name, rounds, document['date'], document['versions']['hg-lfs'])
    return '``%s``: %s, %s, hg-lfs %s.\n' % values


def introduce(document: dict) -> None:
    """Print the machine and the versions."""
    for name, value in {**document['machine'], **document['versions']}.items():
        print('%-12s %s' % (name, value))
    if document['machine']['load'] > 0.5:
        print('this machine is busy: trust ratios and memory, not seconds')


# numbers


class Results:
    """The results of one run of "files" or "transfers", by their cells."""

    def __init__(self, document: dict) -> None:
        self.document = document
        self._cells = {
            (cell['data'], cell['operation'], cell['tool']): cell
            for cell in document['cells']
        }

    def cell(self, data: str, operation: str, tool: str) -> dict:
        return self._cells.get((data, operation, tool), {})

    def cells(self, data: str) -> list[dict]:
        return [cell for key, cell in self._cells.items() if key[0] == data]

    def median(self, data: str, operation: str, tool: str, field: str) -> float | None:
        """Return the median of a field of Usage, in its unit; None where blank."""
        rounds = self.cell(data, operation, tool).get('rounds')
        if not rounds:
            return None
        return statistics.median(usage[field] for usage in rounds)

    def ratio(
        self, data: str, operation: str, tool: str, field: str, to: str = BASELINE
    ) -> float | None:
        value = self.median(data, operation, tool, field)
        base = self.median(data, operation, to, field)
        return value / base if value is not None and base else None

    def has(self, data: str, operation: str) -> bool:
        return any(cell['operation'] == operation for cell in self.cells(data))

    def failures(self) -> list[str]:
        """Return a line for each cell that failed."""
        titles = {data['name']: data['title'] for data in self.document['data']}
        return [
            '%s: %s, %s: %s'
            % (titles[cell['data']], cell['operation'], cell['tool'], cell['failed'])
            for cell in self._cells.values()
            if cell.get('failed')
        ]


# tables


def seconds(value: float | None) -> str:
    return BLANK if value is None else '%.2f s' % value


def mebibytes(value: float | None) -> str:
    return BLANK if value is None else '%.0f MiB' % (value / MB)


def factor(value: float, base: float | None) -> str:
    """Return a value relative to another, as a table shows it."""
    return '%.2f' % (value / base) if base else BLANK


@dataclass(frozen=True)
class Table:
    """A table: the heads of its columns but the first, and rows of title and cells."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]

    def text(self) -> str:
        """Return the table below its title."""
        return '%s\n\n%s' % (self.title, self.simple())

    def simple(self) -> str:
        """Return a simple table of reStructuredText."""
        head = ['..', *self.heads]
        widths = [max(map(len, column)) for column in zip(head, *self.rows)]
        rule = '  '.join('=' * width for width in widths)
        lines = [rule, _line(head, widths, str.ljust), rule]
        lines += [_line(row, widths, str.rjust) for row in self.rows]
        return '\n'.join([*lines, rule, ''])


def _line(cells: Sequence[str], widths: list[int], justify) -> str:
    first = cells[0].ljust(widths[0])
    rest = [justify(cell, width) for cell, width in zip(cells[1:], widths[1:])]
    return '  '.join([first, *rest]).rstrip()
