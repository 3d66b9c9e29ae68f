//! Stable numbers of sealed fields: part of what a ciphertext is bound to. Never reuse one.

use vault::Field;

pub(crate) const WORKSPACE_NAME: Field = Field(1);
pub(crate) const MEMBER_NAME: Field = Field(2);
pub(crate) const MEMBER_ADDRESS: Field = Field(3);
pub(crate) const INVITATION_ADDRESS: Field = Field(4);
pub(crate) const CLIENT_NAME: Field = Field(5);
pub(crate) const PROJECT_NAME: Field = Field(6);
pub(crate) const TASK_NAME: Field = Field(7);
pub(crate) const TAG_NAME: Field = Field(8);
pub(crate) const TIME_ENTRY_NOTE: Field = Field(9);
pub(crate) const EVENT_TEXTS: Field = Field(10);
pub(crate) const TOKEN_NAME: Field = Field(11);
pub(crate) const PERSON_ADDRESS: Field = Field(12);
pub(crate) const INTENTION_PAYLOAD: Field = Field(13);
pub(crate) const DEVICE_NAME: Field = Field(14);
pub(crate) const LETTER: Field = Field(15);
pub(crate) const CURSOR: Field = Field(16);
pub(crate) const LOGIN_DEVICE: Field = Field(17);
pub(crate) const LOGIN_NETWORK: Field = Field(18);
pub(crate) const AUTHENTICATOR_NAME: Field = Field(19);
pub(crate) const AUTHENTICATOR_SEED: Field = Field(20);
pub(crate) const TOKEN_NETWORKS: Field = Field(21);
pub(crate) const TOKEN_LAST_NETWORK: Field = Field(22);
pub(crate) const ROLE_NAME: Field = Field(23);
pub(crate) const TEAM_NAME: Field = Field(24);
pub(crate) const PASSKEY: Field = Field(25);
pub(crate) const PASSKEY_NAME: Field = Field(26);
pub(crate) const ADDRESS_BEFORE: Field = Field(32);
pub(crate) const ADDRESS_AFTER: Field = Field(33);
pub(crate) const PROVIDER_SETTINGS: Field = Field(27);
pub(crate) const PROVIDER_SECRET: Field = Field(28);
pub(crate) const PROVIDER_JOURNEY: Field = Field(29);
pub(crate) const POLICY_NETWORKS: Field = Field(30);
pub(crate) const JOIN_DOMAINS: Field = Field(35);
pub(crate) const JOIN_OFFER: Field = Field(36);
pub(crate) const EPOCH_REASON: Field = Field(37);
