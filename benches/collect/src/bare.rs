//! The least anybody could do: fetch each page, parse it, count its rows, go on.

use exeunt_sandbox::{System, credentials, story};
use serde_json::{Value, json};

use exeunt_bench_figures::{clock, cpu, memory};

/// Reads the lists that the collector reads, one page after the other, over one connection a list.
pub async fn read(url: &str) -> Result<Value, String> {
    let client = reqwest::Client::builder().no_proxy().build().map_err(|e| e.to_string())?;
    let start = clock();
    let mut count = Count::default();
    let org = story::GITHUB_ORG;
    let listed = |path: String| format!("{url}{path}");
    count.list(&client, listed(format!("/orgs/{org}/members?per_page=100"))).await?;
    count.list(&client, listed(format!("/orgs/{org}/personal-access-tokens?per_page=100"))).await?;
    let teams = count.list(&client, listed(format!("/orgs/{org}/teams?per_page=100"))).await?;
    for team in &teams {
        count.list(&client, listed(format!("/orgs/{org}/teams/{team}/members?per_page=100"))).await?;
    }
    let seconds = start.elapsed().as_secs_f64();
    Ok(json!({
        "pages": count.pages, "rows": count.rows, "seconds": (seconds * 100.0).round() / 100.0, "cpu": cpu(),
        "peak": memory::peak(), "quarters": Value::Null,
    }))
}

#[derive(Default)]
struct Count {
    pages: u64,
    rows: u64,
}

impl Count {
    /// Follows a list to its end; gives the slugs of its rows, where they have any.
    async fn list(&mut self, client: &reqwest::Client, first: String) -> Result<Vec<String>, String> {
        let (mut next, mut slugs) = (Some(first), Vec::new());
        while let Some(url) = next {
            let answer = client.get(&url).bearer_auth(credentials::of(System::GitHub)).send().await;
            let answer = answer.map_err(|e| format!("{url}: {e}"))?;
            next = answer.headers().get("link").and_then(|link| link.to_str().ok()).and_then(rel_next);
            #[expect(clippy::disallowed_methods, reason = "the rival is the plainest loop there is")]
            let body = answer.bytes().await.map_err(|e| format!("{url}: {e}"))?;
            let page: Value = serde_json::from_slice(&body).map_err(|e| format!("{url}: {e}"))?;
            let rows = page.as_array().ok_or_else(|| format!("{url}: no list"))?;
            self.pages += 1;
            self.rows += rows.len() as u64;
            slugs.extend(rows.iter().filter_map(|row| row["slug"].as_str().map(str::to_owned)));
        }
        Ok(slugs)
    }
}

fn rel_next(link: &str) -> Option<String> {
    let part = link.split(',').find(|part| part.contains("rel=\"next\""))?;
    Some(part.trim().strip_prefix('<')?.split('>').next()?.to_owned())
}
