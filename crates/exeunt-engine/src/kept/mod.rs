//! What some hundred chance-made worlds are judged to be, kept as it was last looked at.
//!
//! The stories and the tables say what is right. This says that something changed, where nobody thought of a story: each world
//! is a line with its verdict, how many lines are in which state, and two short digests: of the facts (states, paths, breaks,
//! owners, claims, times) and of every word. A change that moves a fact has to be able to say why;
//! `INSTA_UPDATE=always cargo nextest run -p exeunt-engine -E 'test(kept)'` then writes the list anew.

mod dice;
mod things;
mod world;

use std::collections::BTreeMap;

use exeunt_model::Digest;
use exeunt_model::verdict::VerdictDocument;
use serde_json::Value;

/// How many worlds a list has; there are ten lists, so that a change is found by the first of them.
const WORLDS: u64 = 50;

/// What only words something, and what any edit of a record's form changes.
const WORDS: [&str; 8] = ["because", "would_change", "next_step", "detail", "says", "why", "what", "how"];
const DIGESTS: [&str; 3] = ["snapshot", "inputs", "exchanges"];

fn without(value: &mut Value, names: &[&str]) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !names.contains(&name.as_str()));
            fields.values_mut().for_each(|field| without(field, names));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| without(item, names)),
        _ => {}
    }
}

fn short(value: &Value) -> String {
    Digest::of(value.to_string().as_bytes()).to_string().chars().rev().take(8).collect()
}

fn said(verdict: &VerdictDocument) -> String {
    let mut whole = serde_json::to_value(verdict).expect("JSON");
    without(&mut whole, &DIGESTS);
    let mut facts = whole.clone();
    without(&mut facts, &WORDS);
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    for line in &verdict.obligations {
        *states.entry(format!("{:?}", line.state).to_lowercase()).or_default() += 1;
    }
    let states: Vec<String> = states.into_iter().map(|(state, many)| format!("{many} {state}")).collect();
    format!("{:?}: {}; facts {}, words {}", verdict.verdict, states.join(", "), short(&facts), short(&whole))
}

fn line(number: u64) -> String {
    let world = world::world(number);
    match world.judge_history(&world.history()) {
        Ok(verdict) => format!("{number:03} {}", said(&verdict)),
        Err(error) => format!("{number:03} {error}"),
    }
}

fn worlds(from: u64) -> String {
    (from..from + WORLDS).map(line).collect::<Vec<_>>().join("\n")
}

/// Whoever changes the engine has to notice what it changes, also in worlds that nobody wrote down.
macro_rules! kept {
    ($($name:ident: $from:literal,)*) => {
        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!(stringify!($name), worlds($from));
            }
        )*
    };
}

kept! {
    worlds_000: 0,
    worlds_050: 50,
    worlds_100: 100,
    worlds_150: 150,
    worlds_200: 200,
    worlds_250: 250,
    worlds_300: 300,
    worlds_350: 350,
    worlds_400: 400,
    worlds_450: 450,
}
