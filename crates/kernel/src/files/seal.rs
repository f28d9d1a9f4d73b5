//! Encryption of a file as it streams: blocks of 64 KiB, each sealed with XChaCha20-Poly1305 under a nonce made of
//! a random prefix, a counter and a last-block mark (the STREAM construction). So blocks cannot be reordered,
//! dropped, cut at the end, or moved to another file without the reading failing.

use bytes::{Bytes, BytesMut};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};

use crate::{Error, FileId, Result, crypto, ids::Id as _};

const MAGIC: &[u8; 4] = b"PVF1";
const PREFIX: usize = 19;
pub(super) const HEADER: usize = MAGIC.len() + PREFIX;
const BLOCK: usize = 64 * 1024;
const TAG: usize = 16;

/// Encrypts a stream: `push` what comes, `finish` at the end, write what they return in order.
pub(super) struct Sealer {
    blocks: Blocks,
    waiting: BytesMut,
}

/// Decrypts a stream in the same way.
pub(super) struct Opener {
    key: [u8; 32],
    id: FileId,
    blocks: Option<Blocks>,
    waiting: BytesMut,
}

/// Where one is in the blocks of a file.
struct Blocks {
    cipher: XChaCha20Poly1305,
    prefix: [u8; PREFIX],
    file: [u8; 16],
    number: u32,
}

impl Sealer {
    pub(super) fn new(key: &[u8; 32], id: FileId) -> (Self, Bytes) {
        let prefix = crypto::random();
        let header = [&MAGIC[..], &prefix].concat();
        (Self { blocks: Blocks::new(key, id, prefix), waiting: BytesMut::new() }, header.into())
    }

    /// The blocks that are now whole. A block waits until more is known to follow, as the last one is marked.
    pub(super) fn push(&mut self, plain: &[u8]) -> Result<Vec<Bytes>> {
        self.waiting.extend_from_slice(plain);
        let mut sealed = Vec::new();
        while self.waiting.len() > BLOCK {
            let block = self.waiting.split_to(BLOCK);
            sealed.push(self.blocks.seal(&block, false)?);
        }
        Ok(sealed)
    }

    pub(super) fn finish(mut self) -> Result<Bytes> {
        self.blocks.seal(&self.waiting, true)
    }
}

impl Opener {
    pub(super) fn new(key: &[u8; 32], id: FileId) -> Self {
        Self { key: *key, id, blocks: None, waiting: BytesMut::new() }
    }

    pub(super) fn push(&mut self, sealed: &[u8]) -> Result<Vec<Bytes>> {
        self.waiting.extend_from_slice(sealed);
        let mut plain = Vec::new();
        if self.blocks.is_none() && self.waiting.len() >= HEADER {
            self.blocks = Some(self.read_header()?);
        }
        if let Some(blocks) = &mut self.blocks {
            while self.waiting.len() > BLOCK + TAG {
                let block = self.waiting.split_to(BLOCK + TAG);
                plain.push(blocks.open(&block, false)?);
            }
        }
        Ok(plain)
    }

    /// The last block; an error when the file was cut.
    pub(super) fn finish(self) -> Result<Bytes> {
        let mut blocks = self.blocks.ok_or_else(|| damaged("cut in its header"))?;
        blocks.open(&self.waiting, true)
    }

    fn read_header(&mut self) -> Result<Blocks> {
        let header = self.waiting.split_to(HEADER);
        let prefix = header[MAGIC.len()..].try_into().map_err(|_| damaged("no prefix"))?;
        if &header[..MAGIC.len()] != MAGIC {
            return Err(damaged("not one of ours"));
        }
        Ok(Blocks::new(&self.key, self.id, prefix))
    }
}

impl Blocks {
    fn new(key: &[u8; 32], id: FileId, prefix: [u8; PREFIX]) -> Self {
        Self { cipher: XChaCha20Poly1305::new(&(*key).into()), prefix, file: *id.uuid().as_bytes(), number: 0 }
    }

    fn seal(&mut self, plain: &[u8], last: bool) -> Result<Bytes> {
        let nonce = self.next(last)?;
        let sealed = self.cipher.encrypt(&nonce, Payload { msg: plain, aad: &self.file });
        sealed.map(Bytes::from).map_err(|_| damaged("cannot be sealed"))
    }

    fn open(&mut self, sealed: &[u8], last: bool) -> Result<Bytes> {
        let nonce = self.next(last)?;
        let plain = self.cipher.decrypt(&nonce, Payload { msg: sealed, aad: &self.file });
        plain.map(Bytes::from).map_err(|_| damaged("altered, cut, or of another key"))
    }

    fn next(&mut self, last: bool) -> Result<XNonce> {
        let mut nonce = [0; 24];
        nonce[..PREFIX].copy_from_slice(&self.prefix);
        nonce[PREFIX..23].copy_from_slice(&self.number.to_be_bytes());
        nonce[23] = u8::from(last);
        self.number = self.number.checked_add(1).ok_or_else(|| damaged("too long"))?;
        Ok(nonce.into())
    }
}

fn damaged(how: &str) -> Error {
    Error::internal(format!("stored file is damaged: {how}"))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn id(n: u128) -> FileId {
        Uuid::from_u128(n).into()
    }

    fn seal(plain: &[u8], step: usize) -> Vec<u8> {
        let (mut sealer, header) = Sealer::new(&KEY, id(1));
        let mut out = header.to_vec();
        for piece in plain.chunks(step) {
            sealer.push(piece).expect("sealed").iter().for_each(|block| out.extend_from_slice(block));
        }
        out.extend_from_slice(&sealer.finish().expect("sealed"));
        out
    }

    fn open(sealed: &[u8], key: [u8; 32], id: FileId, step: usize) -> Result<Vec<u8>> {
        let mut opener = Opener::new(&key, id);
        let mut out = Vec::new();
        for piece in sealed.chunks(step) {
            opener.push(piece)?.iter().for_each(|block| out.extend_from_slice(block));
        }
        out.extend_from_slice(&opener.finish()?);
        Ok(out)
    }

    fn plain(length: usize) -> Vec<u8> {
        (0..length).map(|n| (n % 251) as u8).collect()
    }

    #[test]
    fn what_was_sealed_opens_whatever_the_pieces() {
        for length in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 77] {
            let sealed = seal(&plain(length), 1_000);
            for step in [999, 65_536, 1_000_000] {
                assert!(open(&sealed, KEY, id(1), step).expect("opens") == plain(length), "{length} by {step}");
            }
        }
    }

    #[test]
    fn a_file_that_was_cut_does_not_open_wherever_it_was_cut() {
        let sealed = seal(&plain(2 * BLOCK), 4_096);
        let whole_block = HEADER + BLOCK + TAG;
        for cut in [0, 10, HEADER, HEADER + 5, whole_block, whole_block + TAG, sealed.len() - 1] {
            assert!(open(&sealed[..cut], KEY, id(1), 4_096).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn a_changed_byte_or_block_does_not_open() {
        let sealed = seal(&plain(2 * BLOCK + 9), 4_096);
        for at in [0, 5, HEADER, HEADER + BLOCK, sealed.len() - 1] {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(open(&altered, KEY, id(1), 4_096).is_err(), "byte {at}");
        }
        let (a, b) = (HEADER, HEADER + BLOCK + TAG);
        let swapped = [&sealed[..a], &sealed[b..b + BLOCK + TAG], &sealed[a..b], &sealed[b + BLOCK + TAG..]].concat();
        assert!(open(&swapped, KEY, id(1), 4_096).is_err());
        let longer = [&sealed[..], b"x"].concat();
        assert!(open(&longer, KEY, id(1), 4_096).is_err());
    }

    #[test]
    fn a_file_opens_under_its_own_key_and_name_only() {
        let sealed = seal(&plain(10), 4_096);
        assert!(open(&sealed, [8; 32], id(1), 4_096).is_err());
        assert!(open(&sealed, KEY, id(2), 4_096).is_err());
        assert_ne!(sealed, seal(&plain(10), 4_096), "two sealings differ");
    }
}
