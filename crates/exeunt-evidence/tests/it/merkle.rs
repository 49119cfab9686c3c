//! The tree against published vectors and a naive implementation written straight from RFC 6962 §2.1.

use exeunt_evidence::Digest;
use exeunt_evidence::merkle::{
    ProofError, consistency_proof, empty_root, inclusion_proof, leaf_hash, node_hash, root_of,
    root_when_last, verify_consistency, verify_inclusion,
};

const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn split(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

fn naive_root(d: &[Digest]) -> Digest {
    match d.len() {
        0 => Digest::of(b""),
        1 => d[0],
        n => node_hash(&naive_root(&d[..split(n)]), &naive_root(&d[split(n)..])),
    }
}

fn naive_path(m: usize, d: &[Digest]) -> Vec<Digest> {
    if d.len() == 1 {
        return vec![];
    }
    let k = split(d.len());
    let (mut path, other) = if m < k {
        (naive_path(m, &d[..k]), naive_root(&d[k..]))
    } else {
        (naive_path(m - k, &d[k..]), naive_root(&d[..k]))
    };
    path.push(other);
    path
}

fn naive_subproof(m: usize, d: &[Digest], whole: bool) -> Vec<Digest> {
    if m == d.len() {
        return if whole { vec![] } else { vec![naive_root(d)] };
    }
    let k = split(d.len());
    let (mut proof, other) = if m <= k {
        (naive_subproof(m, &d[..k], whole), naive_root(&d[k..]))
    } else {
        (naive_subproof(m - k, &d[k..], false), naive_root(&d[..k]))
    };
    proof.push(other);
    proof
}

fn leaves(count: usize) -> Vec<Digest> {
    (0..count).map(|n| leaf_hash(&[u8::try_from(n).unwrap()])).collect()
}

fn source(d: &[Digest]) -> impl FnMut(u32, u64) -> Result<Digest, ProofError> + '_ {
    |level, index| {
        let start = usize::try_from(index << level).unwrap();
        Ok(naive_root(&d[start..start + (1 << level)]))
    }
}

/// Other people's tools must come to the same roots as ours: the vectors of the reference implementation.
#[test]
fn published_roots_for_sizes_0_to_8() {
    let hashes: Vec<Digest> = LEAVES.iter().map(|leaf| leaf_hash(&hex::decode(leaf).unwrap())).collect();
    for (size, root) in ROOTS.iter().enumerate() {
        assert_eq!(root_of(&hashes[..size]).to_hex(), *root, "size {size}");
    }
    assert_eq!(empty_root().to_hex(), ROOTS[0]);
}

/// Every proof of every tree up to 64 entries is the one RFC 6962 defines and verifies.
#[test]
fn every_inclusion_proof_up_to_64() {
    for size in 1..=64 {
        let d = leaves(size);
        let root = naive_root(&d);
        assert_eq!(root_of(&d), root);
        for (index, leaf) in d.iter().enumerate() {
            let (i, n) = (index as u64, size as u64);
            let proof = inclusion_proof(i, n, source(&d)).unwrap();
            assert_eq!(proof, naive_path(index, &d), "{index} of {size}");
            assert_eq!(verify_inclusion(*leaf, i, n, &proof, root), Ok(()));
        }
    }
}

/// Every pair of sizes up to 64: the proof is RFC 6962's, verifies, and verifies for no other pair of roots.
#[test]
fn every_consistency_proof_up_to_64() {
    let d = leaves(64);
    for new in 0..=64usize {
        for old in 0..=new {
            let (m, n) = (old as u64, new as u64);
            let proof = consistency_proof(m, n, source(&d[..new])).unwrap();
            let naive = if old == 0 { vec![] } else { naive_subproof(old, &d[..new], true) };
            assert_eq!(proof, naive, "{old} to {new}");
            let (from, to) = ((m, naive_root(&d[..old])), (n, naive_root(&d[..new])));
            assert_eq!(verify_consistency(from, to, &proof), Ok(()));
            let fork = Digest::of(b"another history");
            assert!(verify_consistency((m, fork), to, &proof).is_err());
            // RFC 6962 leaves the proof from the empty tree empty: it says nothing about the new root.
            if old > 0 {
                assert!(verify_consistency(from, (n, fork), &proof).is_err());
            }
            if old < new {
                assert_eq!(verify_consistency(to, from, &proof), Err(ProofError::Shrunk { old: n, new: m }));
            }
        }
    }
}

/// A proof with any hash changed, removed, added or moved proves nothing.
#[test]
fn mutated_proofs_are_refused() {
    let d = leaves(64);
    for size in 2..=33usize {
        let n = size as u64;
        let root = naive_root(&d[..size]);
        for index in 0..size {
            let good = naive_path(index, &d[..size]);
            for bad in mutations(&good) {
                assert!(verify_inclusion(d[index], index as u64, n, &bad, root).is_err());
            }
            for wrong in (0..n + 2).filter(|wrong| *wrong != index as u64) {
                assert!(verify_inclusion(d[index], wrong, n, &good, root).is_err());
            }
            assert!(verify_inclusion(d[63], index as u64, n, &good, root).is_err());
        }
        for old in 1..size {
            let good = naive_subproof(old, &d[..size], true);
            let (from, to) = ((old as u64, naive_root(&d[..old])), (n, root));
            for bad in mutations(&good) {
                assert!(verify_consistency(from, to, &bad).is_err(), "{old} to {size}");
            }
        }
    }
}

fn mutations(good: &[Digest]) -> Vec<Vec<Digest>> {
    let mut all = vec![[good, &[Digest::of(b"more")]].concat(), [&[Digest::of(b"more")], good].concat()];
    for at in 0..good.len() {
        let mut changed = good.to_vec();
        let mut bytes = *changed[at].as_bytes();
        bytes[at % 32] ^= 1;
        changed[at] = Digest::from_bytes(bytes);
        all.push(changed);
        let mut shorter = good.to_vec();
        shorter.remove(at);
        all.push(shorter);
        let mut moved = good.to_vec();
        moved.swap(0, at);
        if moved != good {
            all.push(moved);
        }
    }
    all
}

/// An index beyond the tree is an error, not a panic and not a proof.
#[test]
fn beyond_the_tree() {
    let leaf = Digest::of(b"x");
    for (index, size) in [(0, 0), (1, 1), (u64::MAX, u64::MAX)] {
        let beyond = ProofError::BeyondTree { index, size };
        assert_eq!(verify_inclusion(leaf, index, size, &[], leaf), Err(beyond));
    }
    assert!(verify_inclusion(leaf, u64::MAX - 1, u64::MAX, &[leaf; 64], leaf).is_err());
    assert!(verify_consistency((1, leaf), (u64::MAX, leaf), &[leaf; 64]).is_err());
}

/// A bundle of today says what the log was when an entry of it was new: whoever kept an older head needs no log to see that
/// it was not rewritten.
#[test]
fn a_proof_holds_the_root_from_when_its_entry_was_the_last() {
    let leaves: Vec<Digest> = (0..64_u8).map(|n| leaf_hash(&[n])).collect();
    for size in 1..=64 {
        for index in 0..size {
            let path = naive_path(index, &leaves[..size]);
            let (at, of) = (index as u64, size as u64);
            let then = root_when_last(leaves[index], at, of, &path).expect("a whole proof");
            assert_eq!(then, naive_root(&leaves[..=index]), "entry {index} of {size}");
            if let Some((_, cut)) = path.split_last() {
                assert!(root_when_last(leaves[index], at, of, cut).is_err(), "entry {index} of {size}");
            }
        }
    }
}
