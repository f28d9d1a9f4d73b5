//! The keys of the double: one of each algorithm, those of before still published, and tokens made with them.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// What tokens are signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alg {
    /// Recommended by FranceConnect.
    Es256,
    /// The other one.
    Rs256,
}

/// One generation of keys.
struct Generation {
    number: u32,
    ec: EcdsaKeyPair,
    rsa: RsaKeyPair,
}

/// All generations; the last one signs.
pub(super) struct Keys(Vec<Generation>);

impl Keys {
    pub fn new() -> Self {
        Self(vec![Generation::new(1)])
    }

    pub fn rotate(&mut self) {
        let number = self.0.len() as u32 + 1;
        self.0.push(Generation::new(number));
    }

    /// What is published.
    pub fn jwks(&self) -> Value {
        let keys: Vec<Value> = self.0.iter().flat_map(|generation| [generation.ec_jwk(), generation.rsa_jwk()]).collect();
        json!({ "keys": keys })
    }

    /// A token signed by the newest key.
    pub fn sign(&self, alg: Alg, claims: &Value) -> String {
        self.newest().sign(alg, claims)
    }

    /// A token signed by a key that nobody published, under the name of the newest.
    pub fn forge(&self, alg: Alg, claims: &Value) -> String {
        Generation::new(self.newest().number).sign(alg, claims)
    }

    fn newest(&self) -> &Generation {
        self.0.last().expect("there is always a generation")
    }
}

/// A token that says `alg` and has the signature given.
pub(super) fn token(alg: &str, kid: Option<&str>, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let mut header = json!({ "alg": alg, "typ": "JWT" });
    if let Some(kid) = kid {
        header["kid"] = kid.into();
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

impl Generation {
    fn new(number: u32) -> Self {
        let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("the system gives randomness");
        let rsa = RsaKeyPair::generate(KeySize::Rsa2048).expect("the system gives randomness");
        Self { number, ec, rsa }
    }

    fn kid(&self, alg: Alg) -> String {
        let name = if alg == Alg::Es256 { "ec" } else { "rsa" };
        format!("{name}-{}", self.number)
    }

    fn sign(&self, alg: Alg, claims: &Value) -> String {
        let random = SystemRandom::new();
        let kid = self.kid(alg);
        match alg {
            Alg::Es256 => token("ES256", Some(&kid), claims, |signed| self.ec.sign(&random, signed).expect("a key that signs").as_ref().to_vec()),
            Alg::Rs256 => token("RS256", Some(&kid), claims, |signed| {
                let mut signature = vec![0; self.rsa.public_modulus_len()];
                self.rsa.sign(&RSA_PKCS1_SHA256, &random, signed, &mut signature).expect("a key that signs");
                signature
            }),
        }
    }

    fn ec_jwk(&self) -> Value {
        // Uncompressed point: 4, then both coordinates.
        let point = self.ec.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid(Alg::Es256),
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y) })
    }

    fn rsa_jwk(&self) -> Value {
        let (n, e) = integers(self.rsa.public_key().as_ref());
        json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid(Alg::Rs256),
            "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e) })
    }
}

/// The two integers of a DER `RSAPublicKey`, without their leading zero.
fn integers(der: &[u8]) -> (&[u8], &[u8]) {
    let (_, sequence) = element(der);
    let (rest, n) = element(sequence);
    let (_, e) = element(rest);
    let bare = |integer: &'_ [u8]| integer.iter().take_while(|byte| **byte == 0).count();
    (&n[bare(n)..], &e[bare(e)..])
}

/// What follows a DER element, and its content.
fn element(der: &[u8]) -> (&[u8], &[u8]) {
    let (length, start) = match der[1] {
        short @ 0..0x80 => (usize::from(short), 2),
        long => {
            let count = usize::from(long & 0x7f);
            (der[2..2 + count].iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), 2 + count)
        }
    };
    (&der[start + length..], &der[start..start + length])
}
