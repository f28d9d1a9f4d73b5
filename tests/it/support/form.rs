//! What a person types in a form: `form! { nom: "Marchetti", "naissance.jour": 4 }`.

use std::fmt::Write;

/// Pairs of names and values, in order.
#[derive(Debug, Clone, Default)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.0.push((name.trim_matches('"').to_owned(), value.to_string()));
        self
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(of, _)| of == name)
    }

    /// As a browser writes them in the body of a request.
    pub fn encoded(&self) -> String {
        let mut out = String::new();
        for (name, value) in &self.0 {
            if !out.is_empty() {
                out.push('&');
            }
            encode(&mut out, name);
            out.push('=');
            encode(&mut out, value);
        }
        out
    }
}

fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

/// Fields of a form; a name that is not a word of Rust is written between quotes.
#[macro_export]
macro_rules! form {
    ($($name:tt : $value:expr),* $(,)?) => {
        $crate::support::form::Fields::default()$(.with(stringify!($name), &$value))*
    };
}
