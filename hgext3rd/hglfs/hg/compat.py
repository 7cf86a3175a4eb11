"""Handle differences between versions of Mercurial, so that other modules need not."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
import types
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO

# hg <= 7.1: moved by 7.2 out of localrepo, and renamed
VFSOPTIONS = (
    ('mercurial.repo.vfs_options', 'resolve_revlog_store_vfs_options'),
    ('mercurial.localrepo', 'resolverevlogstorevfsoptions'),
)

# hg <= 7.1: moved by 7.2 out of merge
MERGEPREFETCH = (
    ('mercurial.merge_utils.update', '_prefetchfiles'),
    ('mercurial.merge', '_prefetchfiles'),
)

# hg <= 7.1: moved by 7.2 out of merge, and renamed
APPLYUPDATES = (
    ('mercurial.merge_utils.update', 'apply_updates'),
    ('mercurial.merge', 'applyupdates'),
)

# hg <= 7.1: moved by 7.2 out of hg
FACTORY = (
    ('mercurial.repo.factory', 'repository'),
    ('mercurial.hg', 'repository'),
)

# hg <= 7.1: moved by 7.2 out of bundlecaches
ALTERBUNDLEURL = (
    ('mercurial.exchanges.bundle_cache', 'alter_bundle_url'),
    ('mercurial.bundlecaches', 'alter_bundle_url'),
)

# hg <= 7.1: 7.2 uses the inner classes, and kept these as wrappers of them
HGWEB = (
    ('mercurial.hgweb.hgweb_mod_inner', 'hgweb'),
    ('mercurial.hgweb.hgweb_mod', 'hgweb'),
)
HGWEBDIR = (
    ('mercurial.hgweb.hgwebdir_mod_inner', 'hgwebdir'),
    ('mercurial.hgweb.hgwebdir_mod', 'hgwebdir'),
)


def firstmodule(places: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """Return the first (module, name) whose module exists in this Mercurial.

    ``places`` are the places of the same function or class in different versions.
    """
    for module, name in places[:-1]:
        if _exists(module):
            return module, name
    return places[-1]


def _exists(module: str) -> bool:
    if module in sys.modules:
        return True
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # its package is missing
        return False


def whenloaded(module: str, callback: Callable[[], None]) -> None:
    """Call ``callback`` as soon as a module of Mercurial has been loaded.

    If the module is loaded already, ``callback`` is called at once. Otherwise it is
    called when Mercurial loads the module on demand, so that a command which does not
    use the module spends no time on its wraps.
    """
    # an import would access attributes of a lazy module, and so load it
    found = sys.modules.get(module) or importlib.import_module(module)
    attributes = object.__getattribute__(found, '__dict__')
    spec = attributes['__spec__']
    if _ispending(found):
        spec.loader = _NotifyingLoader(spec.loader, callback)
    else:
        callback()


def loadnow(*modules: str) -> None:
    """Load modules of this extension now, with the modules of it that these import.

    Mercurial loads modules on demand, which is not safe in threads. So this function is
    called before threads start. The names are relative to the extension's package, such
    as ``lfs.store.cached``.
    """
    package = __name__.rpartition('.hg.')[0]
    pending = ['%s.%s' % (package, module) for module in modules]
    done = set()
    while pending:
        name = pending.pop()
        done.add(name)
        module = importlib.import_module(name)
        pending += {
            value.__name__
            for value in list(vars(module).values())
            if isinstance(value, types.ModuleType)
            and object.__getattribute__(value, '__name__').startswith(package + '.')
        } - done


def loadall() -> None:
    """Load all modules whose loading is pending, and end loading on demand.

    A server calls this before its threads start: while one thread loads a module on
    demand, others may see it without its attributes (CPython's issue 114763). Imports
    that come later are safe, since Python locks a module while it is imported.

    Raises what the loading of a module of Mercurial or of this extension raises: a
    server without some of its wraps would not check what it has to. Modules of others
    that fail, such as those of another platform, are left out.
    """
    import hgdemandimport

    needed = ('mercurial.', __name__.rpartition('.hg.')[0] + '.')
    while pending := list(filter(_ispending, list(sys.modules.values()))):
        for module in pending:
            name: str = object.__getattribute__(module, '__name__')
            try:
                vars(module)
            except Exception:
                if name.startswith(needed):
                    raise
    hgdemandimport.disable()


def _ispending(module: types.ModuleType) -> bool:
    """Return whether a module is loaded by the next access to its attributes."""
    return isinstance(module, importlib.util._LazyModule)  # type: ignore[attr-defined]


class _NotifyingLoader:
    """A loader that calls ``callback`` after loading the module by its real loader."""

    def __init__(self, loader: object, callback: Callable[[], None]) -> None:
        self._loader = loader
        self._callback = callback

    def __getattr__(self, name: str) -> object:
        return getattr(self._loader, name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Execute the module with its real loader, then run the callback."""
        object.__getattribute__(module, '__dict__')['__spec__'].loader = self._loader
        self._loader.exec_module(module)  # type: ignore[attr-defined]
        self._callback()


def openrepository(ui, url: bytes):
    """Open a repository on this machine."""
    return importlib.import_module(firstmodule(FACTORY)[0]).repository(ui, url)


def openpeer(ui, url: bytes):
    """Connect to a peer."""
    return importlib.import_module(firstmodule(FACTORY)[0]).peer(ui, {}, url)


def peerurl(peer) -> bytes:
    """Return the URL of a peer, with its credentials."""
    # hg <= 6.3: has no path; its URLs contain no password
    path = getattr(peer, 'path', None)
    return getattr(path, 'loc', None) or peer.url()


def supported(place: object, *wrappers: Callable) -> list[Callable]:
    """Return those wrappers for which ``place`` has a function of the same name.

    ``place`` is a class or module of Mercurial. This is for functions that only some
    versions of Mercurial have.
    """
    # hg <= 7.0: has no filelog.has_meta
    # hg 6.3: has no logcmdutil.get_diff_chunks
    return [wrapper for wrapper in wrappers if hasattr(place, wrapper.__name__)]


def evolve(value, **changes):
    """Return a copy of an attrs instance with some attributes changed."""
    # no import statement: mypy would take Mercurial for a typed package
    attr = importlib.import_module('mercurial.thirdparty.attr')
    return attr.evolve(value, **changes)


def forgetflag(revlog, flag: int) -> None:
    """Remove a flag's processor from a revlog, so that it can be registered again.

    This does nothing for a revlog that has no processors yet.
    """
    getattr(revlog, '_flagprocessors', {}).pop(flag, None)


def keepinworkingcopy(requirement: bytes) -> None:
    """Declare that a requirement is about the working copy only.

    Mercurial then does not pass it on to shares, clones and stream clones.
    """
    from mercurial import requirements

    requirements.WORKING_DIR_REQUIREMENTS.add(requirement)
    # hg <= 6.3: has no such list: streams state what they name themselves
    ignored: set = getattr(requirements, 'STREAM_IGNORABLE_REQUIREMENTS', set())
    ignored.add(requirement)


def changingfiles(repo):
    """Return a context that allows changes to the status of files in the dirstate."""
    # hg <= 6.3: has none
    change = getattr(repo.dirstate, 'changing_files', None)
    return change(repo) if change is not None else contextlib.nullcontext()


def filelogs(repo) -> Iterator[bytes]:
    """Yield the path of each filelog in the store, even if no manifest refers to it."""
    entries = getattr(repo.store, 'data_entries', None)
    if entries is not None:
        yield from (entry.target_id for entry in entries() if entry.is_filelog)
        return
    # hg <= 6.4: files instead of entries
    for found in repo.store.datafiles():
        if found[1].startswith(b'data/') and found[1].endswith(b'.i'):
            yield found[1][len(b'data/') : -len(b'.i')]


def sendsbundles() -> bool:
    """Return whether Mercurial can send clone bundles inline."""
    from mercurial import wireprotov1server

    # hg <= 6.5: cannot
    return b'get_cached_bundle_inline' in wireprotov1server.commands


def answershead(handler: type) -> bool:
    """Return whether the web server in :hg:`serve` supports HEAD requests."""
    return hasattr(handler, 'do_HEAD')  # hg 6.3: does not


def runbackground(line: list[bytes], environ: dict, text: bytes, log: BinaryIO) -> None:
    """Start a background process with ``text`` as its standard input.

    ``line`` is the command with its arguments. Its output is appended to ``log``.
    """
    import subprocess
    import tempfile
    import threading

    from mercurial import pycompat, util
    from mercurial.utils import procutil

    major = util.versiontuple(n=2)[0]
    if pycompat.iswindows or (major or 7) >= 7:
        procutil.runbgcommand(line, environ, stdout=log, stderr=log, stdin_bytes=text)
        return
    # hg <= 6.9: runs it by a shell in the background, without standard input
    with tempfile.TemporaryFile() as source:
        source.write(text)
        source.seek(0)
        process = subprocess.Popen(
            line,
            env=environ,
            stdin=source,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    threading.Thread(target=process.wait, daemon=True).start()


def loadkeywords(ui, name: bytes, keywords: object) -> None:
    """Register the template keywords of an extension.

    ``name`` is the name of the extension, ``keywords`` its
    ``registrar.templatekeyword``.
    """
    try:
        from mercurial import tables

        load = tables.load_template_keywords
    except (ImportError, AttributeError):
        # hg <= 7.1: moved by 7.2 to tables
        from mercurial import templatekw

        load = templatekw.loadkeyword
    load(ui, name, keywords)


def loadrevsets(ui, name: bytes, predicates: object) -> None:
    """Register the revset predicates of an extension.

    ``name`` is the name of the extension, ``predicates`` its
    ``registrar.revsetpredicate``.
    """
    try:
        from mercurial import tables

        load = tables.load_revset_predicates
    except (ImportError, AttributeError):
        # hg <= 7.1: moved by 7.2 to tables
        from mercurial import revset

        load = revset.loadpredicate
    load(ui, name, predicates)


def mergeaction() -> object:
    """Return the merge action of a file whose content has to be merged."""
    try:
        from mercurial.merge_utils import ACTION_MERGE

        return ACTION_MERGE
    except ImportError:
        # hg <= 7.1: moved by 7.2 out of mergestate
        from mercurial import mergestate

        return mergestate.ACTION_MERGE


def pushurl(repo, dest: bytes | None = None) -> bytes | None:
    """Return the URL that a push to ``dest`` goes to; None if none is configured.

    Without ``dest``, this is the URL of a push for which the user gives no destination.
    Of a path with several URLs, the first is returned.
    """
    from mercurial import error
    from mercurial.utils import urlutil

    try:
        path = next(urlutil.get_push_paths(repo, repo.ui, [dest] if dest else []))
    except error.ConfigError:
        return None
    return pushlocation(path)


def pushlocation(path) -> bytes:
    """Return the URL that a push to a configured path goes to."""
    # hg <= 6.3: has no variants of paths, but the other URL as pushloc
    variant = getattr(path, 'get_push_variant', lambda: path)()
    return getattr(variant, 'pushloc', None) or variant.loc


def alterbundleurl() -> Callable:
    """Return the function that extensions wrap to alter advertised bundle URLs."""
    module = importlib.import_module(firstmodule(ALTERBUNDLEURL)[0])
    # hg <= 6.5: has none
    return getattr(module, 'alter_bundle_url', lambda repo, url: url)
