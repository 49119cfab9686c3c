//! Work on both cores. Who does what is chance; what comes out, and its order, is not.

use std::sync::atomic::{AtomicUsize, Ordering};

/// How many work at once.
const WORKERS: usize = 2;

/// Works on every place below `count` once; what each worker made of its own.
pub(crate) fn over<T: Default + Send, E: Send>(
    count: usize,
    work: &(dyn Fn(usize, &mut T) -> Result<(), E> + Sync),
) -> Result<Vec<T>, E> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut made = T::default();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            if place >= count {
                return Ok(made);
            }
            work(place, &mut made)?;
        }
    };
    let made: Vec<Result<T, E>> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..WORKERS.min(count)).map(|_| scope.spawn(worker)).collect();
        let mut made = vec![worker()];
        made.extend(others.into_iter().map(|other| match other.join() {
            Ok(made) => made,
            Err(panic) => std::panic::resume_unwind(panic),
        }));
        made
    });
    made.into_iter().collect()
}

/// What comes of each, in order.
pub(crate) fn each<I: Sync, O: Send>(all: &[I], work: &(dyn Fn(&I) -> O + Sync)) -> Vec<O> {
    let made = over(all.len(), &|place, made: &mut Vec<(usize, O)>| {
        if let Some(one) = all.get(place) {
            made.push((place, work(one)));
        }
        Ok::<(), std::convert::Infallible>(())
    });
    let Ok(made) = made;
    let mut made: Vec<(usize, O)> = made.into_iter().flatten().collect();
    made.sort_unstable_by_key(|(place, _)| *place);
    made.into_iter().map(|(_, one)| one).collect()
}

#[cfg(test)]
mod tests {
    use super::{each, over};

    /// A verdict on somebody else, or none, would be worse than a slow one.
    #[test]
    fn each_comes_once_and_in_order() {
        for count in [0, 1, 2, 1000] {
            let all: Vec<usize> = (0..count).collect();
            assert_eq!(each(&all, &|one| one * 3), all.iter().map(|one| one * 3).collect::<Vec<_>>());
        }
        let failed = over(10, &|place, (): &mut ()| if place == 7 { Err(place) } else { Ok(()) });
        assert_eq!(failed, Err(7));
    }
}
