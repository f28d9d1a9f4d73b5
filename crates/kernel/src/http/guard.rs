//! Which addresses may be called: public ones by https, and those that the settings declare internal.
//! The check is made on the address that will be connected to, so a name cannot change its mind in between.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use axum::http::Uri;
use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

/// The hosts that the settings declare internal.
#[derive(Clone)]
pub(super) struct Guard(Arc<Vec<Declared>>);

/// One of them, on all its ports or on one.
struct Declared {
    host: String,
    port: Option<u16>,
}

/// A name that only has addresses of our own network, or of none.
#[derive(Debug, thiserror::Error)]
#[error("{0} n’est pas une adresse publique ; déclarez-la dans internal_hosts si elle est à vous")]
pub(super) struct NotPublic(pub(super) String);

impl Declared {
    /// Reads `host`, `host:port`, `::1` or `[::1]:port`.
    fn read(text: &str) -> Self {
        let text = text.trim();
        if text.parse::<Ipv6Addr>().is_ok() {
            return Self { host: plain(text), port: None };
        }
        let with_port = text.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
        match with_port {
            Some((host, port)) => Self { host: plain(host), port: Some(port) },
            None => Self { host: plain(text), port: None },
        }
    }
}

/// A host in its one spelling: lower case, an address in its usual form, without brackets or a last dot.
fn plain(host: &str) -> String {
    let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_lowercase();
    host.parse::<IpAddr>().map_or(host, |address| address.to_string())
}

impl Guard {
    pub(super) fn new(internal: &[String]) -> Self {
        Self(Arc::new(internal.iter().map(|host| Declared::read(host)).collect()))
    }

    /// What can be told without resolving the name, from the address as the client reads it: `https://2130706434/` is
    /// `127.0.0.2` to it, and so it is here.
    pub(super) fn check(&self, uri: &Uri) -> Result<(), String> {
        let url = Url::parse(&uri.to_string()).map_err(|_| "elle n’est pas valable".to_owned())?;
        let host = url.host_str().map(plain).unwrap_or_default();
        let internal = self.is_internal(&host, url.port_or_known_default());
        match url.scheme() {
            _ if host.is_empty() => Err("elle n’est pas valable".into()),
            _ if !url.username().is_empty() || url.password().is_some() => Err("elle contient un nom d’utilisateur".into()),
            "https" | "http" if internal => Ok(()),
            "https" if self.is_internal_name(&host) => Err(format!("{host} n’est déclaré interne que sur un autre port")),
            "https" => check_literal(&host),
            "http" => Err("une adresse publique s’appelle en https".into()),
            _ => Err("elle ne commence pas par https".into()),
        }
    }

    /// The addresses of a name that may be connected to, for this port.
    pub(super) async fn addresses(&self, host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
        let host = plain(host);
        let internal = self.is_internal(&host, Some(port));
        let found = tokio::net::lookup_host((host.as_str(), port)).await?;
        Ok(found.filter(|at| internal || is_public(at.ip())).collect())
    }

    fn is_internal(&self, host: &str, port: Option<u16>) -> bool {
        self.0.iter().any(|declared| declared.host == host && (declared.port.is_none() || declared.port == port))
    }

    /// Declared on some port: `check` has let through no other.
    fn is_internal_name(&self, host: &str) -> bool {
        self.0.iter().any(|declared| declared.host == host)
    }
}

fn check_literal(host: &str) -> Result<(), String> {
    match host.parse::<IpAddr>() {
        Ok(address) if !is_public(address) => Err(NotPublic(host.into()).to_string()),
        _ => Ok(()),
    }
}

/// Resolves names for the client, and gives it the addresses that may be called.
pub(super) struct Resolver(pub(super) Guard);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0.clone();
        Box::pin(async move {
            let host = plain(name.as_str());
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
    let reserved = matches!((a, b, c), (0, _, _) | (100, 64..=127, _) | (192, 0, 0) | (192, 88, 99) | (198, 18..=19, _) | (240..=255, _, _));
    !(reserved || address.is_private() || address.is_loopback() || address.is_link_local() || address.is_multicast() || address.is_documentation())
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
