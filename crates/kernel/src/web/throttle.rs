//! Too much of something. Requests are counted per process, by tenant, address and class of route. Tries at signing in,
//! mails that anybody may cause and what visitors may begin are counted in the database, because several nodes share
//! them.

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
};

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};
use jiff::SignedDuration;

use super::{
    Web,
    ctx::{Ctx, RequestInfo},
    store,
};
use crate::{Error, Problem, Result, TenantId, Tx, config::LimitsConfig, crypto::hash_token};

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
        limiter
            .check_key(&(tenant, network(address), class))
            .map_err(|not_until| Error::TooMany { retry_after_s: not_until.wait_time_from(DefaultClock::default().now()).as_secs() + 1 })
    }
}

/// Layer: refuses an address that asks too often.
pub(super) async fn limit(request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    if let (Some(web), Some(info)) = (extensions.get::<std::sync::Arc<Web>>(), extensions.get::<RequestInfo>())
        && let Some(tenant) = &info.tenant
        && let Err(error) = web.limits.check(tenant.id, info.address, info.class())
    {
        return error.into_response();
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

/// Which door is tried: each counts apart, so that nobody is shut out of one by what was tried at another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Passwords and codes of agents.
    Agents,
    /// Passwords of usagers.
    Usagers,
}

impl Door {
    fn name(self) -> &'static str {
        match self {
            Self::Agents => "agents",
            Self::Usagers => "usagers",
        }
    }
}

/// Tries at one account from one browser. The account has a growing delay; a browser that signed in to it before has a
/// delay of its own, so that strangers who fail shut out nobody but themselves. The address has a bucket that empties
/// with time, and never a lock: a whole town hall may stand behind it.
#[derive(Debug, Clone)]
pub struct Tries {
    door: Door,
    login: String,
    device: Option<String>,
    address: IpAddr,
}

impl Tries {
    /// At the account that this login names.
    pub fn at(cx: &Ctx, door: Door, login: &str) -> Self {
        let login = login.trim().to_lowercase();
        let device = cx.device(&Self::device_of(door, &login));
        Self { door, login, device, address: cx.address() }
    }

    /// What a mark of device is about.
    fn device_of(door: Door, login: &str) -> String {
        format!("{}:{login}", door.name())
    }

    /// Counts a try before its secret is looked at, so that guesses made at once count too; `TooMany` while one must
    /// wait. The unit must be committed before the secret is looked at, and `succeeded` called if it was right.
    pub async fn count(&self, tx: &mut Tx) -> Result<()> {
        lock(tx, &self.key()).await?;
        match self.bucket().take(tx).await? {
            Some(retry_after_s) => Err(Error::TooMany { retry_after_s }),
            None => Ok(()),
        }
    }

    /// The secret was right: forgets the failures of the account, gives this try back to the address, and knows the
    /// browser again.
    pub async fn succeeded(&self, cx: &Ctx, tx: &mut Tx) -> Result<()> {
        store::delete_attempts(tx, &self.key()).await?;
        self.bucket().give_back(tx).await?;
        cx.know_device(tx, &Self::device_of(self.door, &self.login));
        Ok(())
    }

    fn key(&self) -> String {
        let device = self.device.as_deref().unwrap_or_default();
        hash_token(&format!("account:{}:{}:{device}", self.door.name(), self.login))
    }

    fn bucket(&self) -> Bucket {
        let name = match self.door {
            Door::Agents => "tries-agents",
            Door::Usagers => "tries-usagers",
        };
        Bucket::of_address(name, self.address, 30, SignedDuration::from_mins(10))
    }
}

/// Seconds to wait after so many failures in a row at one account.
fn delay_s(failures: i64) -> i64 {
    match failures - 4 {
        ..=0 => 0,
        beyond => 1_i64.checked_shl(u32::try_from(beyond).unwrap_or(63)).unwrap_or(i64::MAX).clamp(2, 900),
    }
}

/// A quiet day forgets the failures.
const MEMORY: SignedDuration = SignedDuration::from_hours(24);

async fn lock(tx: &mut Tx, key: &str) -> Result<()> {
    let now = tx.now();
    let before = store::lock_attempts(tx, key).await?.filter(|tries| now.duration_since(tries.last_at) < MEMORY);
    if let Some(tries) = before {
        let wait = tries.blocked_until.duration_since(now);
        if wait.is_positive() {
            return Err(Error::TooMany { retry_after_s: wait.as_secs().unsigned_abs() + 1 });
        }
    }
    let failures = before.map_or(0, |tries| tries.failures) + 1;
    let blocked_until = now + SignedDuration::from_secs(delay_s(failures));
    store::save_attempts(tx, key, store::Attempts { failures, last_at: now, blocked_until }).await
}

/// So many of something in so long, counted in the database: it fills by one each time and empties evenly, so that
/// whoever waits has room again, and nobody is shut out for having been shut out.
#[derive(Debug, Clone)]
pub struct Bucket {
    key: String,
    room: i32,
    each: SignedDuration,
}

impl Bucket {
    /// `room` in `time`, of what is named so, for whom.
    pub fn new(name: &str, whose: &str, room: u32, time: SignedDuration) -> Self {
        let room = i32::try_from(room).unwrap_or(i32::MAX).max(1);
        Self { key: hash_token(&format!("bucket:{name}:{whose}")), room, each: time / room }
    }

    /// The same for an address; a whole network of version 6 counts for one.
    pub fn of_address(name: &str, address: IpAddr, room: u32, time: SignedDuration) -> Self {
        Self::new(name, &network(address).to_string(), room, time)
    }

    /// Takes one; seconds to wait when there is no room.
    pub async fn take(&self, tx: &mut Tx) -> Result<Option<u64>> {
        Self::take_all(tx, std::slice::from_ref(self)).await
    }

    /// Takes one of each, or none of any.
    pub async fn take_all(tx: &mut Tx, buckets: &[Self]) -> Result<Option<u64>> {
        let now = tx.now();
        let mut filled = Vec::with_capacity(buckets.len());
        for bucket in buckets {
            let before = store::lock_attempts(tx, &bucket.key).await?;
            let full_until = before.map_or(now, |before| before.blocked_until.max(now)) + bucket.each;
            let over = full_until.duration_since(now) - bucket.each * bucket.room;
            if over.is_positive() {
                return Ok(Some(over.as_secs().unsigned_abs() + 1));
            }
            filled.push((&bucket.key, store::Attempts { failures: 0, last_at: now, blocked_until: full_until }));
        }
        for (key, attempts) in filled {
            store::save_attempts(tx, key, attempts).await?;
        }
        Ok(None)
    }

    async fn give_back(&self, tx: &mut Tx) -> Result<()> {
        let Some(before) = store::lock_attempts(tx, &self.key).await? else { return Ok(()) };
        let blocked_until = before.blocked_until - self.each;
        store::save_attempts(tx, &self.key, store::Attempts { blocked_until, ..before }).await
    }
}

/// A mail that anybody may cause: so many a day to one address, to whom nothing else can be done, and from one client;
/// `also` counts with them. False when one is full: the caller says what it always says, and no mail leaves. A browser
/// that its owner used before is counted apart from strangers.
pub async fn may_mail(cx: &Ctx, tx: &mut Tx, recipient: &str, also: Option<Bucket>) -> Result<bool> {
    let recipient = recipient.trim().to_lowercase();
    let device = cx.device(&Tries::device_of(Door::Usagers, &recipient)).unwrap_or_default();
    let mut buckets =
        vec![Bucket::new("mail-to", &format!("{recipient}:{device}"), MAILS_TO, DAY), Bucket::of_address("mail-from", cx.address(), MAILS_FROM, DAY)];
    buckets.extend(also);
    let is_full = Bucket::take_all(tx, &buckets).await?.is_some();
    if is_full {
        tracing::warn!(request = cx.request_id(), "no mail left: too many were asked for today");
    }
    Ok(!is_full)
}

/// So many a day of what visitors of one address may do; none for 0. `Quota` in a sentence when there is no room.
pub async fn quota(cx: &Ctx, tx: &mut Tx, name: &str, room: u32, sentence: &str) -> Result<()> {
    if room == 0 || cx.session.is_signed_in() {
        return Ok(());
    }
    match Bucket::of_address(name, cx.address(), room, DAY).take(tx).await? {
        None => Ok(()),
        Some(_) => Err(Error::Quota(Problem { code: "quota", sentence: sentence.to_owned() })),
    }
}

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Mails a day that strangers may cause to one address.
const MAILS_TO: u32 = 8;
/// Mails a day that one client may cause: a public place has one address for everybody in it.
const MAILS_FROM: u32 = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_grows_and_stays_bearable() {
        let delays: Vec<i64> = (1..=8).map(delay_s).collect();
        assert_eq!(delays, [0, 0, 0, 0, 2, 4, 8, 16]);
        assert_eq!((delay_s(14), delay_s(1_000_000)), (900, 900));
    }

    #[test]
    fn an_address_is_stopped_alone_and_a_whole_ipv6_network_counts_for_one() {
        let limits = Limits::new(&LimitsConfig { read: 2, write: 0, api: 0, drafts: 0, files: 0 });
        let tenant = TenantId::from(uuid::Uuid::nil());
        let ask = |address: &str| limits.check(tenant, address.parse().unwrap(), Class::Read);
        assert!(ask("2001:db8::1").is_ok() && ask("2001:db8::2").is_ok());
        assert!(matches!(ask("2001:db8::3"), Err(Error::TooMany { retry_after_s: 1.. })));
        assert!(ask("2001:db8:0:1::1").is_ok());
        assert!((0..99).all(|_| limits.check(tenant, "10.0.0.1".parse().unwrap(), Class::Write).is_ok()));
    }
}
