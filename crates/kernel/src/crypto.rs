//! Secrets: sealing with the master key, signatures, hashes of tokens and passwords.
//! The master key lives in one file (`crypto/key_file.rs`), outside the database and its backup. Nothing here
//! knows what is sealed: the caller's context binds a sealed value to its place, so that it cannot be moved.

mod key_file;
mod password;

use std::{fmt, path::Path, sync::Arc};

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use hmac::{Hmac, Mac as _};
use jiff::Timestamp;
use rand::{TryRng as _, rngs::SysRng};
use sha2::{Digest as _, Sha256};

pub use password::{hash_password, verify_password};

use crate::{Error, Result};

/// The master keys of the installation: the newest seals and signs, the older ones still open and verify.
/// Cheap to clone. Printing it shows ids only.
#[derive(Clone)]
pub struct Keys(Arc<Vec<Generation>>);

/// One generation: everything is derived from one secret of 32 bytes.
struct Generation {
    id: KeyId,
    cipher: XChaCha20Poly1305,
    signing: SigningKey,
    marking: [u8; 32],
}

/// What a mark is found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// One of our keys made it, of this message.
    Ours,
    /// It was made by a key that is not in the file: newer than this process, or nobody's.
    UnknownKey,
    /// None of ours made it.
    Forged,
}

/// Four bytes, printed as eight hexadecimal digits; they travel in the header of what is sealed.
type KeyId = [u8; 4];

/// A signature and the id of the key that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Which generation signed.
    pub key_id: String,
    /// Ed25519, 64 bytes.
    pub bytes: Vec<u8>,
}

/// The public half of a signing key, to verify elsewhere what was signed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Which generation.
    pub key_id: String,
    /// Ed25519, 32 bytes.
    pub bytes: [u8; 32],
}

const SEAL_VERSION: u8 = 1;
const NONCE: usize = 24;
const HEADER: usize = 1 + 4 + NONCE;

impl Keys {
    /// Creates the key file (mode 600) with a first key; refused if a file is already there.
    pub fn generate(path: &Path, now: Timestamp) -> Result<Self> {
        key_file::create(path, now)?;
        Self::load(path)
    }

    /// Reads the key file; refused in a sentence when it is missing, damaged, or readable by other accounts.
    pub fn load(path: &Path) -> Result<Self> {
        let generations = key_file::read(path)?.into_iter().map(|(id, secret)| Generation::new(id, &secret));
        Ok(Self(Arc::new(generations.collect())))
    }

    /// Adds a key to the file. It seals and signs from now on; older ones stay to open and verify.
    pub fn rotate(path: &Path, now: Timestamp) -> Result<Self> {
        key_file::rotate(path, now)?;
        Self::load(path)
    }

    /// Keys that are written nowhere, for a test or a trial.
    pub fn ephemeral() -> Self {
        Self(Arc::new(vec![Generation::new(random(), &random())]))
    }

    /// Encrypts. `context` says what it is and whose (`"totp:age_…"`): opening under another one fails.
    ///
    /// ```
    /// let keys = kernel::crypto::Keys::ephemeral();
    /// let sealed = keys.seal("webhook:app_1", b"secret");
    /// assert_eq!(keys.open("webhook:app_1", &sealed).expect("same context"), b"secret");
    /// assert!(keys.open("webhook:app_2", &sealed).is_err());
    /// ```
    pub fn seal(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        let key = self.newest();
        let nonce: [u8; NONCE] = random();
        let mut out = Vec::with_capacity(HEADER + plain.len() + 16);
        out.push(SEAL_VERSION);
        out.extend_from_slice(&key.id);
        out.extend_from_slice(&nonce);
        let payload = Payload { msg: plain, aad: &bound(&out[..5], context) };
        let sealed = key.cipher.encrypt(&XNonce::from(nonce), payload);
        out.extend_from_slice(&sealed.expect("what fits in memory is far below the limit of the cipher"));
        out
    }

    /// Decrypts what `seal` made under the same context; an error for the log when it was altered, moved,
    /// or sealed with a key that is not in the file (the message names the key).
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let key_id = sealed_with(sealed).ok_or_else(|| Error::internal("not a sealed value"))?;
        let key = self.generation(&key_id).ok_or_else(|| Error::internal(format!("sealed with key {key_id}, which is not in the key file")))?;
        let (header, body) = sealed.split_at(HEADER);
        let nonce: [u8; NONCE] = header[5..].try_into().map_err(Error::internal)?;
        let payload = Payload { msg: body, aad: &bound(&header[..5], context) };
        let opened = key.cipher.decrypt(&XNonce::from(nonce), payload);
        opened.map_err(|_| Error::internal(format!("sealed value altered, or not of {context}")))
    }

    /// Signs with the newest key.
    pub fn sign(&self, message: &[u8]) -> Signature {
        let key = self.newest();
        Signature { key_id: hex(&key.id), bytes: key.signing.sign(message).to_bytes().to_vec() }
    }

    /// Whether this signature of this message was made by one of our keys, old ones included.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> bool {
        let key = self.public_keys().into_iter().find(|key| key.key_id == signature.key_id);
        key.is_some_and(|key| key.verify(message, &signature.bytes))
    }

    /// A mark that only the holder of the keys can make, much cheaper than a signature: id of the newest key, and an
    /// HMAC under a key derived from it.
    pub fn mark(&self, message: &[u8]) -> String {
        let key = self.newest();
        format!("{}:{}", hex(&key.id), hex(&hmac_sha256(&key.marking, message)))
    }

    /// Whether this mark of this message is ours, old keys included.
    pub fn check_mark(&self, message: &[u8], mark: &str) -> Mark {
        let Some((id, mac)) = mark.split_once(':') else { return Mark::Forged };
        let Some(key) = self.generation(id) else { return Mark::UnknownKey };
        match constant_time_eq(hex(&hmac_sha256(&key.marking, message)).as_bytes(), mac.as_bytes()) {
            true => Mark::Ours,
            false => Mark::Forged,
        }
    }

    /// The public halves, oldest first.
    pub fn public_keys(&self) -> Vec<PublicKey> {
        self.0.iter().map(Generation::public).collect()
    }

    /// Ids of the keys that are held, oldest first.
    pub fn ids(&self) -> Vec<String> {
        self.0.iter().map(|generation| hex(&generation.id)).collect()
    }

    fn newest(&self) -> &Generation {
        self.0.last().expect("a key file without a key is refused when it is read")
    }

    fn generation(&self, id: &str) -> Option<&Generation> {
        self.0.iter().find(|generation| hex(&generation.id) == id)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keys").field(&self.ids()).finish()
    }
}

impl Generation {
    fn new(id: KeyId, secret: &[u8; 32]) -> Self {
        let sealing = hmac_sha256(secret, b"parvis seal 1");
        let signing = hmac_sha256(secret, b"parvis sign 1");
        let marking = hmac_sha256(secret, b"parvis mark 1");
        Self { id, cipher: XChaCha20Poly1305::new(&sealing.into()), signing: SigningKey::from_bytes(&signing), marking }
    }

    fn public(&self) -> PublicKey {
        PublicKey { key_id: hex(&self.id), bytes: self.signing.verifying_key().to_bytes() }
    }
}

impl PublicKey {
    /// Whether this key signed this message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let (Ok(key), Ok(signature)) = (VerifyingKey::from_bytes(&self.bytes), ed25519_dalek::Signature::from_slice(signature)) else {
            return false;
        };
        key.verify_strict(message, &signature).is_ok()
    }
}

/// The id of the key that sealed a value: a restoration can say which one is missing.
pub fn sealed_with(sealed: &[u8]) -> Option<String> {
    (sealed.len() >= HEADER + 16 && sealed[0] == SEAL_VERSION).then(|| hex(&sealed[1..5]))
}

/// What is kept of a token that only its holder knows: SHA-256, in hexadecimal. Tokens are random, so no salt.
pub fn hash_token(token: &str) -> String {
    hex(&sha256(token.as_bytes()))
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// HMAC-SHA-256, as Standard Webhooks want it.
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("a key of any length is accepted");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Compares in a time that depends on the length only.
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    let difference = a.iter().zip(b).fold(0, |seen, (x, y)| std::hint::black_box(seen | (x ^ y)));
    a.len() == b.len() && difference == 0
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// Bytes from the operating system. A use case takes its randomness from its `Tx`; this is for keys and nonces.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SysRng.try_fill_bytes(&mut bytes).expect("the system gives randomness, or nothing can be safe");
    bytes
}

/// Header and context together: neither can be changed without being noticed.
fn bound(header: &[u8], context: &str) -> Vec<u8> {
    [header, context.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_under_its_context_only() {
        let keys = Keys::ephemeral();
        let sealed = keys.seal("oidc:ten_1", b"secret");
        assert_eq!(keys.open("oidc:ten_1", &sealed).expect("opens"), b"secret");
        assert!(keys.open("oidc:ten_2", &sealed).is_err());
        assert_ne!(sealed, keys.seal("oidc:ten_1", b"secret"), "two sealings differ");
    }

    #[test]
    fn one_altered_byte_is_noticed_wherever_it_is() {
        let keys = Keys::ephemeral();
        let sealed = keys.seal("c", b"secret");
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(keys.open("c", &altered).is_err(), "byte {at}");
        }
        assert!(keys.open("c", &sealed[..sealed.len() - 1]).is_err());
        assert!(keys.open("c", b"").is_err());
    }

    #[test]
    fn a_value_sealed_elsewhere_names_the_missing_key() {
        let (ours, theirs) = (Keys::ephemeral(), Keys::ephemeral());
        let sealed = theirs.seal("c", b"x");
        assert_eq!(sealed_with(&sealed), Some(theirs.ids()[0].clone()));
        let error = ours.open("c", &sealed).expect_err("another key").to_string();
        assert!(error.contains(&theirs.ids()[0]), "{error}");
    }

    #[test]
    fn a_signature_is_of_one_message_and_one_key() {
        let keys = Keys::ephemeral();
        let signature = keys.sign(b"head");
        assert!(keys.verify(b"head", &signature));
        assert!(!keys.verify(b"Head", &signature));
        assert!(!Keys::ephemeral().verify(b"head", &signature));
        assert!(keys.public_keys()[0].verify(b"head", &signature.bytes));
    }

    #[test]
    fn a_mark_is_of_one_message_and_one_key() {
        let (keys, others) = (Keys::ephemeral(), Keys::ephemeral());
        let mark = keys.mark(b"line");
        assert_eq!(keys.check_mark(b"line", &mark), Mark::Ours);
        assert_eq!(keys.check_mark(b"Line", &mark), Mark::Forged);
        assert_eq!(others.check_mark(b"line", &mark), Mark::UnknownKey);
        let backwards: String = mark.split(':').next_back().unwrap().chars().rev().collect();
        let forged = format!("{}:{backwards}", keys.ids()[0]);
        assert_eq!(keys.check_mark(b"line", &forged), Mark::Forged);
        assert_eq!(keys.check_mark(b"line", ""), Mark::Forged);
    }

    #[test]
    fn hmac_follows_rfc_4231() {
        let mac = hmac_sha256(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(hex(&mac), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn a_token_is_kept_as_its_sha_256() {
        assert_eq!(hash_token("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn comparison_sees_length_and_content() {
        assert!(constant_time_eq(b"abc", b"abc"));
        assert!(!constant_time_eq(b"abc", b"abd") && !constant_time_eq(b"abc", b"ab") && !constant_time_eq(b"", b"a"));
    }

    #[test]
    fn printing_the_keys_shows_ids_only() {
        let keys = Keys::ephemeral();
        assert_eq!(format!("{keys:?}"), format!("Keys([{:?}])", keys.ids()[0]));
    }
}
