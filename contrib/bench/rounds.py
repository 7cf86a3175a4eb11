"""The measurements of a data set: round after round, every tool once in each."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

from checks import check
from datasets import MB, Data, make
from estimate import PATIENCE
from measure import Failed, Usage, measure
from operations import Operation, spell
from stages import Area, Scene, staged
from tools import BASELINE, Tool

# measured in every round
ALWAYS = ('ours', BASELINE, 'limit')
ONEPASS = Path(__file__).with_name('onepass.py')


class Campaign:
    """A data set, the tools that handle it, and what they do with it."""

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
        """Returns a cell for each operation of each tool that can do it.

        ``others`` is for those that nothing is compared with; None is all rounds.
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
            # each follows another each time: who comes after one that has freed much
            # memory gets pages that are warm
            turn = number % len(able)
            for area, cell in able[turn:] + able[:turn]:
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


def spent(cell: dict) -> float:
    """Returns seconds."""
    return sum(usage['wall'] for usage in cell['rounds'])


def perform(operation: Operation, area: Area) -> Usage:
    """Sets the scene, measures the commands, and checks what they did."""
    with staged(operation.stage, area) as scene:
        places = scene.places(ONEPASS, sys.executable)
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
    return scene.server.usage() if scene.server else Usage(0.0, 0.0, 0)


def say(text: str) -> None:
    # before the commands have their say
    print(text, flush=True)
