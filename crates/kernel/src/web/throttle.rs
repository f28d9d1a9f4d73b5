//! Too much of something. Requests are counted per process, by tenant, address and class of route; tries at signing
//! in are counted in the database, by account and by address, with a growing delay, because several nodes share them.

use std::{net::IpAddr, num::NonZeroU32, sync::atomic::{AtomicU32, Ordering}};

use axum::{extract::Request, middleware::Next, response::{IntoResponse, Response}};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::{Clock as _, DefaultClock}};
use jiff::SignedDuration;

use super::{Web, ctx::RequestInfo, store};
use crate::{Error, Result, TenantId, Tx, config::LimitsConfig, crypto::hash_token};

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Pages that are read.
    Read,
    /// Forms, files.
    Write,
    /// The API.
    Api,
}

type Key = (TenantId, IpAddr, Class);

/// Counters of this process.
pub(super) struct Limits {
    read: Option<DefaultKeyedRateLimiter<Key>>,
    write: Option<DefaultKeyedRateLimiter<Key>>,
    api: Option<DefaultKeyedRateLimiter<Key>>,
    checks: AtomicU32,
}

/// Every so many requests, the addresses that have been quiet are forgotten.
const SWEEP: u32 = 10_000;

impl Limits {
    /// So many requests a minute and address, in each class; 0 for no limit.
    pub(super) fn new(config: &LimitsConfig) -> Self {
        let limiter = |n| NonZeroU32::new(n).map(|n| RateLimiter::keyed(Quota::per_minute(n)));
        let checks = AtomicU32::new(0);
        Self { read: limiter(config.read), write: limiter(config.write), api: limiter(config.api), checks }
    }

    /// `TooMany` when this address asks too often.
    fn check(&self, tenant: TenantId, address: IpAddr, class: Class) -> Result<()> {
        let limiter = match class {
            Class::Read => &self.read,
            Class::Write => &self.write,
            Class::Api => &self.api,
        };
        // The machine itself: its own probes, or all the world behind a proxy that was not declared.
        let Some(limiter) = limiter.as_ref().filter(|_| !address.is_loopback()) else { return Ok(()) };
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            limiter.retain_recent();
        }
        limiter.check_key(&(tenant, network(address), class)).map_err(|not_until| Error::TooMany {
            retry_after_s: not_until.wait_time_from(DefaultClock::default().now()).as_secs() + 1,
        })
    }
}

/// Layer: refuses an address that asks too often.
pub(super) async fn limit(request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    if let (Some(web), Some(info)) = (extensions.get::<std::sync::Arc<Web>>(), extensions.get::<RequestInfo>()) {
        if let Some(tenant) = &info.tenant {
            if let Err(error) = web.limits.check(tenant.id, info.address, info.class()) {
                return error.into_response();
            }
        }
    }
    next.run(request).await
}

/// One subscriber holds a whole /64 of IPv6: it counts for one.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6((u128::from(v6) >> 64 << 64).into()),
        },
    }
}

/// Whose tries at signing in are counted.
#[derive(Debug, Clone, Copy)]
pub enum Attempt<'a> {
    /// One account, by what is typed to name it.
    Account(&'a str),
    /// One address.
    Address(IpAddr),
}

impl Attempt<'_> {
    fn key(self) -> String {
        match self {
            Self::Account(login) => hash_token(&format!("account:{}", login.trim().to_lowercase())),
            Self::Address(address) => hash_token(&format!("address:{}", network(address))),
        }
    }

    /// Seconds to wait after so many failures in a row.
    fn delay_s(self, failures: i64) -> i64 {
        let free = match self {
            Self::Account(_) => 4,
            Self::Address(_) => 30,
        };
        match failures - free {
            ..=0 => 0,
            beyond => 1_i64.checked_shl(u32::try_from(beyond).unwrap_or(63)).unwrap_or(i64::MAX).clamp(2, 900),
        }
    }
}

/// A quiet day forgets the failures.
const MEMORY: SignedDuration = SignedDuration::from_hours(24);

/// Counts a try before its secret is looked at, so that guesses made at once count too; `TooMany` while one of the
/// keys must wait. The unit must be committed before the secret is looked at, and `succeeded` called if it was right.
pub async fn attempt(tx: &mut Tx, keys: &[Attempt<'_>]) -> Result<()> {
    let now = tx.now();
    for who in keys {
        let key = who.key();
        let before = store::lock_attempts(tx, &key).await?;
        let before = before.filter(|tries| now.duration_since(tries.last_at) < MEMORY);
        if let Some(tries) = before {
            let wait = tries.blocked_until.duration_since(now);
            if wait.is_positive() {
                return Err(Error::TooMany { retry_after_s: wait.as_secs().unsigned_abs() + 1 });
            }
        }
        let failures = before.map_or(0, |tries| tries.failures) + 1;
        let blocked_until = now + SignedDuration::from_secs(who.delay_s(failures));
        store::save_attempts(tx, &key, store::Attempts { failures, last_at: now, blocked_until }).await?;
    }
    Ok(())
}

/// Forgets the failures of these keys: the secret was right.
pub async fn succeeded(tx: &mut Tx, keys: &[Attempt<'_>]) -> Result<()> {
    for who in keys {
        store::delete_attempts(tx, &who.key()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_grows_and_stays_bearable() {
        let account = Attempt::Account("a@exemple.fr");
        let delays: Vec<i64> = (1..=8).map(|n| account.delay_s(n)).collect();
        assert_eq!(delays, [0, 0, 0, 0, 2, 4, 8, 16]);
        assert_eq!((account.delay_s(14), account.delay_s(1_000_000)), (900, 900));
        assert_eq!(Attempt::Address(IpAddr::from([10, 0, 0, 1])).delay_s(30), 0);
    }

    #[test]
    fn an_address_is_stopped_alone_and_a_whole_ipv6_network_counts_for_one() {
        let limits = Limits::new(&LimitsConfig { read: 2, write: 0, api: 0 });
        let tenant = TenantId::from(uuid::Uuid::nil());
        let ask = |address: &str| limits.check(tenant, address.parse().unwrap(), Class::Read);
        assert!(ask("2001:db8::1").is_ok() && ask("2001:db8::2").is_ok());
        assert!(matches!(ask("2001:db8::3"), Err(Error::TooMany { retry_after_s: 1.. })));
        assert!(ask("2001:db8:0:1::1").is_ok());
        assert!((0..99).all(|_| limits.check(tenant, "10.0.0.1".parse().unwrap(), Class::Write).is_ok()));
    }
}
