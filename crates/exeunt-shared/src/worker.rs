//! Asking over the network from code that waits: the log's threads know nothing of tasks.

use std::io;
use std::sync::mpsc;

use tokio::runtime::{Builder, Runtime};

/// A thread that does what is asked of it.
#[derive(Debug)]
pub(crate) struct Worker(Option<Runtime>);

impl Worker {
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        Ok(Self(Some(runtime)))
    }

    /// Waits for what is asked; it may be called from anywhere, as a write to a disk may.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        what: impl Future<Output = T> + Send + 'static,
    ) -> io::Result<T> {
        let ended = || io::Error::other("the thread that asks over the network has ended");
        let (done, wait) = mpsc::sync_channel(1);
        self.0.as_ref().ok_or_else(ended)?.spawn(async move {
            // Nobody waits any more only if the caller ended.
            let _ = done.send(what.await);
        });
        wait.recv().map_err(|_| ended())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
