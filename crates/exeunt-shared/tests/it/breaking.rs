//! A node that ends at a chosen step, before it is done or right after.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use exeunt_evidence::durable::Disk;
use exeunt_shared::SharedDisk;

/// What happens at the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The node ends before the step.
    Before,
    /// The node ends after the step, and hears nothing of it.
    After,
    /// The step is done, the answer is lost, and the node lives on.
    Unheard,
}

/// A disk that fails at one changing call; clones are the same disk.
#[derive(Clone)]
pub struct Breaking {
    pub inner: Arc<SharedDisk>,
    at: usize,
    step: Step,
    calls: Arc<AtomicUsize>,
}

impl Breaking {
    pub fn new(inner: SharedDisk, at: usize, step: Step) -> Self {
        Self { inner: Arc::new(inner), at, step, calls: Arc::default() }
    }

    /// Whether the step was reached.
    pub fn met(&self) -> bool {
        self.calls.load(Ordering::Relaxed) > self.at
    }

    fn change(&self, act: impl FnOnce(&SharedDisk) -> io::Result<()>) -> io::Result<()> {
        let now = self.calls.fetch_add(1, Ordering::Relaxed);
        let ended = || io::Error::other("this node has ended");
        match self.step {
            _ if now < self.at => act(&self.inner),
            Step::Unheard if now > self.at => act(&self.inner),
            Step::Before => Err(ended()),
            _ if now > self.at => Err(ended()),
            Step::After | Step::Unheard => act(&self.inner).and_then(|()| Err(ended())),
        }
    }
}

impl Disk for Breaking {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.inner.read(path)
    }
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.change(|disk| disk.write(path, bytes))
    }
    fn settle(&self) -> io::Result<()> {
        self.change(Disk::settle)
    }
    fn publish(&self, checkpoint: &[u8]) -> io::Result<()> {
        self.change(|disk| disk.publish(checkpoint))
    }
    fn remove_partials(&self, path: &str) -> io::Result<()> {
        self.change(|disk| disk.remove_partials(path))
    }
    fn segments(&self) -> io::Result<Vec<u64>> {
        self.inner.segments()
    }
    fn segment(&self, first: u64) -> io::Result<Vec<u8>> {
        self.inner.segment(first)
    }
    fn begin(&self, first: u64) -> io::Result<()> {
        self.change(|disk| disk.begin(first))
    }
    fn append(&self, first: u64, bytes: &[u8]) -> io::Result<()> {
        self.change(|disk| disk.append(first, bytes))
    }
    fn cut(&self, first: u64, length: u64) -> io::Result<()> {
        self.change(|disk| disk.cut(first, length))
    }
    fn drop_segment(&self, first: u64) -> io::Result<()> {
        self.change(|disk| disk.drop_segment(first))
    }
}
