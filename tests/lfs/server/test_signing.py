"""Tokens: valid for the grant they were made for, and for no other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hgext3rd.hglfs.lfs.server.signing import Bearer, Grant, Signer, parsekeys

KEY, OTHER = b'k' * 32, b'o' * 32
OID = b'ab' * 32
GRANT = Grant('/repo', 'download', OID)
ALICE = Bearer(b'alice', 100)
NOW = 1_000_000
texts = st.text(max_size=20)


def test_a_token_names_its_bearer():
    signer = Signer([KEY])
    token = signer.token(GRANT, ALICE, NOW + 10)
    assert signer.bearer(token, GRANT, NOW) == ALICE
    assert token.isascii()


@pytest.mark.parametrize('bearer', [Bearer(b''), Bearer(b'\xff\n'), Bearer(b'a', 0)])
def test_any_bearer_survives_encoding(bearer):
    signer = Signer([KEY])
    assert signer.bearer(signer.token(GRANT, bearer, NOW), GRANT, NOW) == bearer


@pytest.mark.parametrize(
    'other',
    [
        Grant('/repo2', 'download', OID),
        Grant('/repo', 'upload', OID),
        Grant('/repo', 'download', b'cd' * 32),
        Grant('/repo', 'download', b'*'),
    ],
)
def test_a_token_is_invalid_for_another_grant(other):
    signer = Signer([KEY])
    assert signer.bearer(signer.token(GRANT, ALICE, NOW), other, NOW) is None


def test_a_token_expires():
    signer = Signer([KEY])
    token = signer.token(GRANT, ALICE, NOW)
    assert signer.bearer(token, GRANT, NOW)
    assert signer.bearer(token, GRANT, NOW + 1) is None


def test_keys_are_rotated():
    old = Signer([KEY]).token(GRANT, ALICE, NOW)
    rotated = Signer([OTHER, KEY])
    assert rotated.bearer(old, GRANT, NOW) == ALICE
    new = rotated.token(GRANT, ALICE, NOW)
    assert Signer([OTHER]).bearer(new, GRANT, NOW) == ALICE
    assert Signer([OTHER]).bearer(old, GRANT, NOW) is None


@given(st.integers(0, 200), st.characters(codec='utf-8'))
def test_altered_tokens_are_refused(at, character):
    signer = Signer([KEY])
    token = signer.token(GRANT, ALICE, NOW)
    at %= len(token)
    changed = token[:at] + character + token[at + 1 :]
    assert changed == token or signer.bearer(changed, GRANT, NOW) is None
    assert signer.bearer(token[:at], GRANT, NOW) is None
    assert signer.bearer(token + character, GRANT, NOW) is None


@given(texts, texts, texts, texts)
def test_different_grants_are_encoded_differently(one, other, repository, elsewhere):
    first, second = Grant(repository, one, OID), Grant(elsewhere, other, OID)
    if '\n' not in one + other:
        assert (first == second) == (first.encode() == second.encode())


def test_a_key_file_has_one_key_per_line():
    text = KEY.hex().encode() + b' # new\n\n' + OTHER.hex().encode()
    assert parsekeys(text) == [KEY, OTHER]


@pytest.mark.parametrize('text', [b'', b'# none\n', b'xyz', b'abcd'])
def test_an_invalid_key_is_refused(text):
    with pytest.raises(ValueError, match='key'):
        Signer(parsekeys(text))
