//! The second factor by time (RFC 6238): six digits, thirty seconds, one step of tolerance, a code serves once.

use std::fmt::Write as _;

use anyhow::Context as _;
use jiff::Timestamp;
use kernel::Result;

/// Seconds of a step.
const STEP: i64 = 30;

/// A new secret of 160 bits, in base32, for the agent's telephone.
pub fn secret(bytes: [u8; 20]) -> String {
    totp_rs::Secret::from(bytes.to_vec()).to_base32()
}

/// What the sealed secret of an agent is bound to: it opens for nobody else.
pub fn context(agent: kernel::AgentId) -> String {
    format!("totp:{agent}")
}

/// The step that a code proves, later than the last accepted one; `None` when the code is wrong or served already.
pub fn check(secret: &str, code: &str, now: Timestamp, last_step: i64) -> Result<Option<i64>> {
    let totp = generator(secret)?;
    let step = now.as_second() / STEP;
    let matches = |candidate: &i64| {
        let at = u64::try_from(candidate * STEP).unwrap_or(0);
        kernel::crypto::constant_time_eq(totp.generate(at).to_string().as_bytes(), code.trim().as_bytes())
    };
    Ok([step, step - 1, step + 1].into_iter().filter(|s| *s > last_step).find(|s| matches(s)))
}

/// The code of an instant: for tests and the demonstration's scripts.
pub fn code(secret: &str, now: Timestamp) -> Result<String> {
    Ok(generator(secret)?.generate(u64::try_from(now.as_second()).unwrap_or(0)).to_string())
}

/// What the telephone scans: `otpauth://totp/…`.
pub fn address(secret: &str, issuer: &str, login: &str) -> String {
    let quote = |text: &str| {
        text.bytes()
            .map(|b| if b.is_ascii_alphanumeric() || b"-._~".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect::<String>()
    };
    format!("otpauth://totp/{}:{}?secret={secret}&issuer={}", quote(issuer), quote(login), quote(issuer))
}

/// What a telephone scans, as an SVG whose colours are its own: dark on light, whatever the theme.
pub fn qr(address: &str) -> Result<String> {
    let code = fast_qr::QRBuilder::new(address).build().ok().context("an address short enough for a square")?;
    let mut path = String::new();
    for y in 0..code.size {
        for x in 0..code.size {
            if code[y][x].value() {
                // Writing to a text cannot fail.
                let _ = write!(path, "M{} {}h1v1h-1z", x + 4, y + 4);
            }
        }
    }
    let side = code.size + 8;
    Ok(format!(
        "<svg viewBox=\"0 0 {side} {side}\" width=\"220\" height=\"220\" role=\"img\" aria-label=\"Code à scanner avec le téléphone\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

fn generator(secret: &str) -> Result<totp_rs::Totp> {
    let secret = totp_rs::Secret::try_from_base32(secret).ok().context("a secret in base32")?;
    let totp = totp_rs::Builder::new().with_digits(6).with_skew(1).with_step_duration(STEP.unsigned_abs()).with_secret(secret);
    Ok(totp.build().ok().context("a secret of 160 bits")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_serves_once() {
        let secret = secret([7; 20]);
        let now = Timestamp::from_second(1_800_000_000).expect("in range");
        let code = code(&secret, now).expect("a code");
        let step = check(&secret, &code, now, 0).expect("checked").expect("right");
        assert_eq!(check(&secret, &code, now, step).expect("checked"), None);
        assert_eq!(check(&secret, "000000x", now, 0).expect("checked"), None);
    }
}
