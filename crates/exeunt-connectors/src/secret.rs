//! Our own credentials: a type that cannot print, and how a reference becomes one.
//!
//! What a reference says about a secret (a variable's name, a path, a command) may be shown; the
//! value may not, so errors here carry the reference and never what it led to.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use futures_util::future::BoxFuture;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use tokio::io::AsyncReadExt;

use exeunt_model::config::SecretRef;

/// The longest secret: private keys are a few thousand bytes, anything near this is a wrong path.
pub const LONGEST_SECRET: usize = 64 * 1024;

/// How long a command may take to hand over a secret. Longer than a password manager needs,
/// shorter than a person waits for a run that asks a question nobody sees.
pub const EXEC_TIMEOUT: Duration = Duration::from_secs(30);

/// A credential. It prints as `[redacted]`, cannot be serialised, is wiped when dropped, and is
/// never empty: an empty LDAP password would turn a bind into an anonymous success.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// A secret from its text; `None` when there is none.
    #[must_use]
    pub fn new(text: String) -> Option<Self> {
        if text.is_empty() { None } else { Some(Self(text.into())) }
    }

    /// The value itself, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A reference that led to no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The variable is not set, or not text.
    #[error(
        "the credential {reference} could not be read: the environment variable is {state}. \
         Set it for the process that runs exeunt, or change the reference"
    )]
    Env {
        /// The reference.
        reference: SecretRef,
        /// What is the matter with it.
        state: &'static str,
    },
    /// The file could not be read.
    #[error(
        "the credential {reference} could not be read: {cause}. Check that the file exists and \
         that the user who runs exeunt may read it"
    )]
    File {
        /// The reference.
        reference: SecretRef,
        /// What the system said.
        cause: String,
    },
    /// The command gave nothing usable.
    #[error(
        "the credential {reference} could not be read: {cause}. Run the command by hand as the \
         same user; it is started without a shell and without input, and its words are split at \
         spaces"
    )]
    Exec {
        /// The reference.
        reference: SecretRef,
        /// What happened.
        cause: String,
    },
    /// There is nothing in it.
    #[error("the credential {0} is empty. An empty credential is never sent; put the real one there")]
    Empty(SecretRef),
    /// It is too large or no text.
    #[error("the credential {0} is {1}, so it is no credential. Check where it points")]
    NoCredential(SecretRef, &'static str),
}

/// Something that works but should not stay so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the file of the credential {reference} can be read by others than its owner (mode {mode:o}). \
     Make it `chmod 600`"
)]
pub struct SecretWarning {
    /// The reference.
    pub reference: SecretRef,
    /// The permission bits of the file.
    pub mode: u32,
}

/// Turns references into secrets, once, when a connection is prepared.
pub trait Secrets: Send + Sync {
    /// The secret a reference leads to.
    ///
    /// # Errors
    /// When it leads to none; see [`SecretError`].
    fn resolve<'a>(&'a self, reference: &'a SecretRef) -> BoxFuture<'a, Result<Secret, SecretError>>;

    /// Where a file named in the configuration is: relative paths start where the configuration
    /// is, so that a run does not depend on the folder it was started in.
    fn place(&self, path: &str) -> PathBuf;
}

/// Secrets of this machine: its environment, files and commands.
#[derive(Debug, Clone)]
pub struct HostSecrets {
    folder: PathBuf,
    exec_timeout: Duration,
}

impl HostSecrets {
    /// Relative paths start at `folder`, that of the configuration file.
    #[must_use]
    pub fn beside(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), exec_timeout: EXEC_TIMEOUT }
    }

    /// With another limit for commands.
    #[must_use]
    pub const fn with_exec_timeout(mut self, limit: Duration) -> Self {
        self.exec_timeout = limit;
        self
    }

    /// What should be changed about a reference though it works; for `exeunt check`.
    #[must_use]
    #[cfg(unix)]
    pub fn warning(&self, reference: &SecretRef) -> Option<SecretWarning> {
        use std::os::unix::fs::PermissionsExt;
        let SecretRef::File(path) = reference else { return None };
        let mode = std::fs::metadata(self.place(path)).ok()?.permissions().mode() & 0o777;
        (mode & 0o077 != 0).then(|| SecretWarning { reference: reference.clone(), mode })
    }

    /// What should be changed about a reference though it works; file modes exist on Unix only.
    #[must_use]
    #[cfg(not(unix))]
    pub const fn warning(&self, _reference: &SecretRef) -> Option<SecretWarning> {
        None
    }
}

impl Secrets for HostSecrets {
    fn resolve<'a>(&'a self, reference: &'a SecretRef) -> BoxFuture<'a, Result<Secret, SecretError>> {
        Box::pin(async move {
            match reference {
                SecretRef::Env(name) => from_env(reference, name),
                SecretRef::File(path) => from_file(reference, &self.place(path)),
                SecretRef::Exec(command) => {
                    from_command(reference, command, &self.folder, self.exec_timeout).await
                }
            }
        })
    }

    fn place(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }
}

fn from_env(reference: &SecretRef, name: &str) -> Result<Secret, SecretError> {
    let fail = |state| SecretError::Env { reference: reference.clone(), state };
    let text = std::env::var(name).map_err(|e| match e {
        std::env::VarError::NotPresent => fail("not set"),
        std::env::VarError::NotUnicode(_) => fail("not valid text"),
    })?;
    Secret::new(text).ok_or_else(|| SecretError::Empty(reference.clone()))
}

#[expect(clippy::disallowed_methods, reason = "the file is read with a cap")]
fn from_file(reference: &SecretRef, path: &Path) -> Result<Secret, SecretError> {
    let fail = |e: std::io::Error| SecretError::File {
        reference: reference.clone(),
        cause: format!("{}: {e}", path.display()),
    };
    let file = std::fs::File::open(path).map_err(fail)?;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(LONGEST_SECRET as u64 + 1).read_to_end(&mut bytes).map_err(fail)?;
    from_bytes(reference, &bytes)
}

#[expect(clippy::disallowed_methods, reason = "the output is read with a cap")]
async fn from_command(
    reference: &SecretRef,
    command: &str,
    folder: &Path,
    limit: Duration,
) -> Result<Secret, SecretError> {
    let fail = |cause: String| SecretError::Exec { reference: reference.clone(), cause };
    let mut words = command.split_whitespace();
    let program = words.next().ok_or_else(|| fail("no command is named".to_owned()))?;
    // Its standard error is not kept: password tools have been seen to print secrets there.
    let mut child = tokio::process::Command::new(program)
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|e| fail(format!("{program} could not be started: {e}")))?;
    let Some(output) = child.stdout.take() else {
        return Err(fail("its output could not be read".to_owned()));
    };
    let mut bytes = Zeroizing::new(Vec::new());
    let ended = tokio::time::timeout(limit, async {
        output.take(LONGEST_SECRET as u64 + 1).read_to_end(&mut bytes).await?;
        child.wait().await
    })
    .await;
    match ended {
        Err(_) => Err(fail(format!("it did not end within {} s and was stopped", limit.as_secs_f32()))),
        Ok(Err(e)) => Err(fail(format!("its output could not be read: {e}"))),
        Ok(Ok(_)) if bytes.len() > LONGEST_SECRET => from_bytes(reference, &bytes),
        Ok(Ok(status)) if !status.success() => Err(fail(format!("it ended with {status}"))),
        Ok(Ok(_)) => from_bytes(reference, &bytes),
    }
}

/// The text without its trailing newline, which editors and `echo` add.
fn from_bytes(reference: &SecretRef, bytes: &[u8]) -> Result<Secret, SecretError> {
    if bytes.len() > LONGEST_SECRET {
        return Err(SecretError::NoCredential(reference.clone(), "longer than 64 KiB"));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| SecretError::NoCredential(reference.clone(), "not valid text"))?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    Secret::new(text.to_owned()).ok_or_else(|| SecretError::Empty(reference.clone()))
}

#[cfg(test)]
mod tests {
    use super::{HostSecrets, Secret, SecretError, Secrets};
    use exeunt_model::config::SecretRef;
    use std::time::Duration;

    const VALUE: &str = "correct-horse-battery";

    #[derive(Debug, thiserror::Error)]
    #[error("could not sign in with {secret}")]
    struct Outer {
        secret: Secret,
        #[source]
        cause: Inner,
    }

    #[derive(Debug, thiserror::Error)]
    #[error("refused: {0:?}")]
    struct Inner(Option<Secret>);

    fn secret() -> Secret {
        Secret::new(VALUE.to_owned()).expect("not empty")
    }

    /// A log line or an error report with a connection in it must not give our token away.
    #[test]
    fn a_secret_cannot_print_not_even_inside_an_error_chain() {
        let error = Outer { secret: secret(), cause: Inner(Some(secret())) };
        let cause = std::error::Error::source(&error).expect("has a cause");
        let printed = format!("{error} {error:?} {error:#?} {cause} {cause:?} {} {:?}", secret(), secret());
        assert!(!printed.contains(VALUE), "{printed}");
        assert!(printed.contains("[redacted]"));
    }

    /// If `Secret` ever became serialisable, `_` below would be ambiguous and this would not
    /// compile; evidence and reports are made by serialising.
    #[test]
    fn a_secret_cannot_be_serialised() {
        trait OnlyOne<Marker> {
            fn one() {}
        }
        impl<T: ?Sized> OnlyOne<()> for T {}
        struct Serialisable;
        impl<T: ?Sized + serde::Serialize> OnlyOne<Serialisable> for T {}
        <Secret as OnlyOne<_>>::one();
    }

    /// The newline that `echo` adds is not part of the password, spaces and a second newline are.
    #[tokio::test]
    async fn a_file_gives_its_text_without_the_trailing_newline() {
        let folder = tempfile::tempdir().expect("folder");
        let secrets = HostSecrets::beside(folder.path());
        for (content, want) in [("a b \n", "a b "), ("ab\r\n", "ab"), ("ab", "ab"), ("ab\n\n", "ab\n")] {
            std::fs::write(folder.path().join("s"), content).expect("written");
            let got = secrets.resolve(&SecretRef::File("s".to_owned())).await.expect("resolves");
            assert_eq!(got.expose(), want);
        }
    }

    /// An empty password would bind anonymously and list what anybody may see.
    #[tokio::test]
    async fn an_empty_secret_is_refused() {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(folder.path().join("s"), "\n").expect("written");
        let secrets = HostSecrets::beside(folder.path());
        let reference = SecretRef::File("s".to_owned());
        assert_eq!(secrets.resolve(&reference).await.err(), Some(SecretError::Empty(reference)));
    }

    /// Each failure names the reference and what to do, so that the operator can mend it.
    #[tokio::test]
    async fn failures_name_the_reference() {
        let folder = tempfile::tempdir().expect("folder");
        let secrets = HostSecrets::beside(folder.path()).with_exec_timeout(Duration::from_millis(200));
        for (reference, word) in [
            ("env:EXEUNT_TEST_NOT_SET_ANYWHERE", "not set"),
            ("file:absent", "Check that the file exists"),
            ("exec:exeunt-no-such-program now", "could not be started"),
            ("exec:false", "ended with"),
            ("exec:sleep 60", "did not end within"),
            ("exec:yes", "longer than 64 KiB"),
        ] {
            let reference: SecretRef = reference.parse().expect("a reference");
            let error = secrets.resolve(&reference).await.expect_err("fails").to_string();
            assert!(error.contains(&reference.to_string()), "{error}");
            assert!(error.contains(word), "{error}");
        }
    }

    /// A password manager's output is used, and a failing one's output is not shown.
    #[tokio::test]
    async fn a_command_gives_its_output_and_no_shell_sees_it() {
        let secrets = HostSecrets::beside(".");
        let reference = SecretRef::Exec("echo $HOME;id".to_owned());
        assert_eq!(secrets.resolve(&reference).await.expect("resolves").expose(), "$HOME;id");
    }

    /// A token file that the whole machine can read is worth a word in `exeunt check`.
    #[cfg(unix)]
    #[test]
    fn a_file_others_can_read_is_warned_about() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("s");
        std::fs::write(&path, VALUE).expect("written");
        let secrets = HostSecrets::beside(folder.path());
        let reference = SecretRef::File("s".to_owned());
        for (mode, warned) in [(0o600, false), (0o640, true), (0o604, true), (0o400, false)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("set");
            assert_eq!(secrets.warning(&reference).is_some(), warned, "{mode:o}");
        }
    }
}
