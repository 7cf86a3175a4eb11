"""The pages of documentation, and what ``contrib`` makes and reads them with."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / 'contrib' / 'checks'), str(ROOT / 'contrib')]

import bench.cli  # noqa: E402
import bench.docs  # noqa: E402

import docs  # noqa: E402

__all__ = ['ROOT', 'bench', 'docs']
