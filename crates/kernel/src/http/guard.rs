//! Which addresses may be called: public ones by https, and those that the settings declare internal.
//! The check is made on the address that will be connected to, so a name cannot change its mind in between.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use axum::http::Uri;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The hosts that the settings declare internal.
#[derive(Clone)]
pub(super) struct Guard(Arc<Vec<String>>);

/// A name that only has addresses of our own network, or of none.
#[derive(Debug, thiserror::Error)]
#[error("{0} n’est pas une adresse publique ; déclarez-la dans internal_hosts si elle est à vous")]
pub(super) struct NotPublic(pub(super) String);

impl Guard {
    pub(super) fn new(internal: &[String]) -> Self {
        Self(Arc::new(internal.iter().map(|host| host.to_lowercase()).collect()))
    }

    /// What can be told without resolving the name.
    pub(super) fn check(&self, uri: &Uri) -> Result<(), String> {
        let host = uri.host().map(|host| host.trim_matches(['[', ']']).to_lowercase()).unwrap_or_default();
        let internal = self.is_internal(&host, uri.port_u16());
        let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
        match uri.scheme_str() {
            _ if host.is_empty() => Err("elle n’est pas valable".into()),
            _ if has_user => Err("elle contient un nom d’utilisateur".into()),
            Some("https") => self.check_literal(&host, internal),
            Some("http") if internal => Ok(()),
            Some("http") => Err("une adresse publique s’appelle en https".into()),
            _ => Err("elle ne commence pas par https".into()),
        }
    }

    fn check_literal(&self, host: &str, internal: bool) -> Result<(), String> {
        match host.parse::<IpAddr>() {
            Ok(address) if !internal && !is_public(address) => Err(NotPublic(host.into()).to_string()),
            _ => Ok(()),
        }
    }

    /// The addresses of a name that may be connected to, for this port.
    pub(super) async fn addresses(&self, host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
        let host = host.to_lowercase();
        let internal = self.is_internal(&host, Some(port));
        let found = tokio::net::lookup_host((host.as_str(), port)).await?;
        Ok(found.filter(|at| internal || is_public(at.ip())).collect())
    }

    /// Declared as `host` or `host:port`.
    fn is_internal(&self, host: &str, port: Option<u16>) -> bool {
        let with_port = port.map(|port| format!("{host}:{port}"));
        self.0.iter().any(|declared| declared == host || Some(declared) == with_port.as_ref())
    }

    fn is_internal_name(&self, host: &str) -> bool {
        self.0.iter().any(|declared| declared.split(':').next() == Some(host))
    }
}

/// Resolves names for the client, and gives it the addresses that may be called.
pub(super) struct Resolver(pub(super) Guard);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0.clone();
        Box::pin(async move {
            let host = name.as_str().to_lowercase();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let internal = guard.is_internal_name(&host);
            let allowed: Vec<SocketAddr> = found.into_iter().filter(|at| internal || is_public(at.ip())).collect();
            if allowed.is_empty() {
                return Err(Box::new(NotPublic(host)) as Box<dyn std::error::Error + Send + Sync>);
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the open internet.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let reserved = matches!(
        (a, b, c),
        (0, _, _) | (100, 64..=127, _) | (192, 0, 0) | (192, 88, 99) | (198, 18..=19, _) | (240..=255, _, _)
    );
    !(reserved
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        // Addresses that carry one of version 4: mapped, translated, 6to4.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x2002, high, low, ..] => embedded(high, low),
        // Teredo, documentation, benchmarks.
        [0x2001, 0, ..] | [0x2001, 0xdb8, ..] | [0x2001, 2, ..] => false,
        // Only 2000::/3 is given to the open internet.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}
