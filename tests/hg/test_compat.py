"""Callbacks for when Mercurial's demand loading gets to a module."""

from __future__ import annotations

from support.processes import python

_PRELUDE = """
import sys
from hgdemandimport import enable
enable()
import importlib.util
from hgext3rd.hglfs.hg import compat
called = []
def islazy(name):
    return isinstance(sys.modules[name], importlib.util._LazyModule)
"""


def test_an_unused_module_is_never_loaded():
    python(
        _PRELUDE
        + """
compat.whenloaded('mercurial.verify', lambda: called.append('verify'))
assert islazy('mercurial.verify')
assert called == []
"""
    )


def test_the_first_use_loads_the_module_and_calls_back_once():
    python(
        _PRELUDE
        + """
def callback():
    from mercurial import verify
    called.append(verify.verify.__name__)
compat.whenloaded('mercurial.verify', callback)
from mercurial import verify
assert called == []
verify.verify
verify.verifier
assert called == ['verify'], called
assert not islazy('mercurial.verify')
assert type(verify.__spec__.loader).__module__ != 'hgext3rd.hglfs.hg.compat'
"""
    )


def test_no_module_is_pending_after_all_are_loaded():
    python(
        _PRELUDE
        + """
compat.whenloaded('mercurial.verify', lambda: called.append('verify'))
from mercurial import archival, verify
compat.loadall()
assert called == ['verify']
assert [name for name in list(sys.modules) if islazy(name)] == []
from mercurial import treediscovery
assert not islazy('mercurial.treediscovery')
"""
    )


def test_a_server_does_not_start_without_a_wrap():
    python(
        _PRELUDE
        + """
def fail():
    raise ImportError('the wrap')
compat.whenloaded('mercurial.verify', fail)
try:
    compat.loadall()
except ImportError as exc:
    assert str(exc) == 'the wrap'
else:
    raise AssertionError('no error')
"""
    )


def test_broken_modules_of_others_are_left_out(tmp_path):
    (tmp_path / 'brokenmodule.py').write_text('raise ImportError')
    python(
        _PRELUDE
        + """
sys.path.insert(0, %r)
import brokenmodule
assert islazy('brokenmodule')
compat.loadall()
"""
        % str(tmp_path)
    )


def test_several_callbacks_may_wait_for_one_module():
    python(
        _PRELUDE
        + """
for number in range(3):
    compat.whenloaded('mercurial.verify', lambda n=number: called.append(n))
from mercurial import verify
verify.verify
assert sorted(called) == [0, 1, 2], called
"""
    )


def test_the_callback_for_a_loaded_module_is_called_at_once():
    python(
        _PRELUDE
        + """
from mercurial import verify
verify.verify
compat.whenloaded('mercurial.verify', lambda: called.append(1))
assert called == [1]
"""
    )


def test_without_demand_loading_the_callback_is_called_at_once():
    python(
        """
from hgext3rd.hglfs.hg import compat
called = []
compat.whenloaded('mercurial.verify', lambda: called.append(1))
assert called == [1]
"""
    )


def test_the_first_module_that_exists_is_chosen():
    python(
        """
from hgext3rd.hglfs.hg.compat import firstmodule
old, new, none = ('mercurial.util', 'a'), ('mercurial.hg', 'b'), ('mercurial.no', 'c')
assert firstmodule((old, new)) == old
assert firstmodule((none, new)) == new
assert firstmodule((('no.such.package', 'd'), none)) == none
"""
    )
