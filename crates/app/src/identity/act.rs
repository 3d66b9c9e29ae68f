//! What the directory records of itself: the kinds of its events, and how their facts are written.

use domain::ids::UserId;

use crate::{
    DirectoryOp, Error,
    audit::{self, Fact},
    security,
};

/// Declares the acts with their stable words.
macro_rules! acts {
    ($($act:ident => $word:literal,)+) => {
        /// An act of the directory.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Act { $($act,)+ }

        impl Act {
            /// The stable word, as stored.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$act => $word,)+ }
            }
        }

        impl std::str::FromStr for Act {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                match text { $($word => Ok(Self::$act),)+ _ => Err(()) }
            }
        }
    };
}

acts! {
    PersonCreated => "person.created",
    PersonDisabled => "person.disabled",
    PersonEnabled => "person.enabled",
    AddressAsked => "address.asked",
    AddressLeft => "address.left",
    AddressChanged => "address.changed",
    AddressStopped => "address.stopped",
    LoginFailed => "login.failed",
    PasswordSet => "password.set",
    PasswordChanged => "password.changed",
    PasswordRemoved => "password.removed",
    PasswordFlagged => "password.flagged",
    PasswordLocked => "password.locked",
    PasswordUnlocked => "password.unlocked",
    ProviderLinked => "provider.linked",
    ProviderUnlinked => "provider.unlinked",
    ProviderLoggedOut => "provider.logged_out",
    SessionOpened => "session.opened",
    SessionProven => "session.proven",
    SessionEnded => "session.ended",
    RememberTheft => "remember.theft",
    FactorAdded => "factor.added",
    FactorRemoved => "factor.removed",
    FactorChanged => "factor.changed",
    FactorRenamed => "factor.renamed",
    PasskeyCopied => "passkey.copied",
    RecoveryCodesMade => "recovery_codes.made",
    RecoveryCodesRemoved => "recovery_codes.removed",
    RecoveryCodeUsed => "recovery_code.used",
    SecondLocked => "second.locked",
    SecondUnlocked => "second.unlocked",
    StuffingBegun => "stuffing.begun",
    ResetAnnounced => "factor_reset.announced",
    ResetStopped => "factor_reset.stopped",
    ResetDone => "factor_reset.done",
    ResetDropped => "factor_reset.dropped",
    LinkCreated => "link.created",
    LinkUsed => "link.used",
    GrantApproved => "grant.approved",
    GrantDenied => "grant.denied",
    GrantCollected => "grant.collected",
    PolicyOpened => "sign_in_policy.opened",
    SupportTold => "support.told",
    OperatorAdded => "operator.added",
    OperatorRemoved => "operator.removed",
    OperatorCommand => "operator.command",
    RunBookOpened => "run_book.opened",
    RunBookClosed => "run_book.closed",
    WorkspaceExported => "workspace.exported",
    MembershipAdded => "membership.added",
    MembershipRemoved => "membership.removed",
    WitnessesChanged => "ledger.witnesses_changed",
    LedgerHalted => "ledger.halted",
    EpochOpened => "ledger.epoch_opened",
}

impl DirectoryOp<'_, '_> {
    /// Records an act with what it brought about.
    pub(crate) fn record_act(
        &mut self,
        act: Act,
        user: Option<UserId>,
        facts: &[(&'static str, Fact)],
    ) -> Result<(), Error> {
        let changes: Vec<_> =
            facts.iter().map(|(field, after)| (*field, Fact::None, after.clone())).collect();
        self.record(act.as_str(), user, audit::facts(&changes)?, security::words(facts))?;
        Ok(())
    }
}
