"""Write the tables and images of stored results for docs/benchmarks.rst.

Each table of the page is between two comments. The first names the benchmark, a file
in contrib/bench/results, and which table of it, by the arguments of the function
"table" of the benchmark:

    .. bench files files-many.json many ours plain stock git-lfs
    .. end of table

An image results/NAME.svg is drawn from results/NAME.json.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import ModuleType

from . import Failed, plot, results
from .tools import CHECKOUT

PAGE = CHECKOUT / 'docs' / 'benchmarks.rst'
_BEGIN = re.compile(r'\.\. bench (.+)\n')
_END = '.. end of table\n'
_IMAGE = re.compile(r'contrib/bench/results/([\w-]+)\.svg')


def rewrite(text: str, benchmarks: Mapping[str, ModuleType]) -> str:
    """Return a page with its tables as they are in the result files."""
    lines: list[str] = []
    inside = ''
    for line in text.splitlines(keepends=True):
        begin = _BEGIN.fullmatch(line)
        if line == _END and inside:
            inside = ''
        elif begin or line == _END:
            _check(not inside and begin is not None, inside or line)
            inside = line
            lines += [line, '\n', _table(begin[1], benchmarks), '\n']
            continue
        if not inside:
            lines.append(line)
    _check(not inside, inside)
    return ''.join(lines)


def _check(sound: bool, line: str) -> None:
    if not sound:
        raise Failed('%s: not a pair of comments: %s' % (PAGE.name, line.strip()))


def _table(text: str, benchmarks: Mapping[str, ModuleType]) -> str:
    name, file, *which = text.split()
    if name not in benchmarks:
        raise Failed('%s: no benchmark: %s' % (PAGE.name, name))
    document = results.read(results.FOLDER / file)
    try:
        table = benchmarks[name].table(document, *which)
    except (KeyError, TypeError) as exc:
        raise Failed('%s: no such table: %s' % (PAGE.name, text)) from exc
    return '%s\n%s' % (results.origin(file, document), table.simple())


def images(text: str) -> dict[str, str]:
    """Return the images that a page shows, by the names of their files."""
    return {
        name + '.svg': plot.draw(results.read(results.FOLDER / (name + '.json')), [])
        for name in _IMAGE.findall(text)
    }


def write(benchmarks: Mapping[str, ModuleType]) -> int:
    """Write the page and its images; return the exit status."""
    text = PAGE.read_text('utf-8')
    PAGE.write_text(rewrite(text, benchmarks), 'utf-8')
    for name, drawing in images(text).items():
        (results.FOLDER / name).write_text(drawing, 'utf-8')
    return 0
