"""Operations measured in rounds: every tool once in each, in turns."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from . import Failed
from .datasets import GB, MB, Data, make, scratchfolder
from .machines import NOTHING, Usage, measure
from .operations import Operation, spell
from .results import describe, introduce
from .stages import Area, Scene, check, staged
from .tools import BASELINE, Tool, prepare

# measured in every round
ALWAYS = ('ours', BASELINE, 'limit')
PATIENCE = 300  # seconds; what took longer in all is not measured again
# by data, which tools are measured with which operations
Plan = dict[Data, tuple[Sequence[Tool], list[Operation]]]


def carryout(plan: Plan, chosen: argparse.Namespace, others: int | None = None) -> dict:
    """Measure all tools of a plan, and return the document."""
    taking = _unique(tool for tools, _operations in plan.values() for tool in tools)
    operations = _unique(item for _tools, items in plan.values() for item in items)
    programs = prepare(taking)
    document = {
        'small': chosen.small,
        'rounds': chosen.rounds,
        **describe(programs),
        'data': [{'name': data.name, 'title': data.title} for data in plan],
        'tools': [{'name': tool.name, 'title': tool.title} for tool in taking],
        'operations': [
            {'name': item.name, 'title': item.title, 'online': item.online}
            for item in operations
        ],
        'cells': [],
    }
    _announce(document, plan, chosen.rounds)
    needed = max(_room(tools, data) for data, (tools, _) in plan.items())
    with scratchfolder(chosen.scratch, needed) as scratch:
        for data, (tools, items) in plan.items():
            campaign = Campaign(data, tools, items, programs, scratch)
            document['cells'] += campaign.measure(chosen.rounds, others)
    return document


def _unique(items: Iterable) -> list:
    """Return each tool or operation once, in their order."""
    return list({item.name: item for item in items}.values())


def _announce(document: dict, plan: Plan, rounds: int) -> None:
    introduce(document)
    times = [
        _seconds(tools, operations, data, rounds)
        for data, (tools, operations) in plan.items()
    ]
    minutes = sum(times) / 60
    print('this will take about %d minutes\n' % (minutes + 1), flush=True)


class Campaign:
    """The measurements of a data set: all tools in each round."""

    def __init__(
        self,
        data: Data,
        tools: list[Tool],
        operations: list[Operation],
        programs: dict[str, Path],
        scratch: Path,
    ) -> None:
        self._data = data
        self._tools = tools
        self._operations = operations
        self._programs = programs
        self._folder = scratch / data.name

    def measure(self, rounds: int, others: int | None = None) -> list[dict]:
        """Return a cell for each operation of each tool that can do it.

        ``others`` is the number of rounds of tools outside ALWAYS, by default all.
        """
        rounds = min(rounds, self._data.most)
        self._others = rounds if others is None else others
        say('%s: writing files' % self._data.title)
        try:
            sources = make(self._data, self._folder / 'sources')
            areas = [
                Area(tool, sources, self._folder / tool.name, self._programs)
                for tool in self._tools
            ]
            return [
                cell
                for operation in self._operations
                for cell in self._measureall(operation, areas, rounds)
            ]
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _measureall(self, operation: Operation, areas: list, rounds: int) -> list:
        cells = [
            {'data': self._data.name, 'operation': operation.name}
            | {'tool': area.tool.name, 'rounds': []}
            for area in areas
        ]
        able = [
            (area, cell)
            for area, cell in zip(areas, cells)
            if operation.commandsof(area.tool, len(self._data.files))
        ]
        for number in range(rounds):
            # a tool that runs after one that freed much memory gets warm pages
            for area, cell in turned(able, number):
                enough = rounds if area.tool.name in ALWAYS else self._others
                if 'failed' in cell or spent(cell) >= PATIENCE:
                    continue
                if number < enough:
                    self._measureone(operation, area, cell, number)
        return [cell for _, cell in able]

    def _measureone(self, operation: Operation, area: Area, cell: dict, number: int):
        label = '%s, %s, round %d, %s' % (
            *(self._data.title, operation.title, number + 1, area.tool.title),
        )
        try:
            usage = perform(operation, area)
        except Failed as exc:
            cell['failed'] = str(exc)
            say('%s: %s' % (label, exc))
        else:
            cell['rounds'].append(usage.asdict())
            say('%s: %.2f s, %d MiB' % (label, usage.wall, usage.memory // MB))


def turned(items: Sequence, number: int) -> list:
    """Return items in the order of a round: each comes first in its turn."""
    turn = number % len(items)
    return [*items[turn:], *items[:turn]]


def spent(cell: dict) -> float:
    """Return the seconds of all rounds."""
    return sum(usage['wall'] for usage in cell['rounds'])


def perform(operation: Operation, area: Area) -> Usage:
    """Make the scene, measure the commands, and check what they did."""
    with staged(operation.stage, area) as scene:
        places = scene.places()
        templates = operation.commandsof(area.tool, len(area.sources.data.files))
        before = serverusage(scene)
        machine = scene.machine
        usage = measure(
            spell(templates, places), machine.project, machine.env, machine.log
        )
        after = serverusage(scene)
        check(operation.check, scene)
    return replace(
        usage,
        servercpu=after.servercpu - before.servercpu,
        servermemory=after.servermemory,
    )


def serverusage(scene: Scene) -> Usage:
    return scene.server.usage() if scene.server else NOTHING


def say(text: str) -> None:
    # before the output of commands
    print(text, flush=True)


# the time and room of a run: rough, from runs on two cores

START = 0.6  # seconds of a measurement that has next to nothing to do
# seconds for a GiB, measured and not: the states before, checks, the page cache
UNTIMED = 5.0
DEFAULT = {'ours': 1.6, 'stock': 6.0, 'plain': 9.0, 'largefiles': 6.0, 'limit': 0.6}
SLOW = {('plain', 'amend'): 170.0, ('stock', 'amend'): 12.0, ('git-lfs', 'push'): 3.0}
# seconds for a thousand files, both together
MANY = {'ours': 1.5, 'stock': 2.0, 'plain': 2.0, 'largefiles': 4.0, 'limit': 0.2}
# the same for push and clone, where every file is a request
REQUESTS = {'ours': 1.0, 'stock': 10.0, 'largefiles': 48.0, 'git-lfs': 5.0}
PARTIAL = ('amend', 'update', 'revert')  # handle the tenth only


def _seconds(
    tools: list[Tool], operations: list[Operation], data: Data, rounds: int
) -> float:
    """Return about how many seconds a data set takes."""
    total = 5 * data.size / GB + len(data.files) / 1000
    for tool in tools:
        for operation in operations:
            if operation.commandsof(tool, len(data.files)):
                total += _cellseconds(tool, operation, data, rounds)
    return total


def _cellseconds(tool: Tool, operation: Operation, data: Data, rounds: int) -> float:
    share = data.changedsize / data.size if operation.name in PARTIAL else 1.0
    speed = SLOW.get((tool.name, operation.name), DEFAULT.get(tool.name, 4.0))
    timed = speed * share * data.size / GB
    each = REQUESTS if operation.online else MANY
    timed += each.get(tool.name, 2.0) * len(data.files) / 1000
    if timed:
        rounds = min(rounds, data.most, int(PATIENCE / timed) + 1)
    return rounds * (START + timed + UNTIMED * data.size / GB)


def _room(tools: list[Tool], data: Data) -> int:
    """Return how many bytes a data set needs on disk, with what each tool keeps."""
    both = data.size + data.changedsize
    peers = sum(1 for tool in tools if tool.kind != 'limit')
    # the base's files and its store, and the server's store
    kept = peers * (data.size + both + data.size)
    # a new repository, a clone, or an archive and what is spooled for it
    return int((both + kept + 3 * both) * 1.1)
