//! Ids in statements and rows: bound as ids, and read as such.

use crate::{FromColumn, Value};

macro_rules! ids {
    ($($id:ident),+ $(,)?) => {$(
        impl From<domain::ids::$id> for Value {
            fn from(id: domain::ids::$id) -> Self {
                Self::Id(id.as_bytes())
            }
        }

        impl FromColumn for domain::ids::$id {
            fn from_column(value: &Value) -> Result<Self, &'static str> {
                uuid::Uuid::from_column(value).map(Self::from_uuid)
            }
        }
    )+};
}

ids!(
    WorkspaceId,
    UserId,
    MemberId,
    ClientId,
    ProjectId,
    TaskId,
    TagId,
    TeamId,
    RoleId,
    TimeEntryId,
    EventId,
    TokenId,
    InvitationId,
    RequestId,
    AttemptId,
    SecondStepId,
    AuthenticatorId,
    JourneyId,
    ProviderId,
    ProviderLinkId,
    PasskeyId,
    PasskeyChallengeId,
    FactorResetId,
    AddressChangeId,
    OfferId,
    SessionId,
    FamilyId,
    GrantId,
    LetterId,
    IntentionId,
    SupportId,
    OperatorId,
    RunBookId,
);
