//! Refusals: the rules' no, each with a stable code (`docs/errors.md` lists them).

use domain::{
    ids::{ClientId, ProjectId, TaskId, TimeEntryId},
    sign_in_policy::Unmet,
};

/// Why the rules refuse an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The workspace refuses a second timer while one runs.
    TimerAlreadyRunning(TimeEntryId),
    /// There is no running entry.
    TimerNotRunning,
    /// Another entry runs than the one that is to be stopped.
    AnotherTimerRuns(TimeEntryId),
    /// The project is archived.
    ProjectArchived(ProjectId),
    /// The task is archived.
    TaskArchived(TaskId),
    /// The workspace forbids overlapping entries.
    EntriesOverlap {
        /// The other one.
        entry: TimeEntryId,
        /// When that is, as the asking member writes it; empty where they may not see it.
        when: String,
    },
    /// The instant to split at is not inside the entry.
    SplitOutsideEntry,
    /// A duration on a day, or a running entry, cannot be split.
    NotSplittable,
    /// The name is taken.
    NameTaken,
    /// A client with projects, a project with time, a tag in use: archive it instead.
    StillInUse,
    /// Somebody has the role, or is invited to it.
    RoleInUse,
    /// The project's client is in the trash.
    ClientDeleted(ClientId),
    /// The last owner cannot leave or step down.
    LastOwner,
    /// The address is a member's already, or has an open invitation.
    AlreadyInvited,
    /// The address was given up by somebody who can still take that back.
    AddressHeld,
    /// The link has been used, has expired, or was never made.
    LinkNotValid,
    /// Who wants to join by their mail domain cannot, or not any more; why is told to nobody.
    NoJoining,
    /// As many people have joined by the rule today as can in a day.
    TooManyJoined,
    /// The code is wrong; how many tries are left.
    CodeWrong {
        /// Tries left with this code.
        left: i64,
    },
    /// The code has expired, was replaced, or was tried too often.
    CodeNotValid,
    /// Too many codes were wrong for this address: in a browser that is not known, the link signs in.
    CodesOff,
    /// Too many mails to this address or from this network.
    TooManyMails,
    /// A program's request that was denied or has expired.
    GrantNotValid,
    /// The secret of a token is shown only once.
    TokenShownOnce,
    /// The token works from other addresses only.
    TokenNetwork,
    /// The one who changes the sign-in policy would not meet it.
    PolicyKeepsYouOut(Unmet),
    /// Who came by a printed link forbids mail, and shows no other way in.
    LinkShowsNoWay,
    /// Only owners make the sign-in policy stricter.
    OwnersNarrow,
    /// Only somebody who is signed in makes the sign-in policy stricter, no program.
    NarrowsInSession,
    /// The person has as many authenticator apps as they can have.
    TooManyAuthenticators,
    /// The workspace has as many providers of sign-ins as it can have.
    TooManyProviders,
    /// The account at the provider is joined to another person.
    ProviderTaken,
    /// There is no authenticator app, and no passkey, for recovery codes to stand in for.
    NoAuthenticator,
    /// Browsers know no passkeys at the address of this server.
    NoPasskeysHere,
    /// The person has no passkey that works here.
    NoPasskey,
    /// The person has as many passkeys as they can have.
    TooManyPasskeys,
    /// The passkey is somebody's already.
    PasskeyKnown,
    /// Nobody has this passkey here, or not the one whom it was asked of.
    PasskeyUnknown,
    /// The answer is too old, was sent before, or does not belong to what was asked.
    PasskeyNotValid,
    /// The device has not verified its person.
    PasskeyNotVerified,
    /// The counter of the passkey has gone back.
    PasskeyCopied,
    /// Too many questions to passkeys went to this network.
    TooManyQuestions,
    /// Somebody has no second factor that could be taken away.
    NoSecondFactor,
    /// A reset of somebody's second factors was stopped lately; until when owners announce none.
    ResetWasStopped {
        /// As the asking owner writes it.
        until: String,
    },
    /// Somebody belongs to workspaces of others, too, so an owner cannot have their second factors reset.
    NotAllTheirs,
    /// The cursor of a page is none that we gave.
    CursorNotValid,
    /// More passwords are being checked than the machine can.
    TooManyChecks,
    /// A person has changed their password, or tried to, too often within the hour.
    TooManyChanges,
    /// Nobody can decide on a request of support any more, or somebody has.
    SupportDecided,
    /// Support access is not open: not given yet, over, or its link was used.
    SupportNotOpen,
    /// Support asks for what was not given to it, or is never.
    SupportSeesNot,
    /// More requests of support wait in a workspace than are bearable.
    TooManySupport,
    /// A second operator confirms, and not the one who asked.
    SameOperator,
    /// No operator has this name and this secret.
    OperatorNotKnown,
    /// A command of the operator reaches a workspace, and no run-book is open.
    NoRunBook,
}

impl Refusal {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TimerAlreadyRunning(_) => "timer.already_running",
            Self::TimerNotRunning => "timer.not_running",
            Self::AnotherTimerRuns(_) => "timer.another_runs",
            Self::ProjectArchived(_) => "project.archived",
            Self::TaskArchived(_) => "task.archived",
            Self::EntriesOverlap { .. } => "time_entry.overlap",
            Self::SplitOutsideEntry => "time_entry.split_outside",
            Self::NotSplittable => "time_entry.not_splittable",
            Self::NameTaken => "name.taken",
            Self::StillInUse => "still_in_use",
            Self::RoleInUse => "role.in_use",
            Self::ClientDeleted(_) => "client.deleted",
            Self::LastOwner => "member.last_owner",
            Self::AlreadyInvited => "invitation.already_invited",
            Self::AddressHeld => "address.held",
            Self::LinkNotValid => "link.not_valid",
            Self::NoJoining => "join.not_possible",
            Self::TooManyJoined => "join.too_many",
            Self::CodeWrong { .. } => "code.wrong",
            Self::CodeNotValid => "code.not_valid",
            Self::CodesOff => "code.off",
            Self::TooManyMails => "mail.too_many",
            Self::GrantNotValid => "grant.not_valid",
            Self::TokenShownOnce => "token.shown_once",
            Self::TokenNetwork => "token.network",
            Self::PolicyKeepsYouOut(_) | Self::LinkShowsNoWay => "sign_in_policy.keeps_you_out",
            Self::OwnersNarrow => "sign_in_policy.owners_only",
            Self::NarrowsInSession => "sign_in_policy.session_only",
            Self::TooManyAuthenticators => "authenticator.too_many",
            Self::TooManyProviders => "provider.too_many",
            Self::ProviderTaken => "provider.taken",
            Self::NoAuthenticator => "authenticator.none",
            Self::NoPasskeysHere => "passkey.not_here",
            Self::NoPasskey => "passkey.none",
            Self::TooManyPasskeys => "passkey.too_many",
            Self::PasskeyKnown => "passkey.known",
            Self::PasskeyUnknown => "passkey.unknown",
            Self::PasskeyNotValid => "passkey.not_valid",
            Self::PasskeyNotVerified => "passkey.not_verified",
            Self::PasskeyCopied => "passkey.copied",
            Self::TooManyQuestions => "passkey.too_many_questions",
            Self::NoSecondFactor => "member.no_second_factor",
            Self::ResetWasStopped { .. } => "member.reset_stopped",
            Self::NotAllTheirs => "member.not_all_theirs",
            Self::CursorNotValid => "cursor.invalid",
            Self::TooManyChecks => "password.too_many_checks",
            Self::TooManyChanges => "password.too_many_changes",
            Self::SupportDecided => "support.decided",
            Self::SupportNotOpen => "support.not_open",
            Self::SupportSeesNot => "support.not_given",
            Self::TooManySupport => "support.too_many",
            Self::SameOperator => "support.same_operator",
            Self::OperatorNotKnown => "operator.not_known",
            Self::NoRunBook => "run_book.none",
        }
    }

    /// A sentence for people.
    pub fn sentence(&self) -> String {
        match self {
            Self::TimerAlreadyRunning(_) => {
                "A timer is running. Stop it first: this workspace allows one at a time.".to_owned()
            }
            Self::TimerNotRunning => "No timer is running.".to_owned(),
            Self::AnotherTimerRuns(_) => {
                "Another timer is running than the one to be stopped.".to_owned()
            }
            Self::ProjectArchived(_) => {
                "This project is archived. Restore it to book time on it.".to_owned()
            }
            Self::TaskArchived(_) => {
                "This task is archived. Restore it to book time on it.".to_owned()
            }
            Self::EntriesOverlap { when, .. } if when.is_empty() => {
                "This overlaps another entry, and this workspace forbids overlaps.".to_owned()
            }
            Self::EntriesOverlap { when, .. } => format!(
                "This overlaps the entry of {when}, and this workspace forbids overlaps. Change the \
                 times of one of the two."
            ),
            Self::SplitOutsideEntry => "Choose a moment inside the entry to split it.".to_owned(),
            Self::NotSplittable => {
                "Only a stopped entry with a start and an end can be split.".to_owned()
            }
            Self::NameTaken => "This name is taken. Choose another.".to_owned(),
            Self::StillInUse => "This is still in use. Archive it instead.".to_owned(),
            Self::RoleInUse => {
                "Somebody has this role, or is invited to it. Give them another one first."
                    .to_owned()
            }
            Self::ClientDeleted(_) => {
                "Its client is in the trash. Restore the client first.".to_owned()
            }
            Self::LastOwner => {
                "A workspace needs an owner. Make somebody else an owner first.".to_owned()
            }
            Self::AlreadyInvited => {
                "This address belongs to a member, or has an open invitation.".to_owned()
            }
            Self::CodeWrong { left: 1 } => "This code is wrong. One try is left.".to_owned(),
            Self::CodeWrong { left } => format!("This code is wrong. {left} tries are left."),
            Self::GrantNotValid => {
                "This request was denied or has expired. Start again.".to_owned()
            }
            Self::TokenShownOnce => {
                "This token was made already, and its secret is shown only once.".to_owned()
            }
            Self::TokenNetwork => "This token does not work from this address.".to_owned(),
            Self::PolicyKeepsYouOut(unmet) => {
                let first = match unmet {
                    Unmet::Network => "Add the address you come from, or save it from there.",
                    _ => "Sign in as it asks first, then save it.",
                };
                format!("This would keep you out yourself: {} {first}", unmet_sentence(*unmet))
            }
            Self::LinkShowsNoWay => "This could keep you out yourself: you came by a link from the server, \
                which shows no way by which you come in again. Sign in in another way first, then save it."
                .to_owned(),
            Self::AddressHeld
            | Self::LinkNotValid
            | Self::NoJoining
            | Self::TooManyJoined
            | Self::CodeNotValid
            | Self::CodesOff
            | Self::TooManyMails
            | Self::OwnersNarrow
            | Self::NarrowsInSession
            | Self::TooManyChecks
            | Self::TooManyChanges => self.of_coming_in().to_owned(),
            Self::TooManyAuthenticators
            | Self::NoAuthenticator
            | Self::NoSecondFactor
            | Self::NotAllTheirs
            | Self::TooManyProviders
            | Self::ProviderTaken
            | Self::NoPasskeysHere
            | Self::NoPasskey
            | Self::TooManyPasskeys
            | Self::PasskeyKnown
            | Self::PasskeyUnknown
            | Self::PasskeyNotValid
            | Self::PasskeyNotVerified
            | Self::PasskeyCopied
            | Self::TooManyQuestions => self.of_factors().to_owned(),
            Self::ResetWasStopped { until } => format!(
                "This was announced before and stopped, by them or an owner. It can be announced again \
                 from {until} on. Who runs this server can reset their second step before that."
            ),
            Self::CursorNotValid => "This cursor is not one of ours.".to_owned(),
            Self::SupportDecided
            | Self::SupportNotOpen
            | Self::SupportSeesNot
            | Self::TooManySupport
            | Self::SameOperator
            | Self::OperatorNotKnown
            | Self::NoRunBook => self.of_support().to_owned(),
        }
    }

    /// What is said of support access.
    const fn of_support(&self) -> &'static str {
        match self {
            Self::SupportDecided => {
                "Nobody can decide on this any more: it was decided, or has lapsed."
            }
            Self::SupportNotOpen => {
                "This support access is not open: it is over, or was not given yet."
            }
            Self::SupportSeesNot => "This was not given to support, or never is.",
            Self::TooManySupport => {
                "Too many requests of support wait in this workspace. Its owners decide on those first."
            }
            Self::SameOperator => "Somebody else than the one who asked has to confirm this.",
            Self::NoRunBook => "No run-book is open, and no owner has let support do this.",
            _ => "No operator has this name and this secret.",
        }
    }

    /// What is said of codes, links and passwords, and of how people may come in.
    const fn of_coming_in(&self) -> &'static str {
        match self {
            Self::AddressHeld => {
                "Somebody gave this address up in the last three days, and nobody else gets it before \
                 those are over. Try again then, or use another address."
            }
            Self::LinkNotValid => "This link was used already, or is too old.",
            Self::NoJoining => "This link does not work any more. Ask for an invitation.",
            Self::TooManyJoined => {
                "Many people have joined today. Try again tomorrow, or ask for an invitation."
            }
            Self::CodeNotValid => "This code no longer works. Ask for a new one.",
            Self::CodesOff => {
                "Too many wrong codes were typed for this address, so none is taken here. If the mail \
                 has a link, open it in this browser; or sign in another way."
            }
            Self::TooManyMails => "Too many mails were asked for. Try again in an hour.",
            Self::OwnersNarrow => "Only an owner can make this stricter: it could keep owners out.",
            Self::NarrowsInSession => {
                "An owner makes this stricter in a browser in which they meet it; no API token does."
            }
            Self::TooManyChecks => {
                "Many people sign in by password right now. Try again in a moment."
            }
            _ => "You have tried to change your password too often. Try again in an hour.",
        }
    }

    /// What is said of apps, passkeys and providers of sign-ins.
    const fn of_factors(&self) -> &'static str {
        match self {
            Self::TooManyAuthenticators => "You have three authenticator apps. Remove one first.",
            Self::NoAuthenticator => "Set up an authenticator app or a passkey first.",
            Self::NoSecondFactor => {
                "They have no second step of sign-in: a code by mail lets them in."
            }
            Self::NotAllTheirs => {
                "They also belong to a workspace that is not yours. Who runs this server can reset \
                 their second step."
            }
            Self::TooManyProviders => {
                "This workspace has as many providers as it can have. Remove one first."
            }
            Self::ProviderTaken => {
                "This account at the provider belongs to somebody else here. Sign out there, and \
                 begin again with your own."
            }
            Self::NoPasskeysHere => {
                "Browsers know passkeys only at https addresses with a name, and at localhost."
            }
            Self::NoPasskey => "You have no passkey here. Add one first.",
            Self::TooManyPasskeys => "You have twenty passkeys. Remove one first.",
            Self::PasskeyKnown => "This passkey is added already. Choose another device.",
            Self::PasskeyUnknown => {
                "This passkey is not known here. It may have been removed, or belong to somebody else."
            }
            Self::PasskeyNotVerified => {
                "Your device did not check that it is you. Unlock it by finger, face or PIN, then try \
                 again."
            }
            Self::PasskeyCopied => {
                "This passkey seems to be copied, so it is not let in. Sign in in another way, and \
                 remove it."
            }
            Self::TooManyQuestions => {
                "Many people on your network sign in with passkeys right now. Try again later."
            }
            _ => {
                "This did not work: it took longer than ten minutes, or was used before. Try again."
            }
        }
    }
}

/// What a sign-in policy misses, as a sentence for the one who misses it.
pub fn unmet_sentence(unmet: Unmet) -> &'static str {
    match unmet {
        Unmet::Network => "you do not come from one of the addresses that are allowed.",
        Unmet::MailForbidden => "you signed in with a mail, which is not allowed.",
        Unmet::PasswordForbidden => "you signed in with a password, which is not allowed.",
        Unmet::PasskeyForbidden => "you signed in with a passkey, which is not allowed.",
        Unmet::ProviderForbidden => "you signed in with a provider, which is not allowed.",
        Unmet::OtherProvider => {
            "you signed in with a provider that another workspace has set up, or that is there no \
             longer. Sign in another way to go on."
        }
        Unmet::SecondFactor => "you signed in without a second factor.",
        Unmet::StrongSecondFactor => {
            "you signed in without a second factor that is independent of your mailbox."
        }
        Unmet::Remembered => "your browser signed in by itself, which is not allowed.",
        Unmet::TooOld => "you signed in longer ago than is allowed.",
    }
}
