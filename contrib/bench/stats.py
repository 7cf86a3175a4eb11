"""Medians and ratios of what was measured, for the table and the plot."""

from __future__ import annotations

import statistics

from tools import BASELINE

LIMIT = 'limit'


class Results:
    """The results of one run, as its JSON has them."""

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
        """Returns the median of a field of Usage, in its unit; None where blank."""
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

    def failures(self, data: str) -> list[tuple[str, str, str]]:
        """Returns operation, tool and reason of what failed."""
        return [
            (cell['operation'], cell['tool'], cell['failed'])
            for cell in self.cells(data)
            if cell.get('failed')
        ]
