//! Why a command did not do what was asked, and the exit code that says so.

use wire::problem::Problem;

/// Why a command failed. The exit codes are in `docs/tp.md`.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server's no, with its stable code. Exit code 1.
    Refused {
        /// Such as `timer.not_running`.
        code: String,
        /// A sentence.
        message: String,
    },
    /// What was typed makes no sense. Exit code 2, as for unknown options.
    Usage(String),
    /// The command needs the server and cannot reach it. Exit code 3.
    Offline(String),
    /// Nobody is signed in, or the token has ended. Exit code 4.
    SignedOut(String),
    /// This machine's trouble: a file, the disk. Exit code 5.
    Local(anyhow::Error),
    /// Something was found that does not fit; the answer has said what. Exit code 1.
    Found,
    /// Whoever read the output has stopped reading. Exit code 0.
    Closed,
}

impl Failure {
    pub(crate) fn refused(code: &str, message: impl Into<String>) -> Self {
        Self::Refused { code: code.to_owned(), message: message.into() }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// The exit code.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Closed => 0,
            Self::Refused { .. } | Self::Found => 1,
            Self::Usage(_) => 2,
            Self::Offline(_) => 3,
            Self::SignedOut(_) => 4,
            Self::Local(_) => 5,
        }
    }

    /// A stable code for programs.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Refused { code, .. } => code,
            Self::Usage(_) => "usage",
            Self::Offline(_) => "offline",
            Self::SignedOut(_) => "signed_out",
            Self::Local(_) => "local",
            Self::Found => "found",
            Self::Closed => "closed",
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused { message, .. }
            | Self::Usage(message)
            | Self::Offline(message)
            | Self::SignedOut(message) => f.write_str(message),
            Self::Local(error) => write!(f, "{error:#}"),
            Self::Found => f.write_str("something does not fit"),
            Self::Closed => f.write_str("the output was closed"),
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Local(error)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Refused { message: sentence(&problem), code: problem.code }
    }
}

/// What a problem says, in sentences: its fields' when it has any, else its own.
pub(crate) fn sentence(problem: &Problem) -> String {
    // The server says as little to everybody; here it is known what can be the reason.
    if problem.code == "forbidden" {
        return "Your role in this workspace, or what this token was made for, does not allow this."
            .to_owned();
    }
    if !problem.errors.is_empty() {
        let messages: Vec<&str> = problem.errors.iter().map(|e| e.message.as_str()).collect();
        return messages.join(" ");
    }
    match &problem.detail {
        Some(detail) if !detail.is_empty() => format!("{} {detail}", problem.title),
        _ => problem.title.clone(),
    }
}
