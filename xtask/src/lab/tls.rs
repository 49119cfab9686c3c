//! The lab's certificate authority, so that readers must check certificates as they would at work.

use std::path::PathBuf;
use std::process::Command;

use super::error::LabError;
use super::files;
use super::layout::Layout;
use super::tool::run;

/// A certificate and its key.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The certificate, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM, mode 0600.
    pub key: PathBuf,
}

/// The authority's certificate: what a reader is told to trust.
pub fn ca_file(layout: &Layout) -> PathBuf {
    layout.tls().join("ca.pem")
}

/// Makes the authority.
pub fn make_authority(layout: &Layout) -> Result<(), LabError> {
    files::folder(&layout.tls(), 0o755)?;
    let key = layout.tls().join("ca.key");
    let mut openssl = Command::new("openssl");
    openssl
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
        .args(["-days", "3650", "-subj", "/O=Halden Instruments/CN=Halden lab authority"])
        .args(["-addext", "keyUsage=critical,keyCertSign,cRLSign"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(ca_file(layout));
    run("making the lab's certificate authority", &mut openssl, None)?;
    files::mode_of(&key, 0o600)
}

/// Makes a server certificate for 127.0.0.1 and localhost.
pub fn make_server(layout: &Layout, name: &str) -> Result<Certificate, LabError> {
    let place = |end: &str| layout.tls().join(format!("{name}.{end}"));
    let made = Certificate { certificate: place("pem"), key: place("key") };
    let mut request = Command::new("openssl");
    request
        .args(["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
        .args(["-subj", "/O=Halden Instruments/CN=localhost", "-keyout"])
        .arg(&made.key)
        .arg("-out")
        .arg(place("csr"));
    run("making a server key", &mut request, None)?;
    files::mode_of(&made.key, 0o600)?;
    // The extensions are read from standard input.
    let mut sign = Command::new("openssl");
    sign.args(["x509", "-req", "-days", "365", "-CAcreateserial", "-extfile", "-", "-in"])
        .arg(place("csr"))
        .arg("-CA")
        .arg(ca_file(layout))
        .arg("-CAkey")
        .arg(layout.tls().join("ca.key"))
        .arg("-out")
        .arg(&made.certificate);
    let extensions = "subjectAltName=DNS:localhost,IP:127.0.0.1\n\
        basicConstraints=critical,CA:FALSE\n\
        keyUsage=critical,digitalSignature\n\
        extendedKeyUsage=serverAuth\n";
    run("signing a server certificate", &mut sign, Some(extensions))?;
    Ok(made)
}
