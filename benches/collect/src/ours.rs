//! The collector as users run it: records mapped, every page kept as evidence, the snapshot stored and logged. Only the
//! manifest's reads are cut to the lists that both sides read, and its pace is the machine's and not the vendor's.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use exeunt_model::{ReadReceipt, Snapshot, SystemId};
use exeunt_sandbox::{System, credentials, story};
use exeunt_service::connectors::catalogue::Catalogue;
use exeunt_service::progress::{Progress, Stop};
use exeunt_service::{LoadedConfig, Service, Surroundings, SystemClock, catalogue_for};
use serde_json::{Value, json};

use exeunt_bench_figures::{clock, cpu, memory};

/// The lists both sides read.
const READS: [&str; 4] = ["members", "personal_access_tokens", "teams", "team_members"];

/// Notes how much memory is in use as rows come in.
#[derive(Default)]
struct Watch(Mutex<BTreeMap<String, u64>>, Mutex<Vec<(u64, u64)>>);

impl Progress for Watch {
    fn system_begins(&self, _: &SystemId) {}

    fn page(&self, _: &SystemId, read: &str, rows: u64) {
        let mut by_read = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pages = by_read.entry(read.to_owned()).or_default();
        *pages += 1;
        let _ = rows;
        let all: u64 = by_read.values().sum();
        if all.is_multiple_of(50) {
            let seen = memory::resident().unwrap_or_default();
            self.1.lock().unwrap_or_else(PoisonError::into_inner).push((all, seen));
        }
    }

    fn read_ended(&self, _: &SystemId, _: &ReadReceipt) {}
    fn system_ended(&self, _: &Snapshot) {}
}

/// Collects once.
pub async fn read(url: &str) -> Result<Value, String> {
    let folder = tempfile::tempdir().map_err(|e| format!("making a folder: {e}"))?;
    prepare(folder.path(), url)?;
    let watch = Arc::new(Watch::default());
    let around = Surroundings {
        clock: Arc::new(SystemClock),
        progress: Arc::<Watch>::clone(&watch),
        stop: Stop::new(),
    };
    let config = LoadedConfig::read(&folder.path().join("exeunt.yaml")).map_err(|e| e.to_string())?;
    let connectors =
        catalogue_for(&config, Some(&folder.path().join("connectors"))).map_err(|e| e.to_string())?;
    let service = Service::open(config, connectors, &folder.path().join("state"), around)
        .await
        .map_err(|e| e.to_string())?;
    let start = clock();
    let collected = service.collect(&[]).await.map_err(|e| e.to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    let receipts: Vec<&ReadReceipt> =
        collected.iter().flat_map(|(_, snapshot)| &snapshot.reads).map(|read| &read.receipt).collect();
    if let Some(partial) = receipts.iter().find(|receipt| !receipt.outcome.is_complete()) {
        return Err(format!("{} was not read whole: {:?}", partial.title(), partial.outcome));
    }
    let pages: u64 = receipts.iter().map(|receipt| u64::from(receipt.pages)).sum();
    let rows: u64 = receipts.iter().map(|receipt| receipt.rows).sum();
    let seen = watch.1.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let quarter = |n: u64| seen.iter().find(|(at, _)| at * 4 >= pages * n).map(|(_, mib)| *mib);
    Ok(json!({
        "pages": pages, "rows": rows, "seconds": (seconds * 100.0).round() / 100.0, "cpu": cpu(),
        "peak": memory::peak(), "quarters": [quarter(1), quarter(2), quarter(3), seen.last().map(|(_, mib)| *mib)],
    }))
}

fn prepare(folder: &Path, url: &str) -> Result<(), String> {
    let told = |e: std::io::Error| format!("writing the bench's configuration: {e}");
    let built_in = Catalogue::of(None, |name| name == "github").map_err(|e| e.to_string())?;
    let github = built_in.get("github").ok_or("there is no connector github")?;
    let mut manifest = serde_json::to_value(&*github.manifest).map_err(|e| e.to_string())?;
    manifest["connector"] = json!("github-paced");
    manifest["client"]["rate"]["per_second"] = json!(1_000_000);
    manifest["client"]["concurrency"] = json!(4);
    manifest["client"]["conditional"] = json!(false);
    if let Some(reads) = manifest["reads"].as_object_mut() {
        reads.retain(|name, _| READS.contains(&name.as_str()));
    }
    // What is not read here is blind here.
    if let Some(survivors) = manifest["survivors"].as_object_mut() {
        for coverage in survivors.values_mut() {
            *coverage = json!({ "blind": "not read in this bench" });
        }
        survivors.insert("principal".into(), json!({ "seen_by": ["members"] }));
        survivors.insert("token.user".into(), json!({ "seen_by": ["personal_access_tokens"] }));
        survivors.insert("grant.direct".into(), json!({ "seen_by": ["team_members", "teams"] }));
    }
    manifest["identity_kinds"] = json!([]);
    manifest["proof"] = json!({});
    manifest["revoke"] = json!({});
    manifest["blind_spots"] = json!([]);
    let its = folder.join("connectors/github-paced");
    std::fs::create_dir_all(&its).map_err(told)?;
    std::fs::write(its.join("manifest.yaml"), manifest.to_string()).map_err(told)?;
    std::fs::write(folder.join("word"), credentials::of(System::GitHub)).map_err(told)?;
    let config = json!({
        "version": 1, "organisation": { "name": "Crowd", "domains": ["halden.example"] }, "directory": "github",
        "systems": { "github": {
            "connector": "github-paced", "url": url, "auth": { "bearer": "file:word" },
            "settings": { "org": story::GITHUB_ORG, "known_member": "halden-ci" },
            "tls": { "plain_text_on_loopback": true }, "allow_private": true,
        } },
    });
    std::fs::write(folder.join("exeunt.yaml"), config.to_string()).map_err(told)
}
