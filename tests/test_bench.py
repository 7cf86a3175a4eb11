"""The benchmarks: what they install."""

from __future__ import annotations

import re

from support.pages import ROOT, bench


def test_the_copy_that_is_installed_has_all_files_of_the_package():
    text = (ROOT / 'pyproject.toml').read_text('utf-8')
    section = text.partition('[tool.setuptools.data-files]')[2].partition('\n[')[0]
    named = re.findall(r'"([^"]+)"\]', section)
    assert named
    for name in named:
        assert name.startswith(tuple(each + '/' for each in bench.tools.PACKAGE))
