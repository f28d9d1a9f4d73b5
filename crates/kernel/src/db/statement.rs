//! A statement's text made ready: `$1` bound to the tenant, lists spread, parameters counted.
//! It knows neither database; an unbound or forgotten `$n` is refused here, because SQLite would say nothing.

use std::borrow::Cow;

use anyhow::ensure;

use super::Value;

/// A text and the values of its parameters, `$1` first.
pub(crate) struct Statement<'a> {
    pub sql: Cow<'a, str>,
    pub values: Vec<Value>,
}

impl<'a> Statement<'a> {
    /// Checks that the text uses exactly `$1…$n` for n values, and spreads `in ($k...)`.
    pub fn new(sql: &'a str, values: Vec<Value>) -> anyhow::Result<Self> {
        let used = used_parameters(sql);
        let wanted = if values.len() >= 64 { u64::MAX } else { (1 << values.len()) - 1 };
        if values.len() < 64 {
            ensure!(used == wanted, "parameters do not match the {} values of: {sql}", values.len());
        }
        if !values.iter().any(|v| matches!(v, Value::List(_))) {
            return Ok(Self { sql: Cow::Borrowed(sql), values });
        }
        Ok(spread(sql, values))
    }
}

/// Bit k-1 is set when `$k` appears; beyond 64 parameters nothing is checked (bulk inserts, made by a builder).
fn used_parameters(sql: &str) -> u64 {
    let bytes = sql.as_bytes();
    let mut used = 0_u64;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'$' {
            let digits = bytes[at + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
            if let Ok(n @ 1..=64) = sql[at + 1..at + 1 + digits].parse::<u32>() {
                used |= 1 << (n - 1);
            }
            at += digits;
        }
        at += 1;
    }
    used
}

/// Writes `in ($2...)` with as many parameters as values, up to the next power of two so that few texts are prepared.
/// The first value keeps its number; the others are numbered after all that the author wrote.
fn spread<'a>(sql: &str, values: Vec<Value>) -> Statement<'a> {
    let mut sql = sql.to_owned();
    let mut flat: Vec<Value> = values.iter().map(|v| if let Value::List(l) = v { l[0].clone() } else { v.clone() }).collect();
    for (index, value) in values.into_iter().enumerate() {
        let Value::List(mut items) = value else { continue };
        let size = items.len().next_power_of_two();
        let last = items[items.len() - 1].clone();
        items.resize(size, last);
        let mut text = format!("${}", index + 1);
        for item in items.drain(1..) {
            flat.push(item);
            text.push_str(&format!(", ${}", flat.len()));
        }
        sql = sql.replace(&format!("${}...", index + 1), &text);
    }
    Statement { sql: Cow::Owned(sql), values: flat }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forgotten_parameter_is_refused() {
        assert!(Statement::new("select $1", vec![1_i64.into(), 2_i64.into()]).is_err());
        assert!(Statement::new("select $1, $3", vec![1_i64.into(), 2_i64.into(), 3_i64.into()]).is_err());
        assert!(Statement::new("select $2, $1", vec![1_i64.into(), 2_i64.into()]).is_ok());
    }

    #[test]
    fn a_list_is_spread_to_the_next_power_of_two_after_the_other_parameters() {
        let list = Value::list([5_i64, 6, 7]);
        let s = Statement::new("a in ($2...) and b = $3 and c = $1", vec![1_i64.into(), list, 9_i64.into()]).expect("well numbered");
        assert_eq!(s.sql, "a in ($2, $4, $5, $6) and b = $3 and c = $1");
        let numbers: Vec<Value> = [1_i64, 5, 9, 6, 7, 7].map(Value::from).to_vec();
        assert_eq!(s.values, numbers);
    }
}
