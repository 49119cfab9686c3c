//! Scratch.
use crate::ours::{MODES, graph};
use exeunt_engine::reach::{Level, Walk};
use std::collections::HashMap;
use std::path::Path;

pub fn probe(dir: &Path, snapshot: &Path) -> Result<(), String> {
    let (mut graph, left) = graph(snapshot)?;
    for (mode, limit) in MODES {
        let systems = crate::recheck::systems(dir, graph.holders())?;
        let holders: Vec<u32> =
            (0u32..).zip(&systems).filter(|(_, s)| **s == Some(0)).map(|(h, _)| h).collect();
        let (changes, _) = crate::recheck::changes(&graph, &holders);
        let mut walk = Walk::default();
        let mut before: Vec<Vec<(u32, u16)>> = Vec::new();
        let mut ways = vec![0u32; graph.entitlements() as usize];
        let mut hist = [0u64; 8];
        let (mut grants, mut visits) = (0u64, 0u64);
        let rows = |graph: &exeunt_engine::reach::AccessGraph, h: u32| -> Vec<u32> {
            graph.grants(h).filter(|g| g.2 <= limit).map(|g| g.1).collect()
        };
        let mut met_any = vec![false; graph.holders()];
        for l in &left {
            let a = walk.holders_from(&graph, *l, limit);
            let v: Vec<_> = a.visits.iter().map(|v| (v.holder, v.hops)).collect();
            visits += v.len() as u64;
            let mut touched = Vec::new();
            for (h, _) in &v {
                met_any[*h as usize] = true;
                for e in rows(&graph, *h) {
                    grants += 1;
                    if ways[e as usize] == 0 {
                        touched.push(e)
                    }
                    ways[e as usize] += 1;
                }
            }
            for e in touched {
                hist[(ways[e as usize] as usize).min(7)] += 1;
                ways[e as usize] = 0;
            }
            before.push(v);
        }
        println!(
            "{mode}: leavers {} visits {visits} grants {grants} ways histogram {hist:?} near {}",
            left.len(),
            met_any.iter().filter(|m| **m).count()
        );
        let concerned_steps = changes.steps.iter().filter(|c| met_any[c.from as usize]).count();
        let concerned_grants = changes.grants.iter().filter(|c| met_any[c.from as usize]).count();
        println!(
            "  changes steps {} ({concerned_steps} of met) grants {} ({concerned_grants} of met)",
            changes.steps.len(),
            changes.grants.len()
        );
        let mut per: HashMap<u32, (usize, usize)> = HashMap::new();
        for c in &changes.grants {
            if c.level <= limit {
                let e = per.entry(c.from).or_default();
                if c.came { e.1 += 1 } else { e.0 += 1 }
            }
        }
        let (mut cw, mut cc, mut dw, mut dc, mut dm, mut moved, mut nd) =
            (0u64, 0u64, 0u64, 0u64, 0u64, 0u64, [0u64; 3]);
        let old: Vec<Vec<Vec<u32>>> = Vec::new();
        let _ = old;
        // rows before
        let mut rows_before: HashMap<u32, usize> = HashMap::new();
        for h in &holders {
            if met_any[*h as usize] {
                rows_before.insert(*h, rows(&graph, *h).len());
            }
        }
        graph.apply_steps(&changes.steps).map_err(|e| e.to_string())?;
        graph.apply_grants(&changes.grants).map_err(|e| e.to_string())?;
        let mut hops: HashMap<u32, u16> = HashMap::new();
        let mut moved_pairs = 0u64;
        for (l, v) in left.iter().zip(&before) {
            let a = walk.holders_from(&graph, *l, limit);
            hops.clear();
            for one in a.visits {
                hops.insert(one.holder, one.hops);
            }
            let mut any = false;
            for (h, was) in v {
                if let Some((w, c)) = per.get(h) {
                    cw += *w as u64;
                    cc += *c as u64;
                }
                match hops.remove(h) {
                    None => {
                        any = true;
                        nd[0] += 1;
                        dw += rows(&graph, *h).len() as u64;
                    }
                    Some(is) if is != *was => {
                        any = true;
                        nd[2] += 1;
                        dm += rows(&graph, *h).len() as u64;
                    }
                    _ => {}
                }
            }
            for (h, _) in &hops {
                any = true;
                nd[1] += 1;
                dc += rows(&graph, *h).len() as u64;
            }
            moved += u64::from(any);
            if any {
                for (h, _) in v {
                    moved_pairs += rows(&graph, *h).len() as u64;
                }
            }
        }
        println!(
            "  moved leavers {moved}, with ways {moved_pairs}; holders went {} came {} otherwise {}; ways went {dw} came {dc} otherwise {dm}; concerned ways went {cw} came {cc}",
            nd[0], nd[1], nd[2]
        );
        graph.apply_steps(&changes.reversed().steps).map_err(|e| e.to_string())?;
        graph.apply_grants(&changes.reversed().grants).map_err(|e| e.to_string())?;
    }
    let _ = Level::Live;
    Ok(())
}

pub fn hot(dir: &Path, snapshot: &Path) -> Result<(), String> {
    use exeunt_engine::reach::Watch;
    let limit = if std::env::var_os("RESIDUAL").is_some() { Level::Live } else { Level::Latent };
    let (graph, left) = graph(snapshot)?;
    let systems = crate::recheck::systems(dir, graph.holders())?;
    let holders: Vec<u32> = (0u32..).zip(&systems).filter(|(_, s)| **s == Some(0)).map(|(h, _)| h).collect();
    let (changes, _) = crate::recheck::changes(&graph, &holders);
    let back = changes.reversed();
    let mut watch = Watch::new(graph, &left, limit).map_err(|e| e.to_string())?;
    let mut all = Vec::new();
    {
        let t = crate::figures::timed(|| {
            crate::ours::sweep(watch.graph().unwrap(), &mut Walk::default(), &left, limit)
        });
        println!("sweep {:.1}", t.1.cpu * 1e3);
    }
    for _ in 0..std::env::var("ROUNDS").map_or(20, |r| r.parse().unwrap_or(20)) {
        for c in [&changes, &back] {
            let mut sum = 0u64;
            let (r, spent) =
                crate::figures::timed(|| watch.recheck(c, &mut |d| sum += u64::from(d.entitlement)));
            r.map_err(|e| e.to_string())?;
            all.push(spent.cpu * 1e3);
            std::hint::black_box(sum);
        }
        if std::env::var_os("SETTLE").is_some() {
            watch.graph().map_err(|e| e.to_string())?;
        }
    }
    let f: Vec<f64> = all.iter().step_by(2).copied().collect();
    println!(
        "forward median {:.2} least {:.2}; back {:.2}",
        crate::figures::median(f.clone()),
        f.iter().copied().fold(f64::INFINITY, f64::min),
        crate::figures::median(all.iter().skip(1).step_by(2).copied().collect())
    );
    Ok(())
}
