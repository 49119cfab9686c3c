//! Going on from the demo's state: explain, export and verify, sweep, owners, records; all of it also as JSON.

use exeunt_model::State;
use exeunt_sandbox::story;
use serde_json::{Value, json};

use crate::said::exeunt;
use crate::stage::{Stage, copied, told};

fn text(dir: &tempfile::TempDir) -> &str {
    dir.path().to_str().expect("text")
}

/// An engineer copies a name from the report, or the id from the JSON; both have to lead to the line.
#[tokio::test]
async fn a_line_is_explained_by_id_or_by_name() {
    let state = copied();
    let verdict = told().said.verdict();
    let token = &verdict.obligations[0];
    let by_id = exeunt(&["--state", text(&state), "explain", story::TICKET, &token.id]).await;
    let by_name = exeunt(&["--state", text(&state), "explain", story::TICKET, story::SURVIVING_TOKEN]).await;
    assert_eq!((by_id.code, &by_id.out), (0, &by_name.out), "{}", by_id.err);
    for word in [story::SURVIVING_TOKEN, "Platform team", story::GITHUB_LOGIN, token.next_step.as_str()] {
        assert!(by_id.out.contains(word), "`{word}` is not in:\n{}", by_id.out);
    }
    let json =
        exeunt(&["--state", text(&state), "--format", "json", "explain", story::TICKET, &token.id]).await;
    assert_eq!(json.json(), serde_json::to_value(token).expect("JSON"));
}

/// Guessing which line was meant would explain the wrong one.
#[tokio::test]
async fn an_unclear_line_is_not_guessed() {
    let state = copied();
    let explain = async |what: &[&str]| {
        let mut args = vec!["--state", text(&state), "explain"];
        args.extend(what);
        exeunt(&args).await
    };
    explain(&[story::TICKET, "no-such-thing"]).await.refuses(2, &["no-such-thing", "exeunt explain OFF-142"]);
    explain(&[story::TICKET, "github:"]).await.refuses(2, &["obligations of OFF-142", "github:token.user:"]);
    explain(&["OFF-999"]).await.refuses(1, &["no verdict on `OFF-999`", "exeunt verify OFF-999"]);
    let listed = explain(&[story::TICKET]).await;
    assert_eq!(listed.out.lines().count(), told().said.verdict().obligations.len());
}

/// What the demo offers next has to work: the export, its check, the sweep, the owners.
#[tokio::test]
async fn every_further_command_works_on_the_demos_state() {
    let state = copied();
    let file = state.path().join("off-142.exeunt");
    let file = file.to_str().expect("text");
    let export = exeunt(&["--state", text(&state), "evidence", "export", story::TICKET, "-o", file]).await;
    assert_eq!((export.code, export.out.as_str()), (0, ""), "{}", export.err);
    let check = exeunt(&["evidence", "verify", file]).await;
    assert_eq!(check.code, 0, "{}", check.err);
    assert!(
        check.out.contains("ACCEPTED") && check.out.contains("the verdict said residual"),
        "{}",
        check.out
    );

    let sweep = exeunt(&["--state", text(&state), "sweep"]).await;
    assert_eq!(sweep.code, 10, "{}", sweep.err);
    let first = sweep.out.lines().next().unwrap_or_default();
    assert!(first.contains("residual") && first.contains("1 used after departure"), "{first}");

    let owners = exeunt(&["--state", text(&state), "owners"]).await;
    assert_eq!(owners.code, 0, "{}", owners.err);
    assert!(owners.out.contains("Finance systems") && !owners.out.contains("nobody"), "{}", owners.out);

    let head = exeunt(&["--state", text(&state), "evidence", "checkpoint"]).await;
    assert!(head.out.starts_with("halden.example/exeunt\n"), "{}", head.out);
    let proof = exeunt(&["--state", text(&state), "evidence", "prove", "0"]).await;
    assert!(proof.out.starts_with("c2sp.org/tlog-proof@v1"), "{}", proof.out);
    let beyond = exeunt(&["--state", text(&state), "evidence", "prove", "999999"]).await;
    beyond.refuses(1, &["999999"]);
}

/// The figures a board is shown are counted from the same verdicts that an engineer sees.
#[tokio::test]
async fn figures_are_counted_from_the_verdicts() {
    let state = copied();
    let metrics = |format: &'static str| {
        let state = text(&state).to_owned();
        async move { exeunt(&["--state", &state, "--format", format, "report", "metrics"]).await }
    };
    let json = metrics("json").await;
    assert_eq!(json.code, 0, "{}", json.err);
    let figures = json.json();
    let verdict = told().said.verdict();
    let live = verdict.obligations.iter().filter(|line| line.state == State::Live).count();
    let by_age = figures["residual_by_age"].as_array().expect("rows");
    let counted: u64 = by_age.iter().filter_map(|row| row["live"].as_u64()).sum();
    assert_eq!(counted, live as u64);
    assert_eq!((&figures["cases"]["all"], &figures["cases"]["residual"]), (&Value::from(1), &Value::from(1)));
    assert_eq!(figures["tokens"]["with_live"], 1);
    let shown = metrics("text").await;
    for words in
        ["1 of 1 leavers with a known token or key still have one that works (100 %)", "Platform team"]
    {
        assert!(shown.out.contains(words), "`{words}` is not in:\n{}", shown.out);
    }
}

/// A script that asked for JSON must never get a sentence.
#[tokio::test]
async fn json_is_json_everywhere() {
    let state = copied();
    for command in [
        &["sweep"][..],
        &["owners"],
        &["explain", story::TICKET],
        &["connectors", "list"],
        &["connectors", "show", "github"],
        &["connectors", "permissions"],
        &["connectors", "coverage"],
        &["verify", story::TICKET, "--offline"],
        &["schema", "records"],
        &["schema", "verdict"],
        &["schema", "config"],
        &["schema", "manifest"],
    ] {
        let mut args = vec!["--state", text(&state), "--format", "json"];
        args.extend(command);
        let said = exeunt(&args).await;
        assert!(serde_json::from_str::<Value>(&said.out).is_ok(), "{command:?}: {said:?}");
        assert_ne!(said.code, 1, "{command:?}: {}", said.err);
    }
}

/// The same snapshots judged again are the same verdict, also without any system to read.
#[tokio::test]
async fn judging_again_offline_says_the_same() {
    let state = copied();
    let said =
        exeunt(&["--state", text(&state), "--format", "json", "verify", story::TICKET, "--offline"]).await;
    assert_eq!(said.code, 10, "{}", said.err);
    assert_eq!(said.out, told().said.out);
}

/// Records that change on their way out and in would be other facts.
#[tokio::test]
async fn records_travel_without_loss() {
    let state = copied();
    let out = exeunt(&["--state", text(&state), "records", "export"]).await;
    assert_eq!(out.code, 0, "{}", out.err);
    let file = state.path().join("records.jsonl");
    std::fs::write(&file, &out.out).expect("written");
    let file = file.to_str().expect("text");
    // Another company's machine: the configuration and nothing else.
    let fresh = Stage::unseen().await;
    let taken = fresh.run(&["records", "import", file]).await;
    assert_eq!((taken.code, taken.out.as_str()), (0, ""), "{}", taken.err);
    let back = fresh.run(&["records", "export"]).await;
    assert_eq!(back.out.len(), out.out.len());
    assert!(back.out == out.out, "the second export differs");
    // And a stream that was cut is refused whole.
    let whole: Vec<&str> = out.out.lines().collect();
    std::fs::write(fresh.path("cut.jsonl"), whole[..whole.len() - 1].join("\n")).expect("written");
    let cut = fresh.path("cut.jsonl");
    fresh
        .run(&["records", "import", cut.to_str().expect("text")])
        .await
        .refuses(1, &["in the middle of a snapshot"]);
}

/// People who left without a case, and accounts that are nobody's, are why there is a sweep.
#[tokio::test]
async fn the_sweep_finds_no_false_leavers() {
    let state = copied();
    let sweep = exeunt(&["--state", text(&state), "--format", "json", "sweep"]).await.json();
    let case = &sweep["cases"][0];
    assert_eq!((&case["case"], &case["verdict"]), (&story::TICKET.into(), &"residual".into()));
    let gone = told().said.verdict().obligations.iter().filter(|o| o.state == State::Gone).count();
    assert_eq!(case["gone"], gone);
    assert_eq!(sweep["failed"], Value::Array(Vec::new()));
    // The earlier leavers' access left with them.
    assert_eq!(sweep["left_without_case"], Value::Array(Vec::new()), "{}", sweep["left_without_case"]);
}

/// A graph tool has to be able to read what is exported, and find in it whoever left.
#[tokio::test]
async fn the_access_graph_is_exported_for_graph_tools() {
    let state = copied();
    let opengraph = exeunt(&["--state", text(&state), "export", "opengraph"]).await;
    assert_eq!(opengraph.code, 0, "{}", opengraph.err);
    let graph: Value = serde_json::from_str(&opengraph.out).expect("JSON");
    let (nodes, edges) = (&graph["graph"]["nodes"], &graph["graph"]["edges"]);
    let nodes = nodes.as_array().expect("nodes");
    let known: std::collections::BTreeSet<&str> =
        nodes.iter().filter_map(|node| node["id"].as_str()).collect();
    assert_eq!(known.len(), nodes.len(), "each object once");
    assert!(nodes.iter().any(|node| node["properties"]["left"] == true), "somebody left");
    for edge in edges.as_array().expect("edges") {
        for end in ["start", "end"] {
            assert!(edge[end]["value"].as_str().is_some_and(|id| known.contains(id)), "{edge}");
        }
    }
    let graphml = exeunt(&["--state", text(&state), "export", "graphml"]).await;
    assert_eq!(graphml.code, 0, "{}", graphml.err);
    assert_eq!(graphml.out.matches("<node ").count(), nodes.len());
    assert_eq!(graphml.out.matches("<edge ").count(), edges.as_array().map_or(0, Vec::len));
}

/// Columns for other programs have to say what the sweep says, and be read back without the state they came from.
#[tokio::test]
async fn the_access_graph_is_exported_as_columns_and_read_back() {
    let state = copied();
    let folder = tempfile::tempdir().expect("a folder");
    let dir = text(&folder);
    let said = exeunt(&["--state", text(&state), "export", "columns", "-o", dir]).await;
    assert_eq!(said.code, 0, "{}", said.err);
    let sweep = exeunt(&["--state", text(&state), "--format", "json", "sweep"]).await.json();
    drop(state);
    let read_back = exeunt(&["--format", "json", "sweep", "--from-columns", dir]).await;
    let all = read_back.json();
    let counts = |list: &Value| -> Vec<Value> {
        let counted = |one: &Value| json!([one["name"], one["live"], one["privileged"], one["in_doubt"]]);
        let mut counts: Vec<Value> = list.as_array().expect("a list").iter().map(counted).collect();
        counts.sort_by_key(Value::to_string);
        counts
    };
    assert_eq!(counts(&all), counts(&sweep["reached"]));
    assert_eq!(read_back.code, 10, "somebody still reaches something");
    let first = &sweep["reached"][0];
    let reference = first["identity"].as_str().expect("a reference");
    let only = ["--format", "json", "sweep", "--from-columns", dir, "--only", reference];
    let one = exeunt(&only).await.json();
    assert_eq!(one[0]["live"], first["live"]);
    let same = all.as_array().expect("a list").iter().find(|known| known["name"] == one[0]["name"]);
    assert_eq!(same, Some(&one[0]), "one leaver by the blocks they lead through is what the whole says");
    let nobody = exeunt(&["sweep", "--from-columns", dir, "--only", "nowhere/identity/nobody"]).await;
    assert_eq!(nobody.code, 1);
    assert!(nobody.err.contains("there is no `nowhere/identity/nobody`"), "{}", nobody.err);
    std::fs::remove_file(folder.path().join("grants.parquet")).expect("removed");
    assert_eq!(exeunt(&["sweep", "--from-columns", dir]).await.code, 1, "a missing table is no empty one");
}

/// What somebody who left can still do has to be said with the way to it, the worst first.
#[tokio::test]
async fn the_sweep_says_what_is_still_reached() {
    let state = copied();
    let sweep = exeunt(&["--state", text(&state), "--format", "json", "sweep"]).await.json();
    let reached = sweep["reached"].as_array().expect("a list");
    let first = reached.first().expect("Mara Voss still reaches something");
    assert!(
        first["live"].as_u64() > Some(0) && !first["worst"][0]["way"].as_str().unwrap_or_default().is_empty(),
        "{first}"
    );
    let privileged: Vec<u64> = reached.iter().filter_map(|one| one["privileged"].as_u64()).collect();
    assert!(privileged.is_sorted_by(|a, b| a >= b), "{privileged:?}");
}
