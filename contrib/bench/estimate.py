"""How long a run will take, and how much room: rough, from runs on two cores."""

from __future__ import annotations

from datasets import GB, Data
from operations import Operation
from tools import Tool

PATIENCE = 300  # seconds; what took longer in all is not measured again
START = 0.6  # seconds of a measurement that has next to nothing to do
# seconds for a GiB, measured and not: the states before, checks, the page cache
UNTIMED = 5.0
DEFAULT = {'ours': 1.6, 'stock': 6.0, 'plain': 9.0, 'largefiles': 6.0, 'limit': 0.6}
SLOW = {('plain', 'amend'): 170.0, ('stock', 'amend'): 12.0, ('git-lfs', 'push'): 3.0}
# seconds for a thousand files, both together
MANY = {'ours': 1.5, 'stock': 2.0, 'plain': 2.0, 'largefiles': 4.0, 'limit': 0.2}
# the same for push and clone, where every file is a request
REQUESTS = {'ours': 1.0, 'stock': 10.0, 'largefiles': 48.0, 'git-lfs': 5.0}
PARTIAL = ('amend', 'update', 'revert')  # have to do with the tenth only


def seconds(
    tools: list[Tool], operations: list[Operation], data: Data, rounds: int
) -> float:
    """Returns about how many seconds a data set takes."""
    total = 5 * data.size / GB + len(data.files) / 1000
    for tool in tools:
        for operation in operations:
            if operation.commandsof(tool, len(data.files)):
                total += _cell(tool, operation, data, rounds)
    return total


def _cell(tool: Tool, operation: Operation, data: Data, rounds: int) -> float:
    share = data.changedsize / data.size if operation.name in PARTIAL else 1.0
    speed = SLOW.get((tool.name, operation.name), DEFAULT.get(tool.name, 4.0))
    timed = speed * share * data.size / GB
    each = REQUESTS if operation.online else MANY
    timed += each.get(tool.name, 2.0) * len(data.files) / 1000
    if timed:
        rounds = min(rounds, data.most, int(PATIENCE / timed) + 1)
    return rounds * (START + timed + UNTIMED * data.size / GB)


def room(tools: list[Tool], data: Data) -> int:
    """Returns how many bytes a data set needs on disk, with what every tool keeps."""
    both = data.size + data.changedsize
    peers = sum(1 for tool in tools if tool.kind != 'limit')
    # the base's files and its store, and the server's store
    kept = peers * (data.size + both + data.size)
    # a new repository, a clone, or an archive and what is spooled for it
    return int((both + kept + 3 * both) * 1.1)
