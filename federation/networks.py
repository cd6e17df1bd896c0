"""Which network addresses another server may have: our own list, since Python's is not a guard.

`ipaddress.is_global` calls multicast, 6to4, IPv4-compatible, site-local and other ranges global.
Here IPv6 is forbidden except for what is given out as unicast, and both lists follow the IANA
Special-Purpose Address Registries.
"""

import ipaddress
from typing import Final, TypeAlias

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_FORBIDDEN_V4: Final = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_UNICAST_V6: Final = ipaddress.IPv6Network("2000::/3")
_FORBIDDEN_V6: Final = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo, ORCHID, benchmarking and the rest of the protocol assignments
        "2001:db8::/32",
        "2002::/16",  # 6to4: leads to any IPv4 address
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")

PRIVATE: Final[tuple[Network, ...]] = (
    ipaddress.IPv4Network("10.0.0.0/8"),
    ipaddress.IPv4Network("100.64.0.0/10"),
    ipaddress.IPv4Network("172.16.0.0/12"),
    ipaddress.IPv4Network("192.168.0.0/16"),
    ipaddress.IPv6Network("fd00::/8"),
)
"""What an admin may open for peers (RFC 1918, 6598, 4193). Link-local is not among it: in clouds
it leads to the machine's own keys."""


def private_network(text: str) -> Network:
    """A network within PRIVATE as an admin names it; ValueError for all else."""
    network = ipaddress.ip_network(text)
    for known in PRIVATE:
        if isinstance(network, ipaddress.IPv4Network) and isinstance(known, ipaddress.IPv4Network):
            if network.subnet_of(known):
                return network
        if isinstance(network, ipaddress.IPv6Network) and isinstance(known, ipaddress.IPv6Network):
            if network.subnet_of(known):
                return network
    raise ValueError("not private")


def is_within(text: str, networks: tuple[Network, ...]) -> bool:
    """Whether a literal address lies in one of the networks; False for what is no address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        return False
    return any(address in network for network in networks)


def is_public(text: str) -> bool:
    """Whether a literal address is one of the public internet; False for what is no address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _FORBIDDEN_V4)
    if address.scope_id is not None:
        return False
    if address in _NAT64:
        # A host without IPv4 reaches the rest of the internet through this prefix.
        return is_public(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
    return address in _UNICAST_V6 and not any(address in network for network in _FORBIDDEN_V6)


def is_loopback(text: str) -> bool:
    """Whether a literal address is 127.0.0.1 or ::1 as development and tests use them."""
    return text in ("127.0.0.1", "::1")
