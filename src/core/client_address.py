"""Which address a request comes from, behind proxies that are known and never by what anybody may write."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from starlette.types import Scope

_IPV6_NETWORK_BITS = 64


def client_address(scope: Scope, hops: int) -> str:
    """The caller's address: an IPv4 address, or the /64 of an IPv6 address, which is what one household has.

    `hops`: how many proxies stand before us. Each appends whom it was asked by to X-Forwarded-For, so the caller is so
    many entries from the right; whatever is to the left of it the caller has written. A request with fewer entries did
    not come through all of them, and is of whoever has connected.
    """
    client = scope.get("client")
    peer = client[0] if client else ""
    if hops:
        forwarded = ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for")
        entries = forwarded.rsplit(",", hops)[-hops:] if forwarded else []
        if len(entries) == hops:
            return network_of(entries[0].rpartition(",")[2].strip()[:64]) or network_of(peer) or peer
    return network_of(peer) or peer


@lru_cache(maxsize=4096)
def network_of(address: str) -> str | None:
    """The address, or the network of an IPv6 address, without a port. None for what is no address."""
    host = address
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        parsed = ip_address(host)
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(IPv6Address(int(parsed) >> _IPV6_NETWORK_BITS << _IPV6_NETWORK_BITS))
    return host
