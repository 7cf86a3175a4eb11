"""Permissions: every user, in every repository, on every route, with any token."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass, replace

import pytest
from mercurial import hg
from mercurial.hgweb import hgwebdir_mod
from support.blobs import oidof
from support.web import Web, configured

from hgext3rd.hglfs.lfs.wire import blobstream

CONTENT = b'what only some may see\n' * 10
OID = oidof(CONTENT).decode('ascii')
FRESH = b'what is not there yet\n' * 10
NEW = oidof(FRESH).decode('ascii')
PULL, PUSH, LOCK = 'pull', 'push', 'lock'
USERS = ['', 'reader', 'writer', 'stranger', 'banned']


@dataclass(frozen=True)
class Repo:
    """A repository's permissions, as hgweb's settings and as sets of users."""

    settings: str
    readers: frozenset[str]
    writers: frozenset[str]
    served: bool = True

    def allows(self, user: str, right: str) -> bool:
        if not self.served:
            return False
        if right == LOCK and not user:
            return False
        return user in (self.readers if right == PULL else self.writers)


def people(*names: str) -> frozenset[str]:
    return frozenset(names)


REPOS = {
    'public': Repo('allow-push = writer', people(*USERS), people('writer')),
    'private': Repo(
        'allow_read = reader writer\nallow-push = writer',
        people('reader', 'writer'),
        people('writer'),
    ),
    'readonly': Repo('allow_read = reader', people('reader'), people()),
    'denied': Repo(
        'deny_read = banned\ndeny_push = banned\nallow-push = *',
        people('reader', 'writer', 'stranger'),
        people('reader', 'writer', 'stranger'),
    ),  # hgweb has no anonymous users where some are denied
    'unserved': Repo(
        'allow-push = *\n[experimental]\nlfs.serve = no', people(), people(), False
    ),
}


@pytest.fixture(scope='module', params=[False, True], ids=['plain', 'signed'])
def webs(request, tmp_path_factory):
    folder = str(tmp_path_factory.mktemp('matrix')).encode()
    signed = b'yes' if request.param else b'no'
    item = b'lfs', b'signed-actions', signed
    ui = configured(folder, item, pushers=None)
    for name, repo in REPOS.items():
        path = folder + b'/many/' + name.encode()
        hg.repository(ui, path, create=True)
        with open(path + b'/.hg/hgrc', 'w', encoding='ascii') as hgrc:
            hgrc.write('[web]\n%s\n' % repo.settings)
    app = hgwebdir_mod.hgwebdir({b'/': folder + b'/many/*'}, ui)
    found = {name: Web(app, '/' + name) for name in REPOS}
    for name in REPOS:
        # each has a blob of its own, which the repository's store holds
        store = folder + b'/many/' + name.encode() + b'/.hg/store/lfs/objects/'
        _store(store, CONTENT)
    return found, _tokens(found) if request.param else []


@dataclass(frozen=True)
class Token:
    """A token, and what it is valid for."""

    text: str
    repository: str
    operation: str
    oid: str
    user: str


def _tokens(webs) -> list[Token]:
    """Return the tokens of all granted batch requests."""
    made = []
    kinds = itertools.product(REPOS, ('download', 'upload'), USERS)
    for name, operation, user in kinds:
        status, _headers, body = batch(webs[name], operation, user)
        if not status.startswith('200 '):
            continue
        reply = json.loads(body)
        actions = [('*', reply['packs'])]
        for item in reply['objects']:
            actions += [(item['oid'], one) for one in item.get('actions', {}).values()]
        for oid, action in actions:
            text = action['header']['Hglfs-Token']
            made.append(Token(text, name, operation, oid, user))
    return made


def _store(folder: bytes, content: bytes) -> None:
    from hgext3rd.hglfs.lfs.store.disk import DiskStore

    DiskStore(folder).ingest([content])


def batch(web, operation, user):
    asked = {**ask(operation), 'transfers': ['hglfs-packs', 'basic']}
    asked['objects'].append({'oid': NEW, 'size': len(FRESH)})
    return web.batch(asked, REMOTE_USER=user)


def packed(*contents: bytes) -> bytes:
    items = [blobstream.Item(oidof(c), len(c)) for c in contents]
    return blobstream.encodelist(items)


def lock(web, path, body, **environ):
    return web.ask('POST', '/.git/info/lfs/locks' + path, body, **environ)


#: Each route: the permission that it needs, whether a token admits, and its request.
ROUTES = {
    'batch download': (PULL, False, lambda web, **e: web.batch(ask('download'), **e)),
    'batch upload': (PUSH, False, lambda web, **e: web.batch(ask('upload'), **e)),
    'get': (PULL, True, lambda web, **e: web.get(OID, **e)),
    'head': (PULL, True, lambda web, **e: web.ask('HEAD', object_(OID), **e)),
    'put': (PUSH, True, lambda web, **e: web.put(NEW, FRESH, **e)),
    'patch': (
        PUSH,
        True,
        lambda web, **e: web.ask(
            'PATCH',
            object_(NEW),
            FRESH,
            HTTP_TUS_RESUMABLE='1.0.0',
            HTTP_UPLOAD_OFFSET='0',
            **e,
        ),
    ),
    'tus head': (
        PUSH,
        True,
        lambda web, **e: web.ask('HEAD', object_(NEW), HTTP_TUS_RESUMABLE='1.0.0', **e),
    ),
    'packs download': (PULL, True, lambda web, **e: web.packs('download', LIST, **e)),
    'packs upload': (PUSH, True, lambda web, **e: web.packs('upload', b'end\n', **e)),
    'verify': (
        PUSH,
        True,
        lambda web, **e: web.ask('POST', '/.hg/lfs/verify', REF, **e),
    ),
    'locks': (PULL, False, lambda web, **e: web.ask('GET', LOCKS, **e)),
    'locks verify': (PUSH, False, lambda web, **e: lock(web, '/verify', b'{}', **e)),
    'lock': (LOCK, False, lambda web, **e: lock(web, '', b'{"path": "a"}', **e)),
    'unlock': (LOCK, False, lambda web, **e: lock(web, '/x/unlock', b'{}', **e)),
}
LOCKS = '/.git/info/lfs/locks'
LIST = packed(CONTENT)
REF = json.dumps({'oid': OID, 'size': len(CONTENT)}).encode()
#: The operation and oid that a token needs, by the route; ``*`` is any object.
KINDS = {
    'get': ('download', OID),
    'head': ('download', OID),
    'put': ('upload', NEW),
    'patch': ('upload', NEW),
    'tus head': ('upload', NEW),
    'packs download': ('download', '*'),
    'packs upload': ('upload', '*'),
    'verify': ('upload', '*'),
}


def ask(operation):
    return {'operation': operation, 'objects': [{'oid': OID, 'size': len(CONTENT)}]}


def object_(oid):
    return '/.hg/lfs/objects/' + oid


def refused(status: str) -> bool:
    # the last are hgweb's own, where hg-lfs is not served: of 6.3 the second
    own = ('400 method not found', '400 no such method')
    return status.startswith(('401 ', '403 ', '404 ', '405 ', *own))


@pytest.mark.parametrize('route', ROUTES)
def test_every_user_in_every_repository(webs, route):
    found, signed = webs
    right, bytoken, call = ROUTES[route]
    for (name, repo), user in itertools.product(REPOS.items(), USERS):
        status, _headers, body = call(found[name], REMOTE_USER=user)
        what = (route, name, user, status)
        if repo.allows(user, right) and not (signed and bytoken and not user):
            # an unlock names a lock that does not exist
            assert not refused(status) or (route == 'unlock' and status[:3] == '404'), (
                what
            )
        else:
            assert refused(status), what
            assert CONTENT not in body


@pytest.fixture
def tokens(webs):
    if not webs[1]:
        pytest.skip('there are tokens where actions are signed')
    assert len(webs[1]) > 20
    return webs[1]


@pytest.mark.parametrize('route', KINDS)
def test_a_token_admits_to_its_own_purpose_only(webs, tokens, route):
    found, _signed = webs
    operation, oid = KINDS[route]
    call = ROUTES[route][2]
    tried = 0
    for token, (name, _repo) in itertools.product(tokens, REPOS.items()):
        status, _headers, body = call(found[name], HTTP_HGLFS_TOKEN=token.text)
        right = (token.repository, token.operation) == (name, operation)
        if right and token.oid == oid:
            assert not refused(status), (route, name, token, status)
        else:
            assert refused(status), (route, name, token, status)
            assert CONTENT not in body
        tried += 1
    assert tried == len(tokens) * len(REPOS)


def forgeries(token: Token):
    head, _dot, mac = token.text.rpartition('.')
    version, key, expires, size, user = head.split('.')
    later = str(int(expires) + 9999)
    yield '.'.join([version, key, later, size, user, mac])
    yield '.'.join([version, key, expires, '7', user, mac])
    yield '.'.join([version, key, expires, size, 'd3JpdGVy', mac])  # writer
    yield '.'.join([version, key, expires, size, '', mac])
    yield '.'.join([version, '0' * 8, expires, size, user, mac])
    yield '.'.join([version, key, expires, size, user, 'A' * 43])
    yield '.'.join([version, key, expires, size, user, mac[:-1]])
    yield '.'.join([version, key, expires, size, user])
    yield token.text + 'A'
    yield ' ' + token.text
    yield token.text + '\n'
    yield ''.join(reversed(token.text))
    yield '\0' + token.text
    yield token.text.swapcase()


@pytest.mark.parametrize('route', KINDS)
def test_a_forged_token_is_refused(webs, tokens, route):
    found, _signed = webs
    operation, oid = KINDS[route]
    call = ROUTES[route][2]
    forged = {
        text
        for token in tokens
        if (token.operation, token.oid) == (operation, oid)
        and token.repository == 'private'
        for text in forgeries(token)
        if text not in {one.text for one in tokens}
    }
    assert len(forged) >= 13
    for text in forged:
        status, _headers, body = call(found['private'], HTTP_HGLFS_TOKEN=text)
        assert refused(status), (route, text, status)
        assert CONTENT not in body


@pytest.mark.parametrize('route', KINDS)
def test_an_expired_token_is_refused(webs, tokens, route, monkeypatch):
    found, _signed = webs
    operation, oid = KINDS[route]
    call = ROUTES[route][2]
    now = time.time()
    monkeypatch.setattr(time, 'time', lambda: now + 3600)
    for token in tokens:
        if (token.operation, token.oid) == (operation, oid):
            web = found[token.repository]
            assert refused(call(web, HTTP_HGLFS_TOKEN=token.text)[0])


@pytest.mark.parametrize('route', KINDS)
def test_a_token_of_another_user_is_refused(webs, tokens, route):
    found, _signed = webs
    operation, oid = KINDS[route]
    call = ROUTES[route][2]
    for token, user in itertools.product(tokens, USERS[1:]):
        mine = (token.operation, token.oid) == (operation, oid)
        if mine and token.user != user:
            environ = {'HTTP_HGLFS_TOKEN': token.text, 'REMOTE_USER': user}
            assert refused(call(found[token.repository], **environ)[0])


def test_every_right_and_route_is_covered():
    assert replace(REPOS['public'], served=False).allows('reader', PULL) is False
    assert set(KINDS) == {name for name, route in ROUTES.items() if route[1]}
