"""Lock and unlock files, and list locks."""

from __future__ import annotations

import contextlib
import itertools
import weakref
from collections.abc import Iterable, Iterator, Sequence

from mercurial import encoding, error, scmutil
from mercurial import match as matchmod
from mercurial.i18n import _
from mercurial.utils import dateutil

from ..hg import lfsrepo, lockserver
from ..hg.abort import translated
from ..lfs import words
from ..lfs.errors import LockRefused
from ..lfs.remote.locks import LockKeeper
from ..lfs.wire.locking import Lock

_DATE = b'%Y-%m-%d %H:%M %1%2'
#: The kinds of patterns that are names of files and folders.
_NAMES = (None, b'path', b'relpath')
#: The locks by path that the server has returned to a command, by the command's ui.
_holders: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def lock(repo, patterns: Sequence[bytes]) -> bool:
    """Lock the tracked files that names or patterns select; warn about failures.

    Returns whether each name and each pattern selected files, and all were locked.
    """
    lfs = lfsrepo.get(repo)
    if lfs is not None and lockserver.isalone(lfs):
        raise error.ConfigError(
            _(b'no other user would see a lock: there is nowhere to push to'),
            hint=_(
                b'set paths.default to the repository that has the locks, or lfs.url'
            ),
        )
    context = repo[None]
    found = list(context.matches(scmutil.match(context, patterns)))
    missing = _without(_named(context, patterns), found)
    for path in missing:
        repo.ui.warn(_(b'%s: not a tracked file\n') % _uipath(repo, path))
    fruitless = _fruitless(context, patterns, found)
    for pattern in fruitless:
        repo.ui.warn(_(b"'%s' matches no file\n") % words.shown(pattern))
    done = not missing and not fruitless
    names = [(path, _text(path)) for path in found]
    if not names:
        return done
    with _keeper(repo) as keeper:
        for path, name in names:
            with _report_refusal(repo, path) as outcome:
                keeper.lock(name)
                repo.ui.status(_(b'locked %s\n') % _uipath(repo, path))
            done = done and outcome.done
    return done


def unlock(repo, patterns: Sequence[bytes], force: bool) -> bool:
    """Remove the locks of files; warn about failures.

    A name selects a file even if another user has locked it; a pattern does so only
    with ``force``. Returns whether each name and each pattern selected a lock, and all
    of these were removed.
    """
    match = scmutil.match(repo[None], patterns)
    named = _named(repo[None], patterns)
    found, done = [], True
    with _keeper(repo) as keeper:
        for held, ours in list(keeper.verify()):
            path = held.path.encode('utf-8')
            if match(path) and (ours or force or path in named):
                found.append(path)
                done = _end(repo, keeper, held.id, path, force) and done
    missing = _without(named, found)
    for path in missing:
        repo.ui.warn(_(b'%s: nothing to unlock\n') % _uipath(repo, path))
    fruitless = _fruitless(repo[None], patterns, found)
    for pattern in fruitless:
        repo.ui.warn(_(b'%s: nothing to unlock\n') % words.shown(pattern))
    return done and not missing and not fruitless


def unlockid(repo, lockid: bytes, force: bool) -> bool:
    """Remove the lock with an id; return whether the server removed it.

    With ``force``, the lock may be that of another user.
    """
    with _keeper(repo) as keeper:
        return _end(repo, keeper, _text(lockid), None, force)


def listed(repo, path: bytes, lockid: bytes) -> Iterator[tuple[Lock, None]]:
    """Yield all locks, or only those with the given path or id.

    ``path`` is relative to the root of the repository. ``path`` and ``lockid`` are
    empty if not given. The second value of each pair is None, because the server does
    not return here whether a lock is the user's own; see ``verified``.
    """
    with _keeper(repo) as keeper:
        for held in keeper.search(_text(path) or None, _text(lockid) or None):
            yield held, None


def matching(repo, pattern: bytes, lockid: bytes) -> Iterator[tuple[Lock, None]] | None:
    """Return the locks of files that match a pattern.

    ``lockid`` selects one of them, unless it is empty. Returns None if the pattern
    matches neither a lock nor a tracked file. Each lock is paired with None, as in
    ``listed``.
    """
    match = scmutil.match(repo[None], [pattern])
    found = [held for path, held in holders(repo).items() if match(path)]
    if not found and not any(True for _path in repo[None].matches(match)):
        return None
    return ((held, None) for held in found if lockid in (b'', _bytes(held.id)))


def ispattern(text: bytes) -> bool:
    """Return whether an argument is a pattern, and not the name of a file."""
    return matchmod.patkind(text) not in _NAMES


def holders(repo) -> dict[bytes, Lock]:
    """Return all locks by path; the server is asked once in each command.

    The locks are cached by ui, because a command server creates a ui for each command.
    """
    known = _holders.get(repo.ui)
    if known is None:
        known = {_bytes(held.path): held for held, _ours in listed(repo, b'', b'')}
        _holders[repo.ui] = known
    return known


def ownerof(held: Lock) -> bytes:
    """Return the owner of a lock for display; ``?`` if the server does not name it."""
    return b'?' if held.owner is None else words.quoted(held.owner)


def verified(repo, mine: bool) -> Iterator[tuple[Lock, bool]]:
    """Yield each lock, and whether it is the user's own.

    With ``mine``, yields only the user's own locks.
    """
    with _keeper(repo) as keeper:
        for held, ours in keeper.verify():
            if ours or not mine:
                yield held, ours


def show(fm, found: Iterator[tuple[Lock, bool | None]], limit: int | None) -> None:
    """Show the first ``limit`` locks with a formatter; all if ``limit`` is None.

    Each lock is paired with whether it is the user's own; None if that is unknown.
    """
    with contextlib.closing(found):  # type: ignore[type-var]
        for held, ours in itertools.islice(found, limit):
            fm.startitem()
            if ours is not None:
                fm.data(ours=ours)
                fm.plain(b'O ' if ours else b'  ')
            owner = None if held.owner is None else words.quoted(held.owner)
            _column(fm, b'path', _shown(held.path), 24)
            _column(fm, b'owner', owner or b'', 12)
            if held.locked is not None:
                date = dateutil.makedate(held.locked)
                fm.write(b'date', b'%s  ', fm.formatdate(date, _DATE))
            fm.write(b'id', b'%s\n', _shown(held.id))


def _column(fm, name: bytes, text: bytes, width: int) -> None:
    """Write a field, and pad it with spaces to ``width`` terminal columns."""
    fm.write(name, b'%s', text)
    fm.plain(b' ' * max(0, width - encoding.colwidth(text)) + b'  ')


def _end(
    repo, keeper: LockKeeper, lockid: str, path: bytes | None, force: bool
) -> bool:
    with _report_refusal(repo, path or lockid.encode('utf-8')) as outcome:
        ended = keeper.unlock(lockid, force).path.encode('utf-8')
        repo.ui.status(_(b'unlocked %s\n') % _uipath(repo, path or ended))
    return outcome.done


class _Outcome:
    done = False


@contextlib.contextmanager
def _report_refusal(repo, path: bytes) -> Iterator[_Outcome]:
    """Warn about ``path`` if the server refuses a request in this context.

    ``done`` of the yielded outcome is true if the request was not refused.
    """
    outcome = _Outcome()
    try:
        yield outcome
        outcome.done = True
    except LockRefused as exc:
        repo.ui.warn(b'%s: %s\n' % (_uipath(repo, path), exc.message))


@contextlib.contextmanager
def _keeper(repo) -> Iterator[LockKeeper]:
    lfs = lfsrepo.get(repo)
    if lfs is None:
        raise error.InputError(_(b'locks are for local repositories'))
    with translated(), contextlib.closing(lockserver.find(lfs)) as keeper:
        yield keeper


def _named(context, patterns: Sequence[bytes]) -> set[bytes]:
    """Return the files and directories among the arguments, without the patterns."""
    names = [text for text in patterns if not ispattern(text)]
    return set(scmutil.match(context, names).files()) if names else set()


def _fruitless(
    context, patterns: Sequence[bytes], found: Iterable[bytes]
) -> list[bytes]:
    """Return the patterns that match none of ``found``, for a warning.

    Arguments that are names of files or directories are left out; see ``_without``.
    """
    return [
        text
        for text in patterns
        if ispattern(text) and not any(map(scmutil.match(context, [text]), found))
    ]


def _without(named: Iterable[bytes], found: Sequence[bytes]) -> list[bytes]:
    """Return the names that are not in ``found``, and are no folder of a path in it.

    ``named`` are the files and directories that the user gave as arguments.
    """
    whole = set(found)
    return [
        name
        for name in sorted(named)
        if name not in whole
        and not any(not name or path.startswith(name + b'/') for path in found)
    ]


def _uipath(repo, path: bytes) -> bytes:
    return words.shown(scmutil.getuipathfn(repo, legacyrelativevalue=True)(path))


def _shown(text: str) -> bytes:
    """Return a lock's path or id as bytes for display, without control characters."""
    return words.shown(_bytes(text))


def _bytes(text: str) -> bytes:
    return text.encode('utf-8', 'replace')


def _text(path: bytes) -> str:
    try:
        return path.decode('utf-8')
    except UnicodeDecodeError as exc:
        raise error.InputError(
            _(b'%s: not a name that can be locked') % path,
            hint=_(b'names have to be UTF-8'),
        ) from exc
