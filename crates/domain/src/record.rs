//! What the record of a workspace is divided into.

use crate::choice::choice;

choice! {
    /// What an event is about, roughly.
    Part {
        /// Timers and entries.
        Time => "time",
        /// Clients, projects, tasks and tags.
        Work => "work",
        /// Members, invitations, teams and roles.
        People => "people",
        /// How people came in, their tokens, providers and the sign-in policy.
        SignIn => "sign_in",
        /// The workspace itself: its settings, its exports.
        Workspace => "workspace",
        /// What who runs the server asked for, was let into, looked at and did.
        Support => "support",
    }
}

choice! {
    /// What somebody has to do with an event.
    Side {
        /// They did it, by themselves or by a program.
        By => "by",
        /// It was done to them or to their time.
        About => "about",
    }
}

impl Part {
    /// Its word for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Time => "Time",
            Self::Work => "Projects, clients and tags",
            Self::People => "People, teams and roles",
            Self::SignIn => "Sign-ins and tokens",
            Self::Workspace => "The workspace",
            Self::Support => "Support and the operator",
        }
    }
}
