"""Describe versions, settings, rules and endpoints, as needed in a bug report.

Secrets in these values are masked; see ``masked``.
"""

from __future__ import annotations

import fnmatch
import platform
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mercurial import error, pycompat, util
from mercurial import match as matchmod
from mercurial.utils import stringutil

from ..hg import compat, config, endpoint, lfsrepo, remotes, tracking
from ..hg.lfsrepo import LfsRepo
from ..lfs import words
from ..lfs.blob import DOWNLOAD, UPLOAD
from ..metadata import __version__
from . import scan
from .usage import Amount

#: The kind of a route whose blobs a custom transfer agent moves.
AGENT = b'agent'
#: What is between the scheme and the host of a URL; a token may be the user's name.
_USERINFO = re.compile(rb'(?i)(\bhttps?://)[^\s/?#]*@')
#: Settings whose values may be secret in any form.
_SECRET = (b'lfs.customtransfer.*.args',)
#: The largest manifest whose large files are counted at once, in files.
_MOSTFILES = 5000


def masked(text: bytes) -> bytes:
    """Return a value in one line without credentials in URLs."""
    return words.shown(_USERINFO.sub(rb'\1***@', text))


# versions and settings


def facts(repo, lfs: LfsRepo | None) -> dict[bytes, object]:
    """Return versions, folders and the state of the rules, by template keyword.

    ``lfs`` is None outside of a repository; then only the versions have a value.
    """
    rules = Rules(b'', None) if lfs is None else rulesof(repo)
    return {
        b'hglfs': __version__,
        b'mercurial': util.version(),
        b'python': pycompat.sysbytes(platform.python_version()),
        b'platform': pycompat.sysbytes(platform.platform()),
        b'root': b'' if lfs is None else repo.root,
        b'required': lfs is not None and lfsrepo.REQUIREMENT in repo.requirements,
        b'store': b'' if lfs is None else lfs.ownstore.root,
        b'usercache': b'' if lfs is None else lfs.settings.usercache or b'',
        b'rules': rules.count,
        b'rulefile': rules.source,
        b'mistake': rules.mistake,
    }


@dataclass(frozen=True)
class Setting:
    """A setting whose value differs from the default.

    ``source`` is where the value was set, usually file and line. ``known`` is false if
    hg-lfs has no setting of this ``name``, for example because it is misspelled.
    """

    name: bytes
    value: bytes
    source: bytes
    known: bool


def settings(ui) -> Iterator[Setting]:
    """Yield the settings of hg-lfs whose values differ from the defaults.

    These are settings in ``[lfs]``, and those in ``[experimental]`` that start with
    ``lfs.``. Secret values are masked.
    """
    for section, prefix in ((b'lfs', b''), (b'experimental', b'lfs.')):
        for item, given in sorted(ui.configitems(section)):
            if not item.startswith(prefix):
                continue
            value = pycompat.bytestr(given)
            defaults = list(_defaults(section, item))
            if not any(_isdefault(value, default) for default in defaults):
                name = b'%s.%s' % (section, item)
                secret = any(fnmatch.fnmatchcase(name, one) for one in _SECRET)
                shown = b'***' if secret and value else masked(value)
                source = words.shown(ui.configsource(section, item))
                yield Setting(words.shown(name), shown, source, bool(defaults))


def _defaults(section: bytes, item: bytes) -> Iterator[object]:
    """Yield the defaults of a setting; yield nothing if hg-lfs has no such setting."""
    for known, pattern, default in config.ITEMS:
        if known == section and fnmatch.fnmatchcase(item, pattern):
            yield default


def _isdefault(value: bytes, default: object) -> bool:
    if default is list:
        return not value.strip()
    if isinstance(default, bool):
        return stringutil.parsebool(value) is default
    if isinstance(default, int):
        return value.strip() == b'%d' % default
    return value == default


# the repository


@dataclass(frozen=True)
class Rules:
    """The number of rules in ``source``, which is ``.hglfs`` or ``lfs.track``.

    If the rules are invalid, ``count`` is None, and ``mistake`` is the error message.
    Outside of a repository, ``source`` is empty and ``count`` is None.
    """

    source: bytes
    count: int | None
    mistake: bytes = b''


def rulesof(repo) -> Rules:
    """Return where a repository's rules come from, and how many rules there are."""
    source = tracking.FILE if repo.wvfs.lexists(tracking.FILE) else b'lfs.track'
    try:
        return Rules(source, len(tracking.read(repo).rules))
    except error.Error as exc:
        return Rules(source, None, words.shown(stringutil.forcebytestr(exc)))


def checkedout(repo) -> Amount | None:
    """Return number and size of the large files in the working directory's parent.

    Returns None if that changeset has too many files to search all of them.
    """
    lfs = lfsrepo.get_if_required(repo)
    amount = Amount()
    if lfs is None:
        return amount
    parent = repo[b'.']
    if len(parent.manifest()) > _MOSTFILES:
        return None
    for ref in scan.ofmatches(lfs, [(parent, matchmod.always())]):
        amount.add(ref.size)
    return amount


# endpoints


@dataclass(frozen=True)
class Route:
    """The endpoint of one path of ``[paths]``, for downloads or for uploads.

    ``name`` is the name of the path, or a URL that the user gave instead; it is empty
    if there is no path. ``kind`` is the scheme of the endpoint's URL, or another word
    such as ``agent`` for a custom transfer agent. ``setting`` is the name of the
    setting that has the endpoint's URL, or the URL of the repository from which the
    endpoint is derived. ``source`` is where ``setting`` was set, usually file and line.
    """

    name: bytes
    operation: str
    located: endpoint.Located
    kind: bytes
    url: bytes
    setting: bytes
    source: bytes

    @property
    def isderived(self) -> bool:
        """Whether the endpoint is derived from the URL of a repository."""
        return self.located.setting is None and self.kind not in (b'none', AGENT)


def routes(lfs: LfsRepo, wanted: Sequence[bytes]) -> Iterator[Route]:
    """Yield the routes of all paths, or of ``wanted`` names and URLs.

    A path may have several routes for downloads. They are yielded in the order in which
    they are tried.
    """
    paths = lfs.ui.paths
    for name in wanted or sorted(paths, key=_defaultfirst) or [b'']:
        for path in paths.get(name, [None]):
            pulled = path.loc if path is not None else name or None
            pushed = compat.pushlocation(path) if path is not None else pulled
            yield from _routes(lfs, name, DOWNLOAD, pulled)
            yield from _routes(lfs, name, UPLOAD, pushed)


def _defaultfirst(name: bytes) -> tuple[bool, bytes]:
    return not name.startswith(b'default'), name


def _routes(
    lfs: LfsRepo, name: bytes, operation: str, peerurl: bytes | None
) -> Iterator[Route]:
    shown = masked(name)
    agent = remotes.agentfor(lfs, operation)
    if agent is not None:
        setting = b'lfs.standalonetransferagent'
        nowhere = endpoint.Located(endpoint.Endpoint(None))
        url = agent.shown
        yield Route(
            shown, operation, nowhere, AGENT, url, setting, _source(lfs.ui, setting)
        )
        return
    for one in endpoint.located(lfs.repo, operation, peerurl):
        # other repositories are tried after that of the path; they have their own rows
        if name not in (b'', b'default') and one.peerurl not in (b'', peerurl):
            continue
        scheme = one.place.scheme or b'none'
        setting, source = _origin(lfs, name, peerurl, one)
        url = b'null://' if scheme == b'null' else masked(one.place.url)
        kind = words.shown(scheme.lstrip(b'*'))
        yield Route(shown, operation, one, kind, url, setting, source)


def _origin(
    lfs: LfsRepo, name: bytes, peerurl: bytes | None, one: endpoint.Located
) -> tuple[bytes, bytes]:
    """Return the name of the setting that determines an endpoint, and where it was set.

    Both are empty if no setting determines the endpoint.
    """
    setting = one.setting
    if setting is None and not one.peerurl:
        return b'', b''
    if setting is None and one.peerurl == peerurl:
        if name not in lfs.ui.paths:
            return b'', b''
        pushes = b'paths.%s:pushurl' % name
        value = lfs.ui.config(b'paths', pushes.partition(b'.')[2])
        setting = pushes if value == peerurl else b'paths.%s' % name
    elif setting is None and one.peerurl in _locations(lfs.ui, b'default'):
        setting = b'paths.default'
    elif setting is None:
        return b'', words.shown(lfs.state(b'sources'))
    return words.shown(setting), _source(lfs.ui, setting)


def _locations(ui, name: bytes) -> list[bytes]:
    """Return the URLs of a path in ``[paths]``, both with and without ``#branch``."""
    return [loc for one in ui.paths.get(name, []) for loc in (one.loc, one.rawloc)]


def _source(ui, setting: bytes) -> bytes:
    section, _dot, item = setting.partition(b'.')
    return words.shown(ui.configsource(section, item))
