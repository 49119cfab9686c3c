//! The address guard: what a name may resolve to.
//!
//! A manifest, a name server or a redirect must not turn the reader against the inside of the
//! network. Every protocol resolves names here, and an address is judged by what it is, not by
//! how it is written. One refused address refuses the name: a name server that mixes a public
//! and a private address is not to be picked from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What sort of address it is, as far as the guard tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Routed on the public internet.
    Public,
    /// This machine.
    Loopback,
    /// Private, unique-local, link-local or carrier-grade NAT: the inside of some network.
    Private,
    /// Hands out a cloud machine's own credentials.
    Metadata,
    /// No host at all: unspecified, multicast, broadcast, documentation, reserved.
    NoHost,
}

impl Sort {
    const fn words(self) -> &'static str {
        match self {
            Self::Public => "a public address",
            Self::Loopback => "a loopback address",
            Self::Private => "a private address",
            Self::Metadata => "a cloud metadata address",
            Self::NoHost => "not the address of a host",
        }
    }
}

/// Which addresses may be contacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Public ones.
    Public,
    /// Loopback and private ones too (`allow_private`). Never metadata addresses: no system of
    /// record lives there, and what does is worth stealing.
    Private,
    /// Loopback only, for connections without encryption.
    LoopbackOnly,
}

/// No address to connect to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// The guard refused.
    #[error("{host} is at {address}, {sort}. {next}", sort = sort.words())]
    Refused {
        /// The name as configured.
        host: String,
        /// What it resolved to.
        address: IpAddr,
        /// What sort of address that is.
        sort: Sort,
        /// What to do.
        next: &'static str,
    },
    /// The name has no address.
    #[error(
        "the name {host} could not be resolved ({cause}). Check its spelling and that this \
         machine's name server knows it"
    )]
    Unknown {
        /// The name.
        host: String,
        /// What the resolver said.
        cause: String,
    },
}

impl Guard {
    /// Judges one address of `host`.
    ///
    /// # Errors
    /// When it may not be contacted.
    pub fn check(self, host: &str, address: IpAddr) -> Result<(), NetError> {
        let sort = sort(address);
        let allowed = match self {
            Self::Public => sort == Sort::Public,
            Self::Private => matches!(sort, Sort::Public | Sort::Private | Sort::Loopback),
            Self::LoopbackOnly => sort == Sort::Loopback,
        };
        if allowed {
            return Ok(());
        }
        let next = match (self, sort) {
            (_, Sort::Metadata | Sort::NoHost) => "It is never contacted; correct the URL",
            (Self::LoopbackOnly, _) => {
                "Without encryption only loopback is spoken to; use TLS for this system"
            }
            _ => {
                "If this system really is inside your network, say `allow_private: true` for it; \
                 otherwise correct its URL"
            }
        };
        Err(NetError::Refused { host: host.to_owned(), address, sort, next })
    }

    /// The addresses of `host`, all of them allowed.
    ///
    /// # Errors
    /// When the name has none, or one that may not be contacted.
    pub async fn resolve(self, host: &str, port: u16) -> Result<Vec<SocketAddr>, NetError> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<IpAddr>() {
            self.check(host, address)?;
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let unknown = |cause: String| NetError::Unknown { host: host.to_owned(), cause };
        let found: Vec<SocketAddr> =
            tokio::net::lookup_host((host, port)).await.map_err(|e| unknown(e.to_string()))?.collect();
        for address in &found {
            self.check(host, address.ip())?;
        }
        if found.is_empty() { Err(unknown("no address".to_owned())) } else { Ok(found) }
    }
}

/// The guard as reqwest's resolver. Literal addresses never reach a resolver; they are checked
/// when a connection is prepared.
impl reqwest::dns::Resolve for Guard {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let guard = *self;
        Box::pin(async move {
            // Port 0 is replaced by the URL's own.
            let found = Self::resolve(guard, name.as_str(), 0).await?;
            Ok(Box::new(found.into_iter()) as reqwest::dns::Addrs)
        })
    }
}

/// What sort of address this is, whatever form it is written in.
#[must_use]
pub fn sort(address: IpAddr) -> Sort {
    match address {
        IpAddr::V4(v4) => sort_v4(v4),
        IpAddr::V6(v6) => sort_v6(v6),
    }
}

fn sort_v4(address: Ipv4Addr) -> Sort {
    // The registries of special addresses: RFC 6890 and its successors.
    match address.octets() {
        // AWS, Azure, GCP and most others; Alibaba's lies in carrier-grade NAT space.
        [169, 254, 169, 254] | [169, 254, 170, 2] | [100, 100, 100, 200] => Sort::Metadata,
        [127, ..] => Sort::Loopback,
        [10, ..] | [192, 168, ..] | [169, 254, ..] => Sort::Private,
        [172, b, ..] if (16..=31).contains(&b) => Sort::Private,
        [100, b, ..] if (64..=127).contains(&b) => Sort::Private,
        // Benchmarking networks are private in practice.
        [198, 18 | 19, ..] => Sort::Private,
        [0, ..] | [192, 0, 0 | 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Sort::NoHost,
        [a, ..] if a >= 224 => Sort::NoHost,
        _ => Sort::Public,
    }
}

fn sort_v6(address: Ipv6Addr) -> Sort {
    if let Some(inner) = embedded_v4(address) {
        return sort_v4(inner);
    }
    if address.is_loopback() {
        return Sort::Loopback;
    }
    let segments = address.segments();
    match segments {
        // AWS's metadata service over IPv6.
        [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254] => Sort::Metadata,
        [first, ..] if first & 0xfe00 == 0xfc00 => Sort::Private,
        // Link-local, and the site-local form it replaced.
        [first, ..] if first & 0xff80 == 0xfe80 => Sort::Private,
        [0x2001, 0x0db8 | 0, ..] | [0x3fff, ..] => Sort::NoHost,
        // Only 2000::/3 is routed.
        [first, ..] if first & 0xe000 == 0x2000 => Sort::Public,
        _ => Sort::NoHost,
    }
}

/// The IPv4 address that an IPv6 address leads to: mapped (`::ffff:a.b.c.d`), compatible
/// (`::a.b.c.d`), NAT64 (`64:ff9b::/96`, `64:ff9b:1::/48`) and 6to4 (`2002::/16`).
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let octets = address.octets();
    let at =
        |place: usize| Ipv4Addr::new(octets[place], octets[place + 1], octets[place + 2], octets[place + 3]);
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] | [0x64, 0xff9b, 1, ..] => Some(at(12)),
        // `::` and `::1` are addresses of their own.
        [0, 0, 0, 0, 0, 0, high, _] if high != 0 => Some(at(12)),
        [0x2002, ..] => Some(at(2)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Guard, NetError, Sort, sort};

    /// Each way to write an inside address is an inside address; a hole here lets a name server
    /// read the cloud's own credentials through us.
    #[test]
    fn addresses_are_told_apart_in_every_form() {
        let table = [
            ("8.8.8.8", Sort::Public),
            ("172.15.0.1", Sort::Public),
            ("172.32.0.1", Sort::Public),
            ("100.63.0.1", Sort::Public),
            ("100.128.0.1", Sort::Public),
            ("223.255.255.1", Sort::Public),
            ("2606:4700::1111", Sort::Public),
            ("127.0.0.1", Sort::Loopback),
            ("127.255.0.9", Sort::Loopback),
            ("::1", Sort::Loopback),
            ("::ffff:127.0.0.1", Sort::Loopback),
            ("64:ff9b::7f00:1", Sort::Loopback),
            ("2002:7f00:1::", Sort::Loopback),
            ("10.0.0.1", Sort::Private),
            ("172.16.0.1", Sort::Private),
            ("172.31.255.255", Sort::Private),
            ("192.168.1.1", Sort::Private),
            ("169.254.1.1", Sort::Private),
            ("100.64.0.1", Sort::Private),
            ("100.127.255.255", Sort::Private),
            ("198.18.0.1", Sort::Private),
            ("::ffff:10.0.0.1", Sort::Private),
            ("::10.0.0.1", Sort::Private),
            ("fc00::1", Sort::Private),
            ("fdff::1", Sort::Private),
            ("fe80::1", Sort::Private),
            ("fec0::1", Sort::Private),
            ("169.254.169.254", Sort::Metadata),
            ("::ffff:169.254.169.254", Sort::Metadata),
            ("64:ff9b::a9fe:a9fe", Sort::Metadata),
            ("2002:a9fe:a9fe::1", Sort::Metadata),
            ("fd00:ec2::254", Sort::Metadata),
            ("100.100.100.200", Sort::Metadata),
            ("0.0.0.0", Sort::NoHost),
            ("::", Sort::NoHost),
            ("224.0.0.1", Sort::NoHost),
            ("255.255.255.255", Sort::NoHost),
            ("240.0.0.1", Sort::NoHost),
            ("192.0.2.1", Sort::NoHost),
            ("ff02::1", Sort::NoHost),
            ("2001:db8::1", Sort::NoHost),
            ("2001::1", Sort::NoHost),
            ("4000::1", Sort::NoHost),
        ];
        for (text, want) in table {
            assert_eq!(sort(text.parse().expect("an address")), want, "{text}");
        }
    }

    /// `allow_private` opens the inside, and nothing opens the metadata service.
    #[test]
    fn what_each_guard_lets_through() {
        let table = [
            (Guard::Public, "8.8.8.8", true),
            (Guard::Public, "127.0.0.1", false),
            (Guard::Public, "10.0.0.1", false),
            (Guard::Public, "169.254.169.254", false),
            (Guard::Private, "8.8.8.8", true),
            (Guard::Private, "127.0.0.1", true),
            (Guard::Private, "10.0.0.1", true),
            (Guard::Private, "169.254.169.254", false),
            (Guard::Private, "0.0.0.0", false),
            (Guard::LoopbackOnly, "127.0.0.1", true),
            (Guard::LoopbackOnly, "10.0.0.1", false),
            (Guard::LoopbackOnly, "8.8.8.8", false),
        ];
        for (guard, text, want) in table {
            let got = guard.check("h", text.parse().expect("an address"));
            assert_eq!(got.is_ok(), want, "{guard:?} {text}");
        }
    }

    /// A name is judged by what it resolves to, and the message says what to write where.
    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused() {
        let refused = Guard::Public.resolve("localhost", 80).await.expect_err("loopback");
        assert!(matches!(refused, NetError::Refused { sort: Sort::Loopback, .. }), "{refused}");
        assert!(refused.to_string().contains("allow_private: true"), "{refused}");
        assert!(Guard::Private.resolve("localhost", 80).await.is_ok());
        let unknown = Guard::Public.resolve("no-such-name.invalid", 80).await.expect_err("unknown");
        assert!(matches!(unknown, NetError::Unknown { .. }), "{unknown}");
    }
}
