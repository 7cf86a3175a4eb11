"""Regions of clients by their addresses."""

from __future__ import annotations

import pytest

from hgext3rd.hglfs.clonebundles.server import regions

REGIONS = regions.parse(['192.0.2.0/24=eu', '192.0.2.128/25=lab', '2001:db8::/32=us'])


@pytest.mark.parametrize(
    ('address', 'region'),
    [
        ('192.0.2.1', 'eu'),
        ('192.0.2.200', 'lab'),
        ('198.51.100.1', None),
        ('2001:db8::1', 'us'),
        ('::ffff:192.0.2.1', 'eu'),
        ('::1', None),
        ('', None),
        ('nonsense', None),
        (None, None),
    ],
)
def test_the_smallest_network_decides_the_region(address, region):
    assert REGIONS.of(address) == region


@pytest.mark.parametrize(
    'item', ['192.0.2.0/24', '192.0.2.0/24=', '=eu', '192.0.2.1/24=eu']
)
def test_the_error_names_the_invalid_region(item):
    with pytest.raises(ValueError, match=r'\A%s\Z' % item):
        regions.parse([item])


def test_near_destinations_go_first_and_far_ones_last():
    items = ['us1', 'any', 'eu1', 'us2', 'eu2']

    def of(item):
        return None if item == 'any' else item[:2]

    assert regions.nearest(items, 'eu', of) == ['eu1', 'eu2', 'any', 'us1', 'us2']
    assert regions.nearest(items, None, of) == items
