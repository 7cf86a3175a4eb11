"""On what machine, and with which versions, something was measured."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path

import environments


def describe(programs: dict[str, Path]) -> dict:
    """Returns what a reader needs to know of the machine: no names, no folders."""
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
        'versions': environments.versions(programs),
    }


def _processor() -> str:
    try:
        lines = Path('/proc/cpuinfo').read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(':')[2].strip() for line in lines if 'model name' in line]
    return (names or [platform.machine()])[0]
