//! The order of a run: make the estate, put it at rest, measure each side in a process of its own, compare, print.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use exeunt_bench_figures::{apart, table};
use serde_json::{Value, json};

use crate::figures::median;
use crate::ours::MODES;
use crate::{command, convert, limit, ours, recheck, rivals};
use exeunt_bench_estate::{self as estate, Size};

/// What is measured.
#[derive(Debug, clap::Parser)]
pub struct Args {
    /// People of the estate; given several times, growth is printed too
    #[arg(long, default_values_t = [10_000])]
    people: Vec<usize>,
    /// Seed of the estate
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What a user would pick instead: duckdb, igraph, rustworkx, scipy, sqlite, postgres, ladybug
    #[arg(long, value_delimiter = ',')]
    rivals: Vec<String>,
    /// The Python that has them; also lets DuckDB read the snapshot
    #[arg(long, default_value = "python3")]
    python: String,
    /// Where estates are made and kept; else a folder that is removed
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// One side only, on the estate in `--dir`; how the bench calls itself
    #[arg(long, hide = true, requires = "dir")]
    side: Option<Side>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Side {
    Convert,
    Load,
    Ours,
    Limit,
    RecheckResidual,
    RecheckScope,
}

/// Answers that are known: seed 1, by people and mode: pairs, hops, checksum. From the README of this bench.
const KNOWN: [(usize, &str, u64, u64, u64); 8] = [
    (1_000, "residual", 444, 1_695, 60_580_553),
    (1_000, "scope", 3_104, 11_964, 275_238_143),
    (10_000, "residual", 7_405, 35_268, 3_244_635_281),
    (10_000, "scope", 97_515, 451_482, 45_046_972_834),
    (100_000, "residual", 260_833, 1_568_045, 130_096_482_763),
    (100_000, "scope", 2_228_281, 12_958_101, 1_111_432_121_748),
    (1_000_000, "residual", 2_960_943, 15_945_261, 1_480_780_118_560),
    (1_000_000, "scope", 27_014_545, 145_136_754, 13_505_020_234_514),
];

/// The most that a recheck may cost of a full resolve, after one in a hundred edges of one system changed.
const MOST: f64 = 0.05;

/// Runs the bench, or one side of it.
pub fn run(args: &Args) -> Result<(), String> {
    match (args.side, &args.dir) {
        (Some(side), Some(dir)) => one_side(side, dir),
        (_, Some(dir)) => all_sizes(args, dir),
        (_, None) => {
            let dir = tempfile::tempdir().map_err(|e| format!("making a folder: {e}"))?;
            all_sizes(args, dir.path())
        }
    }
}

/// Where the tables of an estate stand.
pub fn snapshot_of(dir: &Path) -> PathBuf {
    dir.join("access")
}

fn one_side(side: Side, dir: &Path) -> Result<(), String> {
    let snapshot = snapshot_of(dir);
    let told = match side {
        Side::Convert => convert::convert(dir, &snapshot).map(|()| json!({}))?,
        Side::Load => ours::measure_load(&snapshot)?,
        Side::Ours => ours::measure(&snapshot)?,
        Side::Limit => limit::measure(&snapshot)?,
        Side::RecheckResidual => recheck::measure(dir, &snapshot, MODES[0].1)?,
        Side::RecheckScope => recheck::measure(dir, &snapshot, MODES[1].1)?,
    };
    println!("{told}");
    Ok(())
}

/// A side in a process of its own.
fn child(side: &str, dir: &Path) -> Result<Value, String> {
    apart(&[OsStr::new("--side"), OsStr::new(side), OsStr::new("--dir"), dir.as_os_str()])
}

fn all_sizes(args: &Args, dir: &Path) -> Result<(), String> {
    let (mut rows, mut rechecks, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
    for people in &args.people {
        let here = dir.join(format!("people-{people}-seed-{}", args.seed));
        let told = one_size(args, *people, &here, &mut rows)?;
        for (mode, _) in MODES {
            rechecks.extend(recheck_rows((*people, mode), &told["recheck"][mode], &told["ours"]));
        }
        sizes.push((*people, told));
    }
    table::print("access", &rows, args.json);
    table::print("access: recheck after 1 % of one system changed", &rechecks, args.json);
    if sizes.len() > 1 {
        table::print("access: growth, as the exponent of people", &growth(&sizes), args.json);
    }
    Ok(())
}

fn one_size(args: &Args, people: usize, dir: &Path, rows: &mut Vec<Value>) -> Result<Value, String> {
    if !dir.join("manifest.json").exists() {
        eprintln!("making an estate of {people} people");
        estate::make(dir, Size::of(people, args.seed)).map_err(|e| format!("making the estate: {e}"))?;
    }
    if !snapshot_of(dir).join("holders.parquet").exists() {
        eprintln!("putting it at rest");
        child("convert", dir)?;
    }
    eprintln!("measuring {people} people");
    // Loads in processes of their own; the middle one counts, the first of which may have to ask the disk.
    let loads = (0..5).map(|_| child("load", dir)).collect::<Result<Vec<_>, _>>()?;
    let load = |figure: &str| median(loads.iter().filter_map(|load| load[figure].as_f64()).collect());
    let (mut ours, limit) = (child("ours", dir)?, child("limit", dir)?);
    ours["load_s"] = json!(load("load_s"));
    ours["load_cpu_s"] = json!(load("load_cpu_s"));
    known(args.seed, people, &ours)?;
    let command = command::measure(&command::beside()?, &snapshot_of(dir))?;
    let part = |mode: &str, side: &Value| (milli(&side[mode]["q_s"]), milli(&side[mode]["cpu_s"]));
    let (residual, scope) = (part("residual", &ours), part("scope", &ours));
    rows.push(json!({
        "people": people, "engine": "exeunt", "load s": two(&ours["load_s"]), "one leaver": format!("{:.1} us; {command:.1} ms as a command", ours["q1_us"].as_f64().unwrap_or(f64::NAN)),
        "residual ms": residual.0, "residual cpu": residual.1, "scope ms": scope.0, "scope cpu": scope.1,
        "to the limit": format!("{:.2} / {:.2}", limit["residual"]["ratio"].as_f64().unwrap_or(f64::NAN), limit["scope"]["ratio"].as_f64().unwrap_or(f64::NAN)),
        "peak MiB": ours["peak_mib"], "pairs": format!("{} / {}", ours["residual"]["pairs"], ours["scope"]["pairs"]),
    }));
    rows.push(json!({
        "people": people, "engine": "bare sweep: the set only", "residual ms": milli(&limit["residual"]["bare_s"]), "residual cpu": milli(&limit["residual"]["bare_cpu_s"]),
        "scope ms": milli(&limit["scope"]["bare_s"]), "scope cpu": milli(&limit["scope"]["bare_cpu_s"]), "to the limit": "1",
    }));
    for engine in &args.rivals {
        eprintln!("measuring {engine}");
        let rival = rivals::run(&args.python, engine, dir)?;
        for (mode, _) in MODES {
            for figure in ["pairs", "checksum"] {
                if rival[mode][figure] != ours[mode][figure] {
                    return Err(format!(
                        "{engine} finds {} {figure} of {mode}, and we {}",
                        rival[mode][figure], ours[mode][figure]
                    ));
                }
            }
        }
        let times = |mode: &str| {
            rival[mode]["cpu_s"].as_f64().unwrap_or(f64::NAN)
                / ours[mode]["cpu_s"].as_f64().unwrap_or(f64::NAN)
        };
        let (residual, scope) = (part("residual", &rival), part("scope", &rival));
        let ready = rival["load_s"].as_f64().unwrap_or(0.0) + rival["prep_s"].as_f64().unwrap_or(0.0);
        rows.push(json!({
            "people": people, "engine": format!("{engine}: the set only"), "load s": format!("{ready:.2}"), "one leaver": format!("{} ms", rival["q1_ms"]),
            "residual ms": residual.0, "residual cpu": residual.1, "scope ms": scope.0, "scope cpu": scope.1,
            "to the limit": format!("{:.0} / {:.0} times ours", times("residual"), times("scope")), "peak MiB": rival["peak_mib"],
            "pairs": format!("{} / {}", rival["residual"]["pairs"], rival["scope"]["pairs"]),
        }));
    }
    if args.rivals.iter().any(|engine| engine == "duckdb") {
        let spent = rivals::duckdb_reads(&args.python, &snapshot_of(dir), &ours)?;
        eprintln!("DuckDB reads the snapshot as we do, and finds the same pairs in it, in {spent:.1} s");
    }
    let recheck =
        json!({ "residual": child("recheck-residual", dir)?, "scope": child("recheck-scope", dir)? });
    Ok(json!({ "ours": ours, "limit": limit, "recheck": recheck }))
}

/// The answer is the one that is known, if one is.
pub fn known(seed: u64, people: usize, ours: &Value) -> Result<(), String> {
    for (_, mode, pairs, hops, checksum) in KNOWN.into_iter().filter(|known| seed == 1 && known.0 == people) {
        let found = [&ours[mode]["pairs"], &ours[mode]["hops"], &ours[mode]["checksum"]];
        if found != [&json!(pairs), &json!(hops), &json!(checksum)] {
            return Err(format!("{people} people, {mode}: {found:?} instead of {pairs}, {hops}, {checksum}"));
        }
    }
    Ok(())
}

/// Of one question: the smallest system, the middle one and the two largest, and the one whose recheck takes the largest part.
///
/// Whoever cannot recheck has to load the snapshot of now and sweep it: that is a full resolve, and what the 5 % are of. The
/// part of the sweep alone is told beside it, and what taking up in the graph costs that concerned no leaver and was put off.
fn recheck_rows((people, question): (usize, &str), told: &Value, ours: &Value) -> Vec<Value> {
    let systems = told["systems"].as_array().map(Vec::as_slice).unwrap_or_default();
    let number = |figure: &Value| figure.as_f64().unwrap_or(f64::NAN);
    let load = number(&ours["load_cpu_s"]);
    let full = |one: &Value| load + number(&one["full_cpu_s"]);
    let part = |one: &Value| number(&one["recheck_cpu_s"]) / full(one);
    let whole = |one: &Value| (number(&one["recheck_cpu_s"]) + number(&one["rest_cpu_s"])) / full(one);
    let dearest = systems.iter().max_by(|a, b| part(a).total_cmp(&part(b)));
    let within = |part: &dyn Fn(&Value) -> f64| systems.iter().filter(|one| part(one) <= MOST).count();
    let (within, within_whole) = (within(&part), within(&whole));
    let second = systems.len().checked_sub(2).and_then(|place| systems.get(place));
    let named = [
        ("smallest", systems.first()),
        ("middle", systems.get(systems.len() / 2)),
        ("second", second),
        ("largest", systems.last()),
        ("dearest", dearest),
    ];
    let rows = named.into_iter().filter_map(|(name, one)| one.map(|one| (name, one))).map(|(name, one)| {
        json!({
            "people": people, "question": question, "system": format!("{name} of {}: {}", systems.len(), one["system"]), "its edges": one["edges"],
            "changed edges": one["changed_edges"], "pairs that differ": format!("{}, {} of all", one["pairs"], percent(number(&one["of_pairs"]))),
            "load + sweep cpu ms": format!("{:.2} + {}", load * 1e3, milli(&one["full_cpu_s"])),
            "recheck cpu ms": format!("{}, least {}", milli(&one["recheck_cpu_s"]), milli(&one["least_cpu_s"])),
            "of load + sweep (5 %)": percent(part(one)), "of the sweep alone": percent(number(&one["part"])),
            "and what was put off": format!("{} ms, {} in all", milli(&one["rest_cpu_s"]), percent(whole(one))),
            "within 5 %": format!("{within} of {}, {within_whole} with what was put off", systems.len()),
            "watch": format!("{} ms cpu once, {} MiB", milli(&told["watch_s"]), told["watch_mib"]),
        })
    });
    rows.collect()
}

/// The exponents between each two sizes: 1 is linear. A sweep over bare arrays does the least there is to do for each pair, so
/// what its exponent is above that of the pairs is what memory costs: arrays of a small estate stay in the caches of the
/// processor, and those of a large one do not.
fn growth(sizes: &[(usize, Value)]) -> Vec<Value> {
    let pairs = sizes.iter().zip(sizes.iter().skip(1));
    let exponents = pairs.map(|((few, small), (many, large))| {
        let grown = (*many as f64 / *few as f64).ln();
        let of = |path: &dyn Fn(&Value) -> &Value| {
            let exponent = path(large).as_f64().zip(path(small).as_f64()).map(|(l, s)| (l / s).ln() / grown);
            exponent.map_or_else(String::new, |exponent| format!("{exponent:.2}"))
        };
        // Both of the same turns, so that what disturbs one disturbs the other.
        let both = |mode: &'static str| {
            let (ours, bare) = (of(&|v| &v["limit"][mode]["ours_cpu_s"]), of(&|v| &v["limit"][mode]["bare_cpu_s"]));
            format!("{ours}, bare sweep {bare}")
        };
        json!({
            "from": few, "to": many, "load cpu": of(&|v| &v["ours"]["load_cpu_s"]),
            "residual cpu": both("residual"), "scope cpu": both("scope"),
            "pairs": format!("{} / {}", of(&|v| &v["ours"]["residual"]["pairs"]), of(&|v| &v["ours"]["scope"]["pairs"])),
            "ns a pair, scope": format!("{} to {}", each(small), each(large)), "peak memory": of(&|v| &v["ours"]["peak_mib"]),
        })
    });
    exponents.collect()
}

/// What a pair costs us and the bare sweep, in ns.
fn each(told: &Value) -> String {
    let pairs = told["ours"]["scope"]["pairs"].as_f64().unwrap_or(f64::NAN);
    let of = |side: &str| told["limit"]["scope"][side].as_f64().unwrap_or(f64::NAN) * 1e9 / pairs;
    format!("{:.1} (bare {:.1})", of("ours_cpu_s"), of("bare_cpu_s"))
}

fn milli(seconds: &Value) -> String {
    seconds.as_f64().map_or_else(String::new, |seconds| format!("{:.2}", seconds * 1e3))
}

fn two(figure: &Value) -> String {
    figure.as_f64().map_or_else(String::new, |figure| format!("{figure:.2}"))
}

fn percent(part: f64) -> String {
    format!("{:.2} %", part * 100.0)
}
