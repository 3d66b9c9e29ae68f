//! Which event counts as what, and for whom.

use domain::anomaly::Measure;
use uuid::Uuid;

use crate::audit::Kind;

/// As what an event counts. `act` is what the directory has recorded, where it was that.
pub(super) fn measures(kind: Kind, act: Option<&str>) -> &'static [Measure] {
    match kind {
        Kind::WorkspaceExported | Kind::ReportExported => &[Measure::Exports],
        Kind::TimeSeen => &[Measure::Looks],
        Kind::DirectoryAct => act.map_or(&[], measures_of_act),
        // They are told as they happen, and of no member.
        Kind::SupportAsked
        | Kind::SupportConfirmed
        | Kind::SupportGranted
        | Kind::SupportRefused
        | Kind::SupportLinkMade
        | Kind::SupportOpened
        | Kind::SupportSeen
        | Kind::SupportEnded
        | Kind::OperatorCommand
        | Kind::LedgerRestored
        | Kind::AnomalyFound => &[],
        Kind::SignInPolicyChanged
        | Kind::JoinRuleChanged
        | Kind::ProviderAdded
        | Kind::ProviderChanged
        | Kind::ProviderRemoved
        | Kind::MemberRoleChanged
        | Kind::InvitationSent
        | Kind::RoleAdded
        | Kind::RoleChanged
        | Kind::TokenCreated => &[Measure::Powers, Measure::Changes],
        Kind::MemberRemoved
        | Kind::ClientDeleted
        | Kind::ClientPurged
        | Kind::ProjectDeleted
        | Kind::ProjectPurged
        | Kind::TaskDeleted
        | Kind::TaskPurged
        | Kind::TagDeleted
        | Kind::TagPurged
        | Kind::TeamDeleted
        | Kind::RoleDeleted
        | Kind::TimerDiscarded
        | Kind::TimeEntryDeleted
        | Kind::TimeEntryPurged => &[Measure::Deletions, Measure::Changes],
        _ => &[Measure::Changes],
    }
}

fn measures_of_act(act: &str) -> &'static [Measure] {
    match act {
        "session.opened" => &[Measure::SignIns],
        "login.failed" | "password.locked" | "second.locked" | "remember.theft" => {
            &[Measure::Failures]
        }
        "password.set"
        | "password.changed"
        | "password.removed"
        | "factor.added"
        | "factor.removed"
        | "factor.changed"
        | "recovery_codes.made"
        | "recovery_codes.removed"
        | "provider.linked"
        | "provider.unlinked"
        | "address.changed" => &[Measure::Factors],
        _ => &[],
    }
}

/// Who has done it: a member, or one of the programs; of an act of the directory whom it is about. Nobody
/// for the rest, which counts for the workspace alone.
pub(super) fn who(
    kind: Kind,
    actor: (&str, Option<Uuid>),
    subject: Option<Uuid>,
) -> Option<(&'static str, Uuid)> {
    match (kind, actor) {
        (Kind::DirectoryAct, _) => subject.map(|member| ("member", member)),
        (_, ("member", Some(member))) => Some(("member", member)),
        (_, ("token", Some(token))) => Some(("token", token)),
        _ => None,
    }
}
