//! What the owners of a workspace are told of support access.

use domain::text::EmailAddress;

use crate::{Error, identity::outbox::Letter};

/// What has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SupportNews {
    /// Somebody asks to look into the workspace.
    Asked {
        /// Whether they say that no owner can be reached.
        without_owner: bool,
    },
    /// A second operator has confirmed that, and a day begins.
    Confirmed,
    /// The day is over, and the workspace is being opened.
    Opened,
}

impl SupportNews {
    /// The letter to an owner; `words` are the workspace, the operator, the reason and the ticket.
    ///
    /// Errors: [`Error::Invalid`] when the configured address holds control characters.
    pub(crate) fn letter(
        self,
        to: &EmailAddress,
        [workspace, operator, reason, ticket]: [&str; 4],
        page: &str,
    ) -> Result<Letter, Error> {
        let (what, then) = (self.what(), self.then());
        let body = format!(
            "Hello,\n\
             \n\
             {what}\n\
             \n\
             \x20   Workspace: {workspace}\n\
             \x20   Who:       {operator}\n\
             \x20   Why:       {reason}\n\
             \x20   Ticket:    {ticket}\n\
             \n\
             {then}\n\
             \n\
             {page}\n\
             \n\
             All of it, and everything that is looked at, stands in the record of the workspace.\n"
        );
        Letter::new(to.clone(), self.subject(), &body)
    }

    const fn subject(self) -> &'static str {
        match self {
            Self::Asked { .. } => "Somebody asks to look into a workspace of yours",
            Self::Confirmed => "A workspace of yours can be looked into from tomorrow on",
            Self::Opened => "A workspace of yours is being looked into",
        }
    }

    const fn what(self) -> &'static str {
        match self {
            Self::Asked { .. } => {
                "who runs the server of your Timeproof asks to look into a workspace that you own:"
            }
            Self::Confirmed => {
                "two of those who run the server of your Timeproof ask to look into a workspace that\n\
                 you own, and say that no owner can be reached:"
            }
            Self::Opened => {
                "two of those who run the server of your Timeproof have asked to look into a workspace\n\
                 that you own, no owner has refused it for a day, and now it is being opened:"
            }
        }
    }

    const fn then(self) -> &'static str {
        match self {
            Self::Asked { without_owner: false } => {
                "Nobody sees anything as long as no owner gives it. Give it or refuse it here:"
            }
            Self::Asked { without_owner: true } => {
                "They say that no owner can be reached. If a second one of them confirms that, the\n\
                 workspace can be looked into a day later, for an hour at most and without changing\n\
                 anything. Refuse it here, now or at any time:"
            }
            Self::Confirmed => {
                "From a day after this mail on it can be looked into, for an hour at most and without\n\
                 changing anything. Refuse it here, at any time:"
            }
            Self::Opened => "End it here, at any time:",
        }
    }
}
