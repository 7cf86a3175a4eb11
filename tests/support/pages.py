"""The pages of documentation and the completions, with what generates them."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / 'contrib' / 'checks'), str(ROOT / 'contrib')]

import bench.cli  # noqa: E402
import bench.docs  # noqa: E402
import bench.tools  # noqa: E402
import completion  # noqa: E402

import docs  # noqa: E402

__all__ = ['ROOT', 'bench', 'completion', 'docs']
