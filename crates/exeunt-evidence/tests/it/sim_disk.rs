//! A disk that fails when told to, and that forgets what was not settled when the power is cut.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use exeunt_evidence::durable::Disk;

use crate::world::Numbers;

type Files = BTreeMap<String, Vec<u8>>;

/// How the disk fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Every call fails from now on, and what was under way may be half done.
    Power,
    /// This one call fails, as on a full disk; a part of the bytes may be there.
    Full,
    /// This one call does all it should and then says that it failed.
    Lying,
}

#[derive(Debug, Default)]
struct Sim {
    /// What a reader sees.
    files: Files,
    /// What survives a power cut for certain.
    durable: Files,
    calls: usize,
    fault: Option<(usize, Fault)>,
    numbers: u64,
    syncs: usize,
}

/// A disk in memory; clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct SimDisk(Arc<Mutex<Sim>>);

fn segment_path(first: u64) -> String {
    format!("journal/{first:020}")
}

impl SimDisk {
    /// The disk fails at this changing call, counted from 0.
    pub fn failing(self, at: usize, fault: Fault, seed: u64) -> Self {
        let mut sim = self.0.lock().unwrap();
        sim.fault = Some((sim.calls + at, fault));
        sim.numbers = seed;
        drop(sim);
        self
    }

    /// Whether the fault was met.
    pub fn met(&self) -> bool {
        let sim = self.0.lock().unwrap();
        sim.fault.is_some_and(|(at, _)| sim.calls > at)
    }

    pub fn files(&self) -> Files {
        self.0.lock().unwrap().files.clone()
    }

    pub fn syncs(&self) -> usize {
        self.0.lock().unwrap().syncs
    }

    /// What is on the disk after the power was cut: for each file what was settled, what was written, or something between.
    pub fn after_power_cut(&self, seed: u64) -> Self {
        let sim = self.0.lock().unwrap();
        let mut numbers = Numbers(seed);
        let mut files = Files::new();
        for path in sim.files.keys().chain(sim.durable.keys()) {
            let old = sim.durable.get(path);
            let new = sim.files.get(path);
            let survives = match (old, new, numbers.below(3)) {
                (old, new, _) if old == new => old.cloned(),
                (old, _, 0) => old.cloned(),
                (_, new, 1) => new.cloned(),
                (old, Some(new), _) => Some(torn(old, new, &mut numbers)),
                (old, None, _) => old.cloned(),
            };
            if let Some(bytes) = survives {
                files.insert(path.clone(), bytes);
            }
        }
        Self(Arc::new(Mutex::new(Sim { durable: files.clone(), files, ..Sim::default() })))
    }

    fn change<T>(&self, act: impl Fn(&mut Sim, &mut Numbers, bool) -> T) -> io::Result<T> {
        let mut sim = self.0.lock().unwrap();
        let now = sim.calls;
        sim.calls += 1;
        let mut numbers = Numbers(sim.numbers.wrapping_add(now as u64));
        match sim.fault {
            Some((at, Fault::Power)) if now > at => Err(io::Error::other("there is no power")),
            Some((at, fault)) if now == at => {
                act(&mut sim, &mut numbers, fault == Fault::Lying);
                Err(io::Error::new(io::ErrorKind::StorageFull, "the disk is full"))
            }
            _ => Ok(act(&mut sim, &mut numbers, true)),
        }
    }
}

/// A file of which a part reached the disk: its beginning, with a stretch of it still zero.
fn torn(old: Option<&Vec<u8>>, new: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let kept = old.map_or(0, Vec::len).min(new.len());
    let mut bytes = new[..kept + numbers.below(new.len() - kept + 1)].to_vec();
    if bytes.len() > kept {
        let from = kept + numbers.below(bytes.len() - kept);
        let to = from + numbers.below(bytes.len() - from + 1);
        bytes[from..to].fill(0);
    }
    bytes
}

impl Disk for SimDisk {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.lock().unwrap().files.get(path).cloned())
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.change(|sim, numbers, whole| {
            let length = if whole { bytes.len() } else { numbers.below(bytes.len() + 1) };
            sim.files.insert(path.to_owned(), bytes[..length].to_vec());
        })
    }

    fn settle(&self) -> io::Result<()> {
        self.change(|sim, _, whole| {
            if whole {
                sim.durable = sim.files.clone();
                sim.syncs += 1;
            }
        })
    }

    fn publish(&self, checkpoint: &[u8]) -> io::Result<()> {
        self.change(|sim, _, whole| {
            if whole {
                sim.files.insert("checkpoint".into(), checkpoint.to_vec());
                sim.durable.insert("checkpoint".into(), checkpoint.to_vec());
            }
        })
    }

    fn remove_partials(&self, path: &str) -> io::Result<()> {
        let prefix = format!("{path}.p/");
        self.change(|sim, _, _| sim.files.retain(|name, _| !name.starts_with(&prefix)))
    }

    fn segments(&self) -> io::Result<Vec<u64>> {
        let sim = self.0.lock().unwrap();
        let names = sim.files.keys().filter_map(|path| path.strip_prefix("journal/"));
        Ok(names.map(|name| name.parse().unwrap()).collect())
    }

    fn segment(&self, first: u64) -> io::Result<Vec<u8>> {
        let found = self.0.lock().unwrap().files.get(&segment_path(first)).cloned();
        found.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn begin(&self, first: u64) -> io::Result<()> {
        self.change(|sim, _, whole| {
            sim.files.insert(segment_path(first), Vec::new());
            if whole {
                sim.durable.insert(segment_path(first), Vec::new());
            }
        })
    }

    fn append(&self, first: u64, bytes: &[u8]) -> io::Result<()> {
        self.change(|sim, numbers, whole| {
            let length = if whole { bytes.len() } else { numbers.below(bytes.len() + 1) };
            let file = sim.files.entry(segment_path(first)).or_default();
            file.extend_from_slice(&bytes[..length]);
            if whole {
                let file = file.clone();
                sim.durable.insert(segment_path(first), file);
                sim.syncs += 1;
            }
        })
    }

    fn cut(&self, first: u64, length: u64) -> io::Result<()> {
        self.change(|sim, _, whole| {
            let file = sim.files.entry(segment_path(first)).or_default();
            file.truncate(usize::try_from(length).unwrap());
            let file = file.clone();
            if whole {
                sim.durable.insert(segment_path(first), file);
            }
        })
    }

    fn drop_segment(&self, first: u64) -> io::Result<()> {
        self.change(|sim, _, _| {
            sim.files.remove(&segment_path(first));
        })
    }
}
