//! Ctrl-C and kill -9 in the middle: the state stays usable, and the next run goes on where this one ended.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use exeunt_model::State;
use exeunt_sandbox::{Request, story};
use tokio::runtime::Runtime;

use crate::said::{Said, program, run};
use crate::stage::{Stage, ids, told};

/// Longest a program that was asked to stop may take to stop.
const SOON: Duration = Duration::from_secs(20);

/// Most calls under way to one system at once, by its manifest. The company answers those of the first run when it
/// speaks again, and they stand in its log with those of the second.
const UNDER_WAY: usize = 8;

/// How a run is ended.
enum End {
    CtrlC,
    Kill,
}

fn begin(stage: &Stage) -> Child {
    let mut collect = program();
    collect.arg("--state").arg(stage.state()).arg("collect");
    collect.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program runs")
}

fn ended(mut child: Child) -> (ExitStatus, String) {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut err = Vec::new();
        let stderr = child.stderr.take().expect("a stream");
        // As much as is ever said.
        std::io::copy(&mut std::io::Read::take(stderr, 1 << 20), &mut err).expect("read");
        let err = String::from_utf8(err).expect("text");
        // Nobody listens any more once the test has failed.
        let _ = send.send((child.wait().expect("it ended"), err));
    });
    receive.recv_timeout(SOON).expect("it ends soon")
}

/// The notes of pages that were kept, by system: a line each, the digest of a note that is sealed elsewhere.
fn noted(stage: &Stage) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for system in fs::read_dir(stage.path("collecting")).expect("notes") {
        let system = system.expect("an entry");
        let files = fs::read_dir(system.path()).expect("a folder");
        let lines = files.map(|file| {
            let text = fs::read_to_string(file.expect("an entry").path()).expect("notes");
            text.lines().filter(|line| line.starts_with("\"sha256:")).count()
        });
        all.insert(system.file_name().into_string().expect("text"), lines.sum());
    }
    all
}

fn counted(requests: &[Request]) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for request in requests {
        let name = if request.system.name() == "scim" { "expenses" } else { request.system.name() };
        *all.entry(name.to_owned()).or_default() += 1;
    }
    all
}

/// Starts a collection, lets the company fall silent in the middle, ends the program, and collects again.
fn interrupted(end: &End) {
    let runtime = Runtime::new().expect("a runtime");
    let stage = runtime.block_on(Stage::unseen());
    // What a whole collection asks for.
    let whole = runtime.block_on(Stage::unseen());
    let clean = run(program().arg("--state").arg(whole.state()).arg("collect"));
    let needed = counted(&whole.sandbox.requests());
    let total: usize = needed.values().sum();

    let child = begin(&stage);
    while stage.sandbox.requests().len() < total / 3 {
        std::thread::yield_now();
    }
    // From here on nobody answers.
    let silence = stage.sandbox.world();
    match end {
        End::CtrlC => {
            let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
            assert!(sent.expect("kill runs").success());
            let (status, err) = ended(child);
            assert_eq!(status.code(), Some(1), "{err}");
            assert!(err.contains("stopped") && err.contains("goes on from there"), "{err}");
        }
        End::Kill => {
            let mut child = child;
            child.kill().expect("killed");
            assert_eq!(ended(child).0.code(), None);
        }
    }
    drop(silence);
    let kept = noted(&stage);
    assert!(kept.values().sum::<usize>() > 20, "{kept:?}");

    // Nothing was judged, and nothing is known of a system that was not read to its end.
    let state = |args: &[&str]| -> Said { run(program().arg("--state").arg(stage.state()).args(args)) };
    assert!(state(&["records", "export"]).out.is_empty(), "half a collection is no snapshot");
    stage.sandbox.clear_requests();
    let again = state(&["collect"]);
    assert_eq!((again.code, again.out.len()), (clean.code, clean.out.len()), "{}", again.err);
    for (system, asked) in counted(&stage.sandbox.requests()) {
        let (needed, kept) = (needed[&system], kept.get(&system).copied().unwrap_or(0));
        let anew = (needed - kept) + UNDER_WAY;
        assert!(asked <= anew, "{system}: {asked} asked, {needed} needed, {kept} were kept already");
    }
    let records = run(program().arg("--state").arg(whole.state()).args(["records", "export"]));
    assert_eq!(state(&["records", "export"]).out.len(), records.out.len());
    let verdict = state(&["--format", "json", "verify", story::TICKET]).verdict();
    assert_eq!(ids(&verdict, State::Live), ids(&told().said.verdict(), State::Live));
}

/// Ctrl-C at 6 pm must not cost the night's reading.
#[test]
fn ctrl_c_keeps_what_was_read() {
    interrupted(&End::CtrlC);
}

/// Nor must a crash, a power cut or the out-of-memory killer.
#[test]
fn a_kill_keeps_what_was_read() {
    interrupted(&End::Kill);
}
