//! Chromium without a window and without a network.

use std::process::{Command, Stdio};

/// The page as it is after its scripts have run.
pub fn opened(html: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("page.html");
    std::fs::write(&file, html).unwrap();
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
        // Nothing can be looked up, so nothing can be reached.
        .args([
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--disable-background-networking",
            "--disable-component-update",
        ])
        .args(["--virtual-time-budget=20000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", home.path().join("profile").display()))
        .arg(format!("file://{}", file.display()))
        .stderr(Stdio::null())
        .output()
        .expect("chromium is installed: `cargo xtask lab up` does it");
    String::from_utf8(output.stdout).unwrap()
}

/// What an attribute of the page's root says.
pub fn said<'a>(page: &'a str, attribute: &str) -> Option<&'a str> {
    let (_, rest) = page.split_once(&format!("{attribute}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}
