"""How a failed connection is reported: never as a traceback."""

from __future__ import annotations

import pytest
from mercurial import error, util

from hgext3rd.hglfs.actions import checkremote
from hgext3rd.hglfs.lfs.errors import (
    ConnectionFailed,
    EndpointUnusable,
    HttpFailed,
    RemoteError,
)

CHECK = checkremote.Check(b'https://example.com', b'https')


def caused(cause: Exception) -> Exception:
    try:
        raise RemoteError(b'LFS HTTP error: ' + str(cause).encode()) from cause
    except RemoteError as exc:
        return exc


@pytest.mark.parametrize(
    ('exc', 'state'),
    [
        (caused(HttpFailed(401, b'Unauthorized')), b'unauthorized'),
        (caused(HttpFailed(403, b'Forbidden')), b'unauthorized'),
        (caused(HttpFailed(500, b'Oops')), b'failed'),
        (ConnectionFailed(b'refused'), b'unreachable'),
        (EndpointUnusable(b'unknown'), b'failed'),
        (OSError(2, 'no such file'), b'unreachable'),
        (error.RepoError(b'repository x not found'), b'unreachable'),
        (error.Abort(b'http authorization required for x'), b'unauthorized'),
        (error.Abort(b'authorization failed'), b'unauthorized'),
        (error.Abort(b'certificate'), b'failed'),
        (util.urlerr.httperror('u', 403, 'no', {}, None), b'unauthorized'),
        (error.OutOfBandError(), b'unreachable'),
    ],
)
def test_errors_have_states(exc, state):
    found = checkremote._failed(CHECK, exc)
    assert found.state == state
    assert found.message
    assert (b'config.auth' in found.hint) == (state == b'unauthorized')


@pytest.mark.parametrize('raised', [ValueError('bad'), OSError('bad')])
def test_what_a_check_raises_is_its_result(raised):
    class Lfs:
        class ui:
            @staticmethod
            def configsource(section, item):
                return b'hgrc:1'

    def how(lfs, check):
        raise raised

    assert checkremote._checked(Lfs, CHECK, how).message == b'bad'


def test_texts_of_others_are_clean():
    found = checkremote._failed(CHECK, error.RepoError(b'\x1b[31m http://u:p@host/'))
    assert found.message == b'\\x1b[31m http://u:***@host/'
