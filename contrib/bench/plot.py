"""Draw the results of "files" as an SVG, from their result file.

To the left, wall time relative to stock lfs, on a logarithmic scale: bars to the left
of the line at 1 are faster. To the right, peak memory of the largest process, on a
logarithmic scale as well. DATA names the sets to draw.
"""

from __future__ import annotations

import math
from html import escape

from .datasets import MB
from .results import LIMIT, Results
from .tools import BASELINE

COLOURS = {  # Okabe and Ito's, distinct for the colour-blind
    'ours': '#d55e00',
    'stock': '#999999',
    'plain': '#56b4e9',
    'largefiles': '#0072b2',
    'git-lfs': '#009e73',
    'limit': '#333333',
}
BAR, GAP, BETWEEN = 7, 1, 9  # pixels: a bar, between bars, between operations
LABELS, PANEL, MARGIN, NUMBER = 110, 360, 20, 46
WIDTH = LABELS + 2 * (PANEL + NUMBER) + 2 * MARGIN
HEAD, PANELHEAD = 64, 58


class Scale:
    """A logarithmic axis: values to pixels, between two powers of its base."""

    def __init__(self, values: list[float], base: int, left: float) -> None:
        logs = [math.log(value, base) for value in values if value > 0] or [0.0]
        self._low, self._high = math.floor(min(logs)), math.ceil(max(logs))
        if self._low == self._high:
            self._high += 1
        self._base, self._left = base, left

    def __call__(self, value: float) -> float:
        part = (math.log(value, self._base) - self._low) / (self._high - self._low)
        return self._left + PANEL * part

    def ticks(self) -> list[float]:
        step = 1 + (self._high - self._low) // 9
        powers = range(self._low, self._high + 1)
        return [float(self._base) ** power for power in powers if power % step == 0]

    @property
    def first(self) -> float:
        return float(self._base) ** self._low


class Panel:
    """A data set: its operations below one another, time and memory side by side."""

    def __init__(self, results: Results, data: dict, top: float) -> None:
        self._results = results
        self._data = data
        self._top = top + PANELHEAD
        taking = {cell['tool'] for cell in results.cells(data['name'])}
        names = [tool['name'] for tool in results.document['tools']]
        self._tools = [name for name in names if name in taking]
        self._operations = [
            operation
            for operation in results.document['operations']
            if results.has(data['name'], operation['name'])
        ]
        ratios = [self._ratio(*pair) for pair in self._pairs()]
        sizes = [self._memory(*pair) for pair in self._pairs()]
        right = MARGIN + LABELS + PANEL + NUMBER
        self._times = Scale([1.0, *filter(None, ratios)], 2, MARGIN + LABELS)
        self._sizes = Scale([8.0, *filter(None, sizes)], 2, right)

    def _pairs(self) -> list[tuple[str, str]]:
        return [
            (operation['name'], tool)
            for operation in self._operations
            for tool in self._tools
        ]

    def _ratio(self, operation: str, tool: str) -> float | None:
        return self._results.ratio(self._data['name'], operation, tool, 'wall')

    def _memory(self, operation: str, tool: str) -> float | None:
        """Return MiB."""
        value = self._results.median(self._data['name'], operation, tool, 'memory')
        return value / MB if value else None

    @property
    def _group(self) -> float:
        return len(self._tools) * (BAR + GAP) + BETWEEN

    @property
    def bottom(self) -> float:
        return self._top + len(self._operations) * self._group + 12

    def draw(self) -> list[str]:
        title = text(MARGIN, self._top - 34, self._data['title'], 'title')
        parts = [title, *self._axis(self._times, 'wall time, relative to stock lfs')]
        parts += self._axis(self._sizes, 'peak memory in MiB')
        for row, operation in enumerate(self._operations):
            parts += self._rows(self._top + row * self._group, operation)
        x, y = self._times(1.0), self._top
        return [*parts, line(x, y - 6, x, self.bottom - 14, 'one')]

    def _axis(self, scale: Scale, title: str) -> list[str]:
        left = scale(scale.first)
        parts = [text(left + PANEL / 2, self._top - 24, title, 'axis middle')]
        for tick in scale.ticks():
            x = scale(tick)
            shown = '%d' % tick if tick >= 1 else '1/%d' % round(1 / tick)
            parts.append(text(x, self._top - 9, shown, 'tick middle'))
            parts.append(line(x, self._top - 6, x, self.bottom - 14, 'grid'))
        return parts

    def _rows(self, top: float, operation: dict) -> list[str]:
        middle = top + (self._group - BETWEEN) / 2 + 4
        label = text(MARGIN + LABELS - 8, middle, operation['title'], 'label end')
        parts = [label]
        for place, tool in enumerate(self._tools):
            y = top + place * (BAR + GAP)
            parts += self._bars(y, operation['name'], tool)
        return parts

    def _bars(self, y: float, operation: str, tool: str) -> list[str]:
        ratio, memory = self._ratio(operation, tool), self._memory(operation, tool)
        parts = []
        if ratio is not None and tool != BASELINE:
            parts += self._bar(self._times, 1.0, ratio, y, tool, number(ratio) + '×')
        if memory is not None and tool != LIMIT:
            shown = '%.0f' % memory
            parts += self._bar(self._sizes, self._sizes.first, memory, y, tool, shown)
        return parts

    def _bar(self, scale, start: float, value: float, y: float, tool: str, shown: str):
        left, right = sorted((scale(start), scale(value)))
        shape = '<rect x="%.1f" y="%.1f" width="%.1f" height="%d" fill="%s"/>'
        parts = [shape % (left, y, max(right - left, 1), BAR, COLOURS[tool])]
        if tool == 'ours':  # the others are in the table
            parts.append(text(right + 3, y + BAR, shown, 'value'))
        return parts


STYLE = """\
text { font: 11px sans-serif; fill: #222 }
.head { font-size: 16px; font-weight: bold }
.title { font-size: 13px; font-weight: bold }
.axis, .tick, .note { fill: #666 }
.tick, .value { font-size: 9px }
.value { font-weight: bold; fill: #d55e00 }
.middle { text-anchor: middle }
.end { text-anchor: end }
.grid { stroke: #e4e4e4 }
.one { stroke: #222 }
"""


def text(x: float, y: float, content: str, style: str) -> str:
    shape = '<text x="%.1f" y="%.1f" class="%s">%s</text>'
    return shape % (x, y, style, escape(content))


def line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    shape = '<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="%s"/>'
    return shape % (x1, y1, x2, y2, style)


def number(value: float) -> str:
    """Return a number in two digits or more: 0.13, 1.2, 16."""
    return '%d' % round(value) if value >= 9.95 else '%.2g' % value


def legend(results: Results) -> list[str]:
    parts, x = [], float(MARGIN)
    for tool in results.document['tools']:
        shape = '<rect x="%.1f" y="44" width="11" height="11" fill="%s"/>'
        parts.append(shape % (x, COLOURS[tool['name']]))
        name = 'limit (cp, sha256sum)' if tool['name'] == LIMIT else tool['title']
        parts.append(text(x + 16, 53, name, 'label'))
        x += 34 + 6.5 * len(name)
    return parts


def heading(document: dict) -> list[str]:
    machine, versions = document['machine'], document['versions']
    origin = '%s, %d cores, %s; Mercurial %s; medians of %d rounds, %s' % (
        *(machine['processor'], machine['cores'], machine['memory']),
        *(versions['mercurial'], document['rounds'], document['date']),
    )
    title = 'hg-lfs and others' + (', a smoke run' if document['small'] else '')
    return [
        text(MARGIN, 22, title, 'head'),
        text(WIDTH - MARGIN, 22, origin, 'note end'),
    ]


def draw(document: dict, wanted: list[str]) -> str:
    results = Results(document)
    parts = [*heading(document), *legend(results)]
    bottom = float(HEAD)
    for data in document['data']:
        if not wanted or data['name'] in wanted:
            panel = Panel(results, data, bottom)
            parts += panel.draw()
            bottom = panel.bottom
    size = (WIDTH, bottom + MARGIN)
    start = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d">' % size
    ground = '<rect width="100%" height="100%" fill="#fff"/>'
    style = '<style>\n%s</style>' % STYLE
    return '\n'.join([start, style, ground, *parts, '</svg>', ''])
