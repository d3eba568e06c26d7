"""Which addresses connector functions may connect to.

A process decides which URL a job calls, so a job must not reach what only the pod may: itself, its node, and the service
that hands out the cloud's credentials. Private ranges are the cluster's own services and stay allowed unless denied.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from connector_sdk import InputError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# What clouds answer credentials on beside 169.254.169.254, which is link-local: AWS on IPv6, Alibaba, Oracle, Azure's agent.
METADATA = tuple(ip_address(text) for text in ("fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16"))
NAT64 = ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class EgressRules:
    """What is denied beside the built-in ranges, and what is allowed nevertheless; an allowed range wins."""

    denied: Sequence[Network] = ()
    allowed: Sequence[Network] = ()

    def refusal(self, address: Address) -> str | None:
        """Why a connection to an address is refused, or None; an address inside an address counts too."""
        return next((reason for form in _forms(address) if (reason := self._reason(form))), None)

    def check(self, host: str, addresses: Sequence[str]) -> None:
        """Raise InputError when one of the addresses of a host is refused: which one is used is not ours to choose."""
        for text in addresses:
            address = ip_address(text.partition("%")[0])
            reason = self.refusal(address)
            if reason is not None:
                shown = f"'{host}'" if host == text else f"'{host}' ({address})"
                msg = f"cannot connect to {shown}: {reason}; to allow it, add its range to spec.egress.allowedRanges"
                raise InputError(msg)

    def _reason(self, address: Address) -> str | None:
        if any(address in network for network in self.allowed):
            return None
        reason = _built_in(address)
        if reason is not None:
            return reason
        network = next((network for network in self.denied if address in network), None)
        return None if network is None else f"the range {network} is denied"


UNRESTRICTED = EgressRules(allowed=(ip_network("0.0.0.0/0"), ip_network("::/0")))
"""For an author's own desk."""


def literal(host: str) -> str | None:
    """The address that a URL's host is, or None when it is a name."""
    try:
        return str(ip_address(host.strip("[]").partition("%")[0]))
    except ValueError:
        return None


def _built_in(address: Address) -> str | None:
    if address.is_loopback:
        return "loopback addresses are denied"
    if address.is_link_local:
        return "link-local addresses are denied, cloud metadata services are among them"
    if address in METADATA:
        return "addresses of cloud metadata services are denied"
    if address.is_unspecified or address.is_multicast or address == IPv4Address("255.255.255.255"):
        return "it is not the address of a host"
    return None


def _forms(address: Address) -> Iterator[Address]:
    """An address, and the IPv4 address that it carries to whoever translates it."""
    yield address
    if isinstance(address, IPv4Address):
        return
    carried = (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))
    yield from (inner for inner in carried if inner is not None)
    if address in NAT64:
        yield IPv4Address(int(address) & 0xFFFFFFFF)
    if int(address) >> 32 == 0 and not address.is_unspecified and not address.is_loopback:
        yield IPv4Address(int(address))  # the deprecated "IPv4-compatible" form
