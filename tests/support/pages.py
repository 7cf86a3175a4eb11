"""The pages of documentation, as ``contrib/checks/docs.py`` reads them."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'contrib' / 'checks'))

import docs  # noqa: E402

__all__ = ['ROOT', 'docs']
