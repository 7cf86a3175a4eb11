"""The documents: valid, without dead links, in agreement with the code's tables."""

from __future__ import annotations

import collections
import hashlib
import json
import re

import pytest
from mercurial import extensions, wireprotov1server
from support import cmdlines
from support.pages import ROOT, bench, docs

import hgext3rd.hglfs as package
from hgext3rd.hglfs.clonebundles import blobpack
from hgext3rd.hglfs.hg import config
from hgext3rd.hglfs.lfs import pointer
from hgext3rd.hglfs.lfs.server import signing
from hgext3rd.hglfs.lfs.wire import blobstream
from hgext3rd.hglfs.web import routes

_DOCS = ROOT / 'docs'
_MENTIONED = re.compile(r'``((?:lfs|clone-bundles|experimental\.lfs)\.[a-z][\w.-]*)``')
#: Names in the same form that are no settings: files, and modules of the code.
_FILES = re.compile(r'.*\.(?:py|rst|json|txt)\Z')


@pytest.fixture(scope='module')
def defined() -> dict[str, list[str]]:
    """Return the names that the pages define, each with its pages."""
    found = collections.defaultdict(list)
    for page in docs.pages():
        for name in docs.targets(docs.read(page)[0]):
            found[name].append(page.name)
    return found


def test_the_pages_are_valid_and_links_resolve():
    assert docs.check() == []


def test_each_name_is_defined_on_one_page(defined):
    assert {name: on for name, on in defined.items() if len(on) > 1} == {}


def test_the_settings_are_those_of_the_table(defined):
    items = {(b'%s.%s' % item[:2]).decode('ascii') for item in config.ITEMS}
    found = {name for name, on in defined.items() if on == ['settings.rst']}
    assert {name.replace('NAME', '*') for name in found} == items | {'paths.*:lfs.url'}


@pytest.mark.parametrize('page', docs.pages(), ids=lambda page: page.name)
def test_every_setting_named_on_a_page_exists(page):
    items = {(b'%s.%s' % item[:2]).decode('ascii') for item in config.ITEMS}
    named = set(_MENTIONED.findall(page.read_text('utf-8')))
    named = {name.replace('NAME', '*') for name in named if not _FILES.match(name)}
    known = items | {name.rpartition('.')[0] for name in items}
    assert {name.rstrip('.') for name in named} - known == set()


def test_the_commands_are_those_of_the_table(defined):
    found = {name for name, on in defined.items() if on == ['commands.rst']}
    names = {key.decode('ascii').partition('|')[0] for key in package.cmdtable}
    assert found == {'hg ' + name for name in names}


def test_each_commands_options_are_those_of_the_table():
    text = (_DOCS / 'commands.rst').read_text('utf-8')
    described = dict(re.findall(r'^_`hg ([^`]+)`.*\n((?:    .*\n)+)', text, re.M))
    for key, entry in package.cmdtable.items():
        name = key.decode('ascii').partition('|')[0]
        options = {option[1].decode('ascii') for option in entry[1]} - {'template'}
        assert set(re.findall(r'--([a-z-]+)', described[name])) == options, name


@pytest.mark.parametrize('page', docs.pages(), ids=lambda page: page.name)
def test_the_commands_in_examples_exist_with_their_options(page):
    for node in docs.read(page)[0].findall(docs.nodes.literal_block):
        block = '\n'.join('    ' + line for line in node.astext().splitlines())
        for line in cmdlines.inblocks(block):
            cmdlines.check(line)


def test_the_routes_are_those_of_the_server(defined):
    found = {name for name in defined if name.startswith(('.git/', '.hg/lfs/'))}
    for name in found:
        path = name.replace('OID', 'a' * 64).encode('ascii')
        assert routes._route(path) is not None, name
    known = {path.decode('ascii') for path in routes._ROUTES}
    assert {name.replace('/OID', '') for name in found} == known
    assert {on for name in found for on in defined[name]} == {'wire.rst'}


def test_the_wire_commands_are_the_declared_ones(defined, ui):
    ui.setconfig(b'extensions', b'hglfs', b'')
    extensions.loadall(ui, [b'hglfs'])
    known = {name.decode('ascii') for name in wireprotov1server.commands}
    found = {name for name in defined if name.startswith('hglfs_')}
    assert found == {name for name in known if name.startswith('hglfs_')}
    assert {on for name in found for on in defined[name]} == {'wire.rst'}


# examples


def _blocks(name: str) -> list[str]:
    """Return the literal blocks of a page."""
    tree = docs.read(_DOCS / name)[0]
    return [node.astext() + '\n' for node in tree.findall(docs.nodes.literal_block)]


def _item(content: bytes, **other) -> blobstream.Item:
    oid = hashlib.sha256(content).hexdigest().encode('ascii')
    return blobstream.Item(oid, len(content), **other)


_HELLO, _HG = b'hello\n', b'hg\n'


def test_the_example_of_a_list_is_correct():
    text = blobstream.encodelist([_item(_HELLO), _item(_HG)]).decode('ascii')
    assert text in _blocks('wire.rst')


def test_the_example_of_a_blob_stream_is_correct():
    frames = [(_item(_HELLO), [_HELLO]), (_item(_HG, code=404), [])]
    assert b''.join(blobstream.encode(frames)).decode('ascii') in _blocks('wire.rst')


def test_the_example_of_a_pack_is_correct():
    contents = sorted([_HELLO, _HG], key=lambda content: _item(content).oid)
    items = [_item(content) for content in contents]
    index = blobpack.encodeindex(items)
    frames = [(_item(content), [content]) for content in contents]
    pack = index + b''.join(blobstream.encode(frames))
    assert pack.decode('ascii') in _blocks('formats.rst')
    text = (_DOCS / 'formats.rst').read_text('utf-8')
    assert 'has %d bytes, its index %d' % (len(pack), len(index)) in text
    places = tuple(slot.body for slot in blobpack.layout(items, len(pack)))
    assert '``hg\\n`` is at %d, ``hello\\n`` at %d' % places in text
    assert hashlib.sha256(pack).hexdigest() in text


def test_the_example_of_a_token_is_correct():
    text = (_DOCS / 'wire.rst').read_text('utf-8')
    key = re.search(r'key ``([0-9a-f]{64})``', text).group(1)
    token = re.search(r'^    (1\.\w{8}\.1800000000\.\S+)$', text, re.M).group(1)
    signer = signing.Signer([bytes.fromhex(key)])
    grant = signing.Grant('/project', 'download', _item(_HELLO).oid)
    assert signer.bearer(token, grant, 1.0) == signing.Bearer(b'alice', 6)


def test_the_example_of_a_pointer_is_correct():
    for text in _blocks('formats.rst'):
        if text.startswith('version https'):
            assert pointer.decode(text.encode()).encode() == text.encode()
            return
    raise AssertionError('there is none')


# benchmarks


@pytest.fixture
def benchmarks() -> str:
    return bench.docs.PAGE.read_text('utf-8')


def _rewrite(text: str) -> str:
    return bench.docs.rewrite(text, bench.cli.BENCHMARKS)


def test_the_benchmarks_are_those_of_the_result_files(benchmarks):
    assert _rewrite(benchmarks) == benchmarks


def test_a_changed_number_of_a_benchmark_is_restored(benchmarks):
    changed = benchmarks.replace('1.27 s', '0.27 s')
    assert changed != benchmarks
    assert _rewrite(changed) == benchmarks


def test_each_result_file_has_a_table_on_the_page(benchmarks):
    shown = set(re.findall(r'^\.\. bench \w+ (\S+)', benchmarks, re.M))
    assert shown == {path.name for path in bench.docs.results.FOLDER.glob('*.json')}


def test_the_images_of_the_benchmarks_are_those_of_the_result_files(benchmarks):
    drawn = bench.docs.images(benchmarks)
    folder = bench.docs.results.FOLDER
    assert drawn == {
        path.name: path.read_text('utf-8') for path in folder.glob('*.svg')
    }


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('.. end of table\n', 'not a pair of comments'),
        ('.. bench files files-1g.json 1g ours\n', 'not a pair of comments'),
        ('.. bench none files-1g.json\n.. end of table\n', 'no benchmark: none'),
        ('.. bench files files-1g.json 1g nobody\n.. end of table\n', 'no such table'),
        ('.. bench files missing.json 1g\n.. end of table\n', 'missing.json'),
    ],
)
def test_a_wrong_comment_of_a_benchmark_is_refused(text, message):
    with pytest.raises(bench.Failed, match=message):
        _rewrite(text)


_MEASURED = {
    'rounds': 2,
    'date': '2026-11-28',
    'versions': {'hg-lfs': 'abc'},
    'data': [{'name': '1g', 'title': '1 x 1 GiB'}],
    'tools': [{'name': 'ours', 'title': 'hg-lfs, http'}],
    'operations': [{'name': 'upload', 'title': 'upload', 'online': True}],
}
_USAGE = {'wall': 2.0, 'cpu': 1.0, 'memory': 3 << 20, 'servermemory': 4 << 20}
_CLONING = {'server': 5.0, 'nginx': 0.5, 'servermemory': 6 << 20, 'clients': [_USAGE]}
_DOCUMENTS = [
    (
        'transfers 1g upload',
        [{'data': '1g', 'operation': 'upload', 'tool': 'ours', 'rounds': [_USAGE]}],
        'hg-lfs, http  2.00 s  1.00     1.00 s  3 MiB   4 MiB',
    ),
    (
        'clones',
        [{'way': 'none', 'rounds': [_CLONING]}],
        'without bundles  5.00 s  1.00  0.50 s  2.00 s  1.00  2.00 s  1.00  1.00 s'
        '  3 MiB   6 MiB',
    ),
    (
        'server loads',
        [],
        '2 x 5 MB, upload, gunicorn  10 MB/s  0.50  3 MiB  1',
    ),
    ('server batch', [], 'hg-lfs  0.250 s  0.50'),
]
_SENT = {'load': '2 x 5 MB', 'verb': 'put'}
_ROUND = {'rate': 10.0, 'memory': 3 << 20, 'errors': ['refused']}
_SERVER = {
    'loads': [
        {**_SENT, 'who': 'nginx alone', 'rounds': [{**_ROUND, 'rate': 20.0}]},
        {**_SENT, 'who': 'gunicorn', 'rounds': [_ROUND]},
    ],
    'batch': [
        {'who': 'ours', 'rounds': [0.25]},
        {'who': 'stock', 'rounds': [0.5]},
    ],
}


@pytest.mark.parametrize(('wanted', 'cells', 'row'), _DOCUMENTS)
def test_a_table_can_be_made_of_results_of(wanted, cells, row, tmp_path, monkeypatch):
    name, *which = wanted.split()
    document = {**_MEASURED, **_SERVER, 'cells': cells}
    document.update(title='clones', published=[1])
    monkeypatch.setattr(bench.docs.results, 'FOLDER', tmp_path)
    (tmp_path / 'new.json').write_text(json.dumps(document))
    comment = '.. bench %s new.json %s\n' % (name, ' '.join(which))
    text = _rewrite(comment.replace(' \n', '\n') + '.. end of table\n')
    assert ' '.join(row.split()) in [
        ' '.join(line.split()) for line in text.splitlines()
    ]
    assert '``new.json``: 2 rounds, 2026-11-28, hg-lfs abc.' in text
