//! What can happen.

/// Declares the kinds of events with their stable words.
macro_rules! kinds {
    ($($(#[$meta:meta])* $kind:ident => $word:literal,)+) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind { $($(#[$meta])* $kind,)+ }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+];

            /// The stable word, stored and sent.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $word,)+ }
            }
        }

        impl std::str::FromStr for Kind {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                match text { $($word => Ok(Self::$kind),)+ _ => Err(()) }
            }
        }
    };
}

kinds! {
    /// A workspace was set up.
    WorkspaceCreated => "workspace.created",
    /// Its settings changed.
    WorkspaceChanged => "workspace.changed",
    /// Its sign-in policy changed.
    SignInPolicyChanged => "sign_in_policy.changed",
    /// Who may join by themselves has changed.
    JoinRuleChanged => "join_rule.changed",
    /// A provider of sign-ins was added.
    ProviderAdded => "provider.added",
    /// A provider of sign-ins changed.
    ProviderChanged => "provider.changed",
    /// A provider of sign-ins was removed.
    ProviderRemoved => "provider.removed",
    /// Everything was exported.
    WorkspaceExported => "workspace.exported",
    /// An older state was put back: the ledger goes on from it under another name.
    LedgerRestored => "ledger.restored",
    /// A person joined.
    MemberJoined => "member.joined",
    /// A member changed their profile.
    MemberChanged => "member.changed",
    /// A member's role changed.
    MemberRoleChanged => "member.role_changed",
    /// A member was removed.
    MemberRemoved => "member.removed",
    /// A person was invited.
    InvitationSent => "invitation.sent",
    /// Somebody accepted an invitation.
    InvitationAccepted => "invitation.accepted",
    /// An invitation was taken back.
    InvitationRevoked => "invitation.revoked",
    /// A client was added.
    ClientAdded => "client.added",
    /// A client changed.
    ClientChanged => "client.changed",
    /// A client was deleted.
    ClientDeleted => "client.deleted",
    /// A client was taken out of the trash.
    ClientRestored => "client.restored",
    /// A client left the trash for good.
    ClientPurged => "client.purged",
    /// A project was added.
    ProjectAdded => "project.added",
    /// A project changed.
    ProjectChanged => "project.changed",
    /// A project was deleted.
    ProjectDeleted => "project.deleted",
    /// A project was taken out of the trash.
    ProjectRestored => "project.restored",
    /// A project left the trash for good.
    ProjectPurged => "project.purged",
    /// A member was put on a project, or their place changed.
    ProjectMemberPut => "project.member_put",
    /// A member was taken off a project.
    ProjectMemberRemoved => "project.member_removed",
    /// A task was added.
    TaskAdded => "task.added",
    /// A task changed.
    TaskChanged => "task.changed",
    /// A task was deleted.
    TaskDeleted => "task.deleted",
    /// A task was taken out of the trash.
    TaskRestored => "task.restored",
    /// A task left the trash for good.
    TaskPurged => "task.purged",
    /// A tag was added.
    TagAdded => "tag.added",
    /// A tag changed.
    TagChanged => "tag.changed",
    /// A tag was deleted.
    TagDeleted => "tag.deleted",
    /// A tag was taken out of the trash.
    TagRestored => "tag.restored",
    /// A tag left the trash for good.
    TagPurged => "tag.purged",
    /// A team was made.
    TeamAdded => "team.added",
    /// A team changed.
    TeamChanged => "team.changed",
    /// A team was deleted.
    TeamDeleted => "team.deleted",
    /// A member was put in a team, or their place changed.
    TeamMemberPut => "team.member_put",
    /// A member was taken out of a team.
    TeamMemberRemoved => "team.member_removed",
    /// A role was made.
    RoleAdded => "role.added",
    /// A role changed.
    RoleChanged => "role.changed",
    /// A role was deleted.
    RoleDeleted => "role.deleted",
    /// A timer was started.
    TimerStarted => "timer.started",
    /// A timer was stopped.
    TimerStopped => "timer.stopped",
    /// A timer was discarded.
    TimerDiscarded => "timer.discarded",
    /// Somebody was shown entries of another member, the first time in an hour.
    TimeSeen => "time.seen",
    /// A report was taken away as a file.
    ReportExported => "report.exported",
    /// An entry was added.
    TimeEntryAdded => "time_entry.added",
    /// An entry changed.
    TimeEntryChanged => "time_entry.changed",
    /// An entry was split; this is its first part.
    TimeEntrySplit => "time_entry.split",
    /// An entry was deleted.
    TimeEntryDeleted => "time_entry.deleted",
    /// An entry was taken out of the trash.
    TimeEntryRestored => "time_entry.restored",
    /// An entry left the trash for good.
    TimeEntryPurged => "time_entry.purged",
    /// A token was made.
    TokenCreated => "token.created",
    /// A token was revoked.
    TokenRevoked => "token.revoked",
    /// An operator asked to look into the workspace.
    SupportAsked => "support.asked",
    /// A second operator confirmed that, since no owner can be reached.
    SupportConfirmed => "support.confirmed",
    /// An owner let support in, or the day of notice is over.
    SupportGranted => "support.granted",
    /// An owner refused support.
    SupportRefused => "support.refused",
    /// The operator has a link that opens support access once.
    SupportLinkMade => "support.link_made",
    /// Support came in.
    SupportOpened => "support.opened",
    /// Support looked at something.
    SupportSeen => "support.seen",
    /// Support access ended.
    SupportEnded => "support.ended",
    /// An operator gave a command that reaches the workspace.
    OperatorCommand => "operator.command",
    /// Somebody did something much more often than is usual, and the owners were told.
    AnomalyFound => "anomaly.found",
    /// An act of the directory, such as a sign-in.
    DirectoryAct => "directory.act",
}

impl Kind {
    /// Whether it gives power, takes it, or carries data away: the log of security is told.
    pub(crate) const fn is_of_security(self) -> bool {
        matches!(
            self,
            Self::WorkspaceCreated
                | Self::SignInPolicyChanged
                | Self::JoinRuleChanged
                | Self::ProviderAdded
                | Self::ProviderChanged
                | Self::ProviderRemoved
                | Self::WorkspaceExported
                | Self::MemberJoined
                | Self::MemberRoleChanged
                | Self::MemberRemoved
                | Self::InvitationSent
                | Self::InvitationAccepted
                | Self::InvitationRevoked
                | Self::ProjectMemberPut
                | Self::ProjectMemberRemoved
                | Self::TeamMemberPut
                | Self::TeamMemberRemoved
                | Self::TeamDeleted
                | Self::RoleAdded
                | Self::RoleChanged
                | Self::RoleDeleted
                | Self::TokenCreated
                | Self::TokenRevoked
                | Self::SupportAsked
                | Self::SupportConfirmed
                | Self::SupportGranted
                | Self::SupportRefused
                | Self::SupportLinkMade
                | Self::SupportOpened
                | Self::SupportSeen
                | Self::SupportEnded
                | Self::OperatorCommand
                | Self::AnomalyFound
        )
    }
}
