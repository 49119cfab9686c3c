//! What ends a command without a verdict, and with which exit code.

use std::process::ExitCode;

/// A command could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line asks for something that makes no sense.
    #[error("{0}")]
    Usage(String),
    /// Something went wrong on the way; the message says what, where and what next.
    #[error("{0}")]
    CouldNot(String),
    /// Standard output was closed; there is nobody to tell.
    #[error("the output was closed")]
    OutputClosed,
}

impl Failure {
    /// The exit code: 2 for wrong usage, 1 for everything else.
    #[must_use]
    pub const fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::CouldNot(_) | Self::OutputClosed => 1,
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            Self::OutputClosed
        } else {
            Self::CouldNot(format!("could not write the output: {error}"))
        }
    }
}

macro_rules! could_not {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::CouldNot(error.to_string())
            }
        })*
    };
}

could_not!(
    exeunt_service::ConfigError,
    exeunt_service::ServiceError,
    exeunt_service::records::StreamError,
    exeunt_service::columns::AtRestError,
    serde_json::Error,
);

/// How a command that did its work ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// 0: clear, or the command has no verdict.
    Clear,
    /// 10: something is live or latent.
    Residual,
    /// 11: not proven.
    Unproven,
}

impl Done {
    /// The exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Clear => 0,
            Self::Residual => 10,
            Self::Unproven => 11,
        }
    }
}

impl From<exeunt_model::verdict::Conclusion> for Done {
    fn from(conclusion: exeunt_model::verdict::Conclusion) -> Self {
        use exeunt_model::verdict::Conclusion;
        match conclusion {
            Conclusion::Clear => Self::Clear,
            Conclusion::Residual => Self::Residual,
            Conclusion::Unproven => Self::Unproven,
        }
    }
}

/// The process's exit code for a result.
#[must_use]
pub fn exit_code(result: &Result<Done, Failure>) -> ExitCode {
    ExitCode::from(match result {
        Ok(done) => done.code(),
        Err(failure) => failure.code(),
    })
}
