//! Which addresses may be reached.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A network in CIDR notation, as the configuration names it: `10.0.0.0/8`, `fd00::/8`, or `127.0.0.1/32`.
pub type Network = ipnet::IpNet;

/// What sort of address it is, by the IANA special-purpose registries (RFC 6890 and its updates).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Reachable from the whole Internet.
    Public,
    /// This machine.
    Loopback,
    /// RFC 1918, or a unique local address of IPv6.
    Private,
    /// Carrier-grade NAT, RFC 6598.
    Shared,
    /// Where cloud providers serve credentials to the machine itself.
    Metadata,
    /// The same wire only.
    LinkLocal,
    /// No single receiver.
    Multicast,
    /// `0.0.0.0/8` and `::`.
    Unspecified,
    /// Documentation, benchmarks, tunnels, and what is not assigned.
    Reserved,
}

impl Kind {
    /// What sort of address this is. An IPv4 address inside an IPv6 one (mapped, or NAT64 by RFC 6052) is judged as
    /// the IPv4 address it is.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match embedded(address) {
            IpAddr::V4(v4) => of_v4(v4),
            IpAddr::V6(v6) => of_v6(v6),
        }
    }

    /// Whether the configuration can allow it at all. Nobody runs a webhook receiver on the others, and the metadata
    /// service is the prize of every SSRF.
    fn may_be_allowed(self) -> bool {
        matches!(
            self,
            Self::Public | Self::Loopback | Self::Private | Self::Shared | Self::Reserved
        )
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "a public address",
            Self::Loopback => "this machine itself (loopback)",
            Self::Private => "a private network",
            Self::Shared => "a carrier's shared network (RFC 6598)",
            Self::Metadata => "a cloud metadata service",
            Self::LinkLocal => "a link-local address",
            Self::Multicast => "a multicast address",
            Self::Unspecified => "no address at all",
            Self::Reserved => "a reserved address",
        })
    }
}

/// The policy. By default only public addresses may be reached; the configuration may name networks in addition,
/// because people do run their chat server on `10.0.0.0/8`.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    allow: Vec<Network>,
}

impl Guard {
    /// Public addresses only.
    #[must_use]
    pub fn public_only() -> Self {
        Self::default()
    }

    /// Public addresses and the given networks. A network never opens metadata services, link-local, multicast or
    /// unspecified addresses that happen to lie inside it.
    #[must_use]
    pub fn allowing(networks: impl IntoIterator<Item = Network>) -> Self {
        Self {
            allow: networks.into_iter().collect(),
        }
    }

    /// Whether the address may be reached; otherwise what it is.
    ///
    /// # Errors
    /// The kind of a refused address.
    pub fn check(&self, address: IpAddr) -> Result<(), Kind> {
        let kind = Kind::of(address);
        let address = embedded(address);
        let named = kind.may_be_allowed() && self.allow.iter().any(|n| n.contains(&address));
        if kind == Kind::Public || named {
            Ok(())
        } else {
            Err(kind)
        }
    }
}

/// The IPv4 address that an IPv6 address stands for, if it does.
fn embedded(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    let [head @ .., a, b, c, d] = v6.octets();
    let nat64 = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];
    if v6.to_ipv4_mapped().is_some() || head == nat64 {
        return IpAddr::V4(Ipv4Addr::new(a, b, c, d));
    }
    address
}

fn of_v4(address: Ipv4Addr) -> Kind {
    match address.octets() {
        // AWS, GCP, Azure and most others; Azure's wire server; Alibaba.
        [169, 254, 169, 254] | [168, 63, 129, 16] | [100, 100, 100, 200] => Kind::Metadata,
        [127, ..] => Kind::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Kind::Private,
        [100, 64..=127, ..] => Kind::Shared,
        [169, 254, ..] => Kind::LinkLocal,
        [224..=239, ..] => Kind::Multicast,
        [0, ..] => Kind::Unspecified,
        [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [240..=255, ..] => Kind::Reserved,
        _ => Kind::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> Kind {
    if address.is_unspecified() {
        return Kind::Unspecified;
    }
    if address.is_loopback() {
        return Kind::Loopback;
    }
    match address.segments() {
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] => Kind::Metadata, // AWS over IPv6
        [0xff00..=0xffff, ..] => Kind::Multicast,
        [0xfe80..=0xfebf, ..] => Kind::LinkLocal,
        [0xfc00..=0xfdff, ..] => Kind::Private,
        // Protocol assignments with Teredo and ORCHID (2001::/23), documentation, 6to4: tunnels hide an IPv4 target.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => Kind::Reserved,
        [0x2000..=0x3fff, ..] => Kind::Public,
        _ => Kind::Reserved,
    }
}
