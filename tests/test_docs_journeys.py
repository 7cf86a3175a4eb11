"""The journeys in ``docs/architecture.rst`` follow calls that exist in the code."""

from __future__ import annotations

import ast
import importlib
import re

import pytest
from support.pages import ROOT

_PAGE = ROOT / 'docs' / 'architecture.rst'
_PACKAGE = ROOT / 'hgext3rd' / 'hglfs'
_JOURNEY = re.compile(
    r'^\.\. _journey-(\w+):\n\n.*\n~+\n\n((?:.*\n)+?)(?=\.\. _|[A-Z])', re.M
)
_HOP = re.compile(
    r'\d+\. (Back: )?``([\w/]+\.py)``: .*?(?:Through\s``(mercurial\.[\w.]+)``)?', re.S
)
_MOSTHOPS = 15


def journeys() -> dict[str, list[tuple[str, str, str]]]:
    """Return the hops of each journey: whether it leads back, module, function."""
    found = _JOURNEY.findall(_PAGE.read_text('utf-8'))
    return {name: [_hop(item) for item in _items(text)] for name, text in found}


def _items(text: str) -> list[str]:
    return re.split(r'\n(?=\d+\. )', text.strip())


def _hop(item: str) -> tuple[str, str, str]:
    found = _HOP.fullmatch(item)
    assert found, 'not a hop: %s' % item
    return found.groups()


def imported(module: str) -> set[str]:
    """Return the modules of the package that a module imports, anywhere in it."""
    path = _PACKAGE / module
    found = set()
    for node in ast.walk(ast.parse(path.read_text('utf-8'))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = path.parents[node.level - 1]
            base = base.joinpath(*(node.module or '').split('.'))
            found.add(base.with_suffix('.py'))
            found |= {base / (alias.name + '.py') for alias in node.names}
    return {str(one.relative_to(_PACKAGE)) for one in found if one.is_file()}


def test_there_are_four_journeys():
    assert set(journeys()) == {'commit', 'push', 'clone', 'bundle'}


@pytest.mark.parametrize('name', ['commit', 'push', 'clone', 'bundle'])
def test_each_step_imports_the_next(name):
    hops = journeys()[name]
    assert 5 < len(hops) <= _MOSTHOPS
    passed: list[str] = []
    for (_back, module, through), following in zip(hops, [*hops[1:], None]):
        assert (_PACKAGE / module).is_file(), '%s is gone' % module
        passed.append(module)
        if through:
            assert _exists(through), '%s is gone' % through
        if following is None or through:
            continue
        back, target, _through = following
        if back:
            assert target in passed, '%s was not passed before' % target
        else:
            assert target in imported(module), '%s does not import %s' % (
                module,
                target,
            )


def _exists(name: str) -> bool:
    """Return whether Mercurial has a function, looking for modules from the left."""
    parts = name.split('.')
    for length in range(len(parts) - 1, 0, -1):
        try:
            found = importlib.import_module('.'.join(parts[:length]))
        except ImportError:
            continue
        for attribute in parts[length:]:
            found = getattr(found, attribute, None)
        return found is not None
    return False
