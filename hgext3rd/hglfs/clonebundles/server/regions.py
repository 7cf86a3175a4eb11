"""Determine the region of a client by its address, and sort by region."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar, Union

_Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]
_Item = TypeVar('_Item')


@dataclass(frozen=True)
class Regions:
    """The configured regions: networks, each with the name of its region."""

    networks: tuple[tuple[_Network, str], ...] = ()

    def of(self, address: str | None) -> str | None:
        """Return the name of the region of an IP address; None if it has no region.

        If several networks contain the address, the smallest network determines the
        region.
        """
        try:
            where = ipaddress.ip_address(address or '')
        except ValueError:
            return None
        mapped = getattr(where, 'ipv4_mapped', None)
        where = mapped or where
        found = [
            (network.prefixlen, name)
            for network, name in self.networks
            if network.version == where.version and where in network
        ]
        return max(found)[1] if found else None


def parse(items: Iterable[str]) -> Regions:
    """Parse ``NETWORK=NAME`` items; raise ValueError with the invalid item."""
    networks = []
    for item in items:
        network, equals, name = item.partition('=')
        if not equals or not name:
            raise ValueError(item)
        try:
            networks.append((ipaddress.ip_network(network.strip()), name.strip()))
        except ValueError as exc:
            raise ValueError(item) from exc
    return Regions(tuple(networks))


def nearest(
    items: list[_Item], region: str | None, regionof: Callable[[_Item], str | None]
) -> list[_Item]:
    """Sort items for a client: its own region, then no region, then other regions.

    ``region`` is that of the client. If it is None, the order does not change.
    """
    if region is None:
        return items

    def distance(item: _Item) -> int:
        there = regionof(item)
        return 0 if there == region else 1 if there is None else 2

    return sorted(items, key=distance)
