//! Connectors that bring a real server of their own (`connectors/<system>/lab/`): everybody has everything, a leaver is
//! removed half, what is left is found and nothing else, nothing is gone while the server is out of reach, and once
//! the removal is finished the case is clear.
//!
//! The folder holds `play.py`, which serves and changes the server through its own interfaces, and `expected.yaml`,
//! which says what is left at half. See the guide `docs/guides/test-on-a-real-server.md`.

mod directory;
mod server;

use std::collections::BTreeSet;
use std::path::Path;

use exeunt_model::verdict::{Conclusion, Obligation, VerdictDocument};
use exeunt_model::{State, SurvivorKind};
use serde::Deserialize;
use serde_json::Value;

use crate::descriptions::folders;
use directory::Directory;
use server::{Exeunt, Server};

/// What is left of the leaver at half, and what may never be named.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// The leaver, as the directory knows them.
    leaver: Leaver,
    /// Who stays, to whom something is handed over.
    #[serde(default)]
    colleagues: Vec<Leaver>,
    /// What is left.
    half: Vec<Left>,
    /// What is somebody else's.
    #[serde(default)]
    never: Vec<String>,
    /// What is left for good after the removal is finished, because the system never shows its end; each with the reason.
    #[serde(default)]
    stays: Vec<Stays>,
}

/// The leaver, or somebody who stays.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaver {
    name: String,
    #[serde(default)]
    emails: Vec<String>,
    #[serde(default)]
    keys: Vec<Value>,
}

/// One thing that is left. `{name}` in the name stands for what the server called it (`objects.json`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Left {
    kind: SurvivorKind,
    name: String,
    state: State,
    /// Why it is left.
    why: String,
}

/// One thing whose end is never shown.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stays {
    kind: SurvivorKind,
    name: String,
    state: State,
    why: String,
}

type Line = (String, String, String);

fn open(system: &str, verdict: &VerdictDocument) -> BTreeSet<Line> {
    let lines = verdict.obligations.iter().filter(|line| line.system.as_str() == system);
    lines.filter(|line| line.state != State::Gone).map(line).collect()
}

fn line(line: &Obligation) -> Line {
    (line.kind.to_string(), line.item.name.to_string(), format!("{:?}", line.state))
}

/// Two things by one name in one state are one line of the expectation.
fn planted<'a>(
    server: &Server,
    lines: impl Iterator<Item = (&'a SurvivorKind, &'a String, &'a State)>,
) -> BTreeSet<Line> {
    lines.map(|(kind, name, state)| (kind.to_string(), server.named(name), format!("{state:?}"))).collect()
}

/// Every real server, from seed to clear. Fails naming the system, what was not said and what was said besides.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_on_a_real_server_is_found_and_its_end_is_proven() {
    let servers: Vec<_> = folders()
        .into_iter()
        .map(|folder| folder.join("lab"))
        .filter(|lab| lab.join("play.py").is_file())
        .collect();
    assert!(!servers.is_empty(), "no connector brings a server");
    // One thread each: they mostly wait for their servers.
    let runtime = tokio::runtime::Handle::current();
    let stories = servers.into_iter().map(|lab| {
        let runtime = runtime.clone();
        std::thread::spawn(move || runtime.block_on(story(&lab)))
    });
    let stories: Vec<_> = stories.collect();
    let wrong: Vec<String> =
        stories.into_iter().flat_map(|story| story.join().expect("a story ends")).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn story(lab: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(lab.join("expected.yaml")).expect("what is expected");
    let expected: Expected =
        serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", lab.display()));
    let mut wrong = Vec::new();
    let server = Server::start(lab);
    let system = server.system.clone();
    let mut say = |what: String| wrong.push(format!("{system}: {what}"));
    server.play("before");
    let directory = Directory::serve(&expected.leaver, &expected.colleagues).await;
    let mut exeunt = Exeunt::new(&server, &directory);
    for snapshot in exeunt.collect(0).await {
        for read in snapshot.reads.iter().filter(|read| !read.receipt.outcome.is_complete()) {
            say(format!("before: {} was not read whole: {:?}", read.receipt.title(), read.receipt.outcome));
        }
    }
    directory.leave();
    exeunt.departs_now();
    server.play("half");
    // What is missing counts once it is missing again after the settle time.
    exeunt.collect(15).await;
    let half = exeunt.verify(30).await;
    let lines = expected.half.iter().map(|left| (&left.kind, &left.name, &left.state));
    compare("half", &planted(&server, lines), &half, &system, &mut say);
    if half.verdict != Conclusion::Residual && expected.half.iter().any(|left| left.state != State::Unknown) {
        say(format!("half: {:?} is said", half.verdict));
    }
    let named = serde_json::to_string(&half).expect("JSON");
    for other in
        expected.never.iter().map(|name| server.named(name)).filter(|name| named.contains(name.as_str()))
    {
        say(format!("{other} is somebody else's, and named"));
    }
    let out = exeunt.out_of_reach(60).await;
    for lost in out.obligations.iter().filter(|l| l.system.as_str() == system && l.state != State::Unknown) {
        say(format!("out of reach, and still {:?}: {} {}", lost.state, lost.id, lost.because));
    }
    exeunt.collect(90).await;
    server.play("finish");
    exeunt.verify(120).await;
    let clear = exeunt.verify(180).await;
    let lines = expected.stays.iter().map(|stays| (&stays.kind, &stays.name, &stays.state));
    let stays = planted(&server, lines);
    compare("finished", &stays, &clear, &system, &mut say);
    if stays.is_empty() && clear.verdict != Conclusion::Clear {
        let gaps: Vec<_> = clear
            .gaps
            .iter()
            .filter(|gap| gap.blocks)
            .map(|gap| format!("{} {}", gap.read, gap.detail))
            .collect();
        let points: Vec<_> =
            clear.control_points.iter().map(|p| format!("{} {:?}", p.number, p.standing)).collect();
        say(format!("finished: {:?} is said; {points:?} {gaps:?}", clear.verdict));
    }
    for why in expected.half.iter().map(|left| &left.why).chain(expected.stays.iter().map(|stays| &stays.why))
    {
        assert!(!why.is_empty(), "{system}: each line of the expectation says why");
    }
    wrong
}

fn compare(
    when: &str,
    planted: &BTreeSet<Line>,
    verdict: &VerdictDocument,
    system: &str,
    say: &mut impl FnMut(String),
) {
    let said = open(system, verdict);
    for missing in planted.difference(&said) {
        say(format!("{when}: not said: {missing:?}"));
    }
    for extra in said.difference(planted) {
        let because = verdict.obligations.iter().find(|one| line(one) == *extra).map(|line| &line.because);
        say(format!("{when}: said besides: {extra:?}, because {because:?}"));
    }
}
