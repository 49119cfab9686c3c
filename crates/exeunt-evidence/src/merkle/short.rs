//! SHA-256 of short messages in one go. A log is hashed in messages of two to eight blocks, where the general interface
//! spends a third of its time on its buffer; here only the padding (FIPS 180-4 §5.1.1) is ours, the compression is the
//! `sha2` crate's.

use sha2::digest::core_api;
use sha2::{Sha256, compress256};

use crate::Digest;

const BLOCK: usize = 64;
/// Initial hash value (FIPS 180-4 §5.3.3).
const START: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

type Block = core_api::Block<Sha256>;

/// SHA-256 of the byte 0x00 and an entry (RFC 6962 §2.1).
pub(super) fn leaf(entry: &[u8]) -> Digest {
    match (1 + entry.len() + 9).div_ceil(BLOCK) {
        blocks @ 0..=3 => padded(entry, &mut [Block::default(); 3][..blocks]),
        blocks @ 4..=8 => padded(entry, &mut [Block::default(); 8][..blocks]),
        _ => Digest::of_all(&[&[0], entry]),
    }
}

/// Writes the message into blocks of zeros, as many as it needs. The byte before it moves an entry by one: its first block
/// holds 63 bytes of it.
#[inline]
fn padded(entry: &[u8], message: &mut [Block]) -> Digest {
    let (first, rest) = entry.split_at(entry.len().min(BLOCK - 1));
    message[0][1..=first.len()].copy_from_slice(first);
    for (block, bytes) in message[1..].iter_mut().zip(rest.chunks(BLOCK)) {
        block[..bytes.len()].copy_from_slice(bytes);
    }
    let length = 1 + entry.len();
    message[length / BLOCK][length % BLOCK] = 0x80;
    if let Some(last) = message.last_mut() {
        last[BLOCK - 8..].copy_from_slice(&(8 * length as u64).to_be_bytes());
    }
    compressed(message)
}

/// SHA-256 of the byte 0x01 and two digests (RFC 6962 §2.1).
pub(super) fn node(left: &Digest, right: &Digest) -> Digest {
    let mut message = [Block::default(); 2];
    let (begin, [end]) = right.as_bytes().split_last_chunk().unwrap_or((&[], &[0]));
    message[0][0] = 0x01;
    message[0][1..33].copy_from_slice(left.as_bytes());
    message[0][33..].copy_from_slice(begin);
    message[1][0] = *end;
    message[1][1] = 0x80;
    message[1][BLOCK - 8..].copy_from_slice(&(8 * 65_u64).to_be_bytes());
    compressed(&message)
}

fn compressed(blocks: &[Block]) -> Digest {
    let mut state = START;
    compress256(&mut state, blocks);
    let mut digest = [0; 32];
    for (bytes, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    Digest::from_bytes(digest)
}

#[cfg(test)]
mod tests {
    use super::{leaf, node};
    use crate::Digest;

    /// A root that differs from everybody else's at one length of entry would be found out by an auditor, not by us.
    #[test]
    fn every_length_is_hashed_as_sha_256_says() {
        let bytes: Vec<u8> = (0..700_u32).map(|n| (n * 37).to_le_bytes()[0]).collect();
        for length in 0..bytes.len() {
            let entry = &bytes[..length];
            assert_eq!(leaf(entry), Digest::of_all(&[&[0], entry]), "{length} bytes");
        }
        let (left, right) = (Digest::of(b"left"), Digest::of(b"right"));
        assert_eq!(node(&left, &right), Digest::of_all(&[&[1], left.as_bytes(), right.as_bytes()]));
    }
}
