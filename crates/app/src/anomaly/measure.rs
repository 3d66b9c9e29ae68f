//! Which event counts as what, and for whom.

use domain::anomaly::Measure;
use uuid::Uuid;

use crate::{audit::Kind, identity::Act};

/// As what an event counts. `act` is what the directory has recorded, where it was that.
pub(super) fn measures(kind: Kind, act: Option<Act>) -> &'static [Measure] {
    match kind {
        Kind::WorkspaceExported | Kind::ReportExported => &[Measure::Exports],
        Kind::TimeSeen => &[Measure::Looks],
        Kind::DirectoryAct => act.map_or(&[], measures_of_act),
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

fn measures_of_act(act: Act) -> &'static [Measure] {
    match act {
        Act::SessionOpened => &[Measure::SignIns],
        Act::LoginFailed | Act::PasswordLocked | Act::SecondLocked | Act::RememberTheft => {
            &[Measure::Failures]
        }
        Act::PasswordSet
        | Act::PasswordChanged
        | Act::PasswordRemoved
        | Act::FactorAdded
        | Act::FactorRemoved
        | Act::FactorChanged
        | Act::RecoveryCodesMade
        | Act::RecoveryCodesRemoved
        | Act::ProviderLinked
        | Act::ProviderUnlinked
        | Act::AddressChanged => &[Measure::Factors],
        _ => &[],
    }
}

/// Who has done it: a member, or one of the programs; of an act of the directory whom it is about. Nobody
/// for what is not counted: what the program does by itself, such as emptying the trash, and what support
/// and operators do, which owners are told as it happens.
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
