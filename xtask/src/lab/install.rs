//! Installing the servers: Debian packages, and Python packages in environments of the lab's own.
//!
//! What is already there is left alone, so that a second run takes a moment. What a connector's own server needs is listed
//! in its folder, `connectors/<system>/lab/`: `debian.txt` (a package and how its version begins, one to a line),
//! `requirements.txt` (pinned, for a Python environment of its own) and `npm.txt` (package@version, one to a line).

use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::LabError;
use super::files;
use super::layout::Layout;
use super::tool::run;

/// A Debian package, and how the version must begin: the lab's facts were checked on these.
const PACKAGES: [(&str, &str); 8] = [
    ("slapd", "2.5."),
    ("ldap-utils", "2.5."),
    ("postgresql-15", "15."),
    ("postgresql-client-15", "15."),
    ("openssl", "3."),
    ("curl", ""),
    ("python3-venv", "3.11."),
    // The page of a bundle is opened in it.
    ("chromium", ""),
];

/// Keeps packages from starting services of their own; the lab starts its own on its own ports.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// The Python environments: name, pinned requirements.
const ENVIRONMENTS: [(&str, &str); 2] =
    [("synapse", include_str!("requirements-synapse.txt")), ("moto", include_str!("requirements-moto.txt"))];

/// Installs whatever is missing.
pub fn install(layout: &Layout) -> Result<(), LabError> {
    let own = own_servers()?;
    let mut packages: Vec<(String, String)> =
        PACKAGES.iter().map(|(name, begins)| ((*name).to_owned(), (*begins).to_owned())).collect();
    for (_, folder) in &own {
        packages.extend(lines(&folder.join("debian.txt"))?.iter().map(|line| {
            let (name, begins) = line.split_once(' ').unwrap_or((line, ""));
            (name.to_owned(), begins.trim().to_owned())
        }));
    }
    debian(&packages)?;
    files::folder(&layout.tools, 0o755)?;
    for (name, requirements) in ENVIRONMENTS {
        environment(&layout.venv(name), name, requirements)?;
    }
    for (name, folder) in &own {
        let requirements = folder.join("requirements.txt");
        if requirements.exists() {
            environment(&layout.venv(name), name, &files::read(&requirements)?)?;
        }
        let wanted = lines(&folder.join("npm.txt"))?;
        if !wanted.is_empty() {
            modules(&layout.tools.join(format!("{name}-node")), name, &wanted)?;
        }
    }
    Ok(())
}

/// The connectors that bring a server of their own, by name, with the folder that says what it needs.
fn own_servers() -> Result<Vec<(String, PathBuf)>, LabError> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../connectors");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&all).map_err(LabError::file("read", &all))? {
        let entry = entry.map_err(LabError::file("read", &all))?;
        let folder = entry.path().join("lab");
        if folder.join("play.py").is_file() {
            found.push((entry.file_name().to_string_lossy().into_owned(), folder));
        }
    }
    found.sort();
    Ok(found)
}

/// The lines of a list; none where there is no such file.
fn lines(list: &Path) -> Result<Vec<String>, LabError> {
    if !list.exists() {
        return Ok(Vec::new());
    }
    let text = files::read(list)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(lines.map(str::to_owned).collect())
}

/// Node packages in a folder of their own.
fn modules(folder: &Path, name: &str, wanted: &[String]) -> Result<(), LabError> {
    let done = folder.join("installed.txt");
    let list = wanted.join("\n");
    if std::fs::read_to_string(&done).is_ok_and(|text| text == list) {
        return Ok(());
    }
    eprintln!("lab: installing the Node packages of {name}");
    files::remove(folder)?;
    files::folder(folder, 0o755)?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]).arg(folder).args(wanted);
    run(&format!("installing the Node packages of {name} from npm"), &mut npm, None)?;
    std::fs::write(&done, list).map_err(LabError::file("write", &done))
}

fn debian(packages: &[(String, String)]) -> Result<(), LabError> {
    let user = run("asking who runs the lab", Command::new("id").arg("-u"), None)?;
    if user.trim() != "0" {
        return Err(LabError::Unfit(
            "the lab installs packages and starts PostgreSQL as its own user: run it as root, in a container"
                .into(),
        ));
    }
    let release = std::fs::read_to_string("/etc/debian_version").unwrap_or_default();
    if !release.starts_with("12") {
        return Err(LabError::Unfit(format!(
            "the lab runs on Debian 12, where its facts were checked; this is {:?}: use a debian:12 container",
            release.trim()
        )));
    }
    let missing: Vec<&str> =
        packages.iter().map(|(name, _)| name.as_str()).filter(|name| version(name).is_none()).collect();
    if !missing.is_empty() {
        eprintln!("lab: installing {}", missing.join(" "));
        apt(&missing)?;
    }
    for (name, begins) in packages {
        let found = version(name).unwrap_or_default();
        if !found.starts_with(begins.as_str()) {
            return Err(LabError::Unfit(format!(
                "the Debian package {name} is {found}, and the lab was checked with {begins}x: use Debian 12's own"
            )));
        }
    }
    Ok(())
}

/// The version of an installed package.
fn version(package: &str) -> Option<String> {
    let mut query = Command::new("dpkg-query");
    let text =
        run("asking for a package", query.args(["-W", "-f", "${Status}\t${Version}", package]), None).ok()?;
    let (status, version) = text.split_once('\t')?;
    (status == "install ok installed").then(|| version.to_owned())
}

fn apt(packages: &[&str]) -> Result<(), LabError> {
    run("updating the package lists", Command::new("apt-get").args(["update", "-q"]), None)?;
    let guard = Path::new(POLICY);
    let guarded = guard.exists();
    if !guarded {
        std::fs::write(guard, "#!/bin/sh\nexit 101\n").map_err(LabError::file("write", guard))?;
        files::mode_of(guard, 0o755)?;
    }
    let mut install = Command::new("apt-get");
    install
        .args(["install", "-y", "-q", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive");
    let outcome = run("installing Debian packages", &mut install, None);
    if !guarded {
        files::remove(guard)?;
    }
    outcome.map(drop)
}

/// A Python environment with exactly the pinned requirements. The list is kept inside once all
/// of it is installed, so that an interrupted installation is done again.
fn environment(venv: &Path, name: &str, requirements: &str) -> Result<(), LabError> {
    let done = venv.join("installed.txt");
    if std::fs::read_to_string(&done).is_ok_and(|text| text == requirements) {
        return Ok(());
    }
    eprintln!("lab: installing the Python packages of {name}");
    files::remove(venv)?;
    run(
        "making a Python environment",
        Command::new("/usr/bin/python3").args(["-m", "venv"]).arg(venv),
        None,
    )?;
    let list = venv.join("requirements.txt");
    std::fs::write(&list, requirements).map_err(LabError::file("write", &list))?;
    let mut pip = Command::new(venv.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&list);
    run(&format!("installing the Python packages of {name} from PyPI"), &mut pip, None)?;
    std::fs::write(&done, requirements).map_err(LabError::file("write", &done))
}
