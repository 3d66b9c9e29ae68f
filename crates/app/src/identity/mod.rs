//! Identity: who a person is, how they sign in, and which workspaces they can open.
//!
//! Everything here works in the directory, over a [`DirectoryOp`](crate::DirectoryOp). What a
//! wrong code or a stolen cookie brings about has to stay, so those are answers and not errors.
//!
//! Start at [`sign_in`] for codes and links, [`session`] for what comes of them, [`policy`] for all
//! numbers, and [`letters`] for the texts.

mod act;
pub mod address;
mod device_grant;
mod instance;
mod intention;
mod joining;
mod keyring;
mod known_device;
pub mod letters;
mod lockout;
mod marks;
mod membership;
mod notice;
mod one_time_link;
pub mod outbox;
pub mod passkey;
pub mod password;
mod person;
mod placement;
pub mod policy;
pub mod provider;
pub mod second;
mod secret;
pub mod session;
pub mod sign_in;
mod stuffing;
mod sweep;

pub(crate) use act::Act;
pub use address::{
    AddressState, AskAddress, AskedAddress, Confirm, LookedAddress, StopFound, ask_address_change,
    find_address_state, leave_address_change, look_at_address_link, look_at_stop,
};
pub use device_grant::{
    Approved, Collected, Grant, StartedGrant, approve_grant, deny_grant, find_grant,
    keep_undecided_grant, look_at_grant, start_grant, use_up_grant,
};
pub(crate) use instance::get_instance;
pub use instance::{Instance, InstanceError};
pub(crate) use intention::keep_intention;
pub use intention::{
    Intention, NewIntention, claim_due_intentions, delete_intention, has_due_intentions,
    insert_intention,
};
pub use joining::may_join_somewhere;
pub(crate) use joining::{
    JoinPlace, JoinPlaces, find_offer, find_own_places, find_places, get_join_domains,
    list_shown_domains, put_join_domains, use_up_offer,
};
pub use keyring::MissingKeys;
pub use known_device::mark_known_device;
pub use letters::shown_code;
pub use lockout::Crossed;
pub use lockout::Locked;
pub use marks::{is_known_browser, mark_browser};
pub use membership::{Membership, add_membership, list_memberships, remove_membership};
pub use notice::{AddressStep, FactorChange, Happening, LockedOut, PasskeyNews, ResetStep, notify};
pub use one_time_link::{
    Purpose, consume_link, consume_link_hash, create_link, look_at_one_time_link,
};
pub use outbox::{
    Claimed, ClaimedLetter, Failure, Letter, LetterKind, claim_due_letters, enqueue,
    has_due_letters, mark_failed, mark_sent,
};
pub(crate) use outbox::{enqueue_as, take_back};
pub use passkey::{
    Passkey, PasskeyMade, PasskeyTried, SignInWithPasskey, add_passkey, begin_passkey_proof,
    begin_passkey_sign_in, begin_passkey_step, is_over_passkey_quota, list_passkeys,
    prove_with_passkey, remove_passkey, rename_passkey, set_passkey_always, sign_in_with_passkey,
    sign_in_with_passkey_second,
};
pub use person::{
    Person, disable_person, enable_person, find_person, get_address, is_disabled, set_zone,
};
pub(crate) use placement::is_workspace_ready;
pub use placement::{
    WorkspaceState, delete_workspace, insert_workspace, list_people_beside, list_workspaces,
    mark_workspace_ready,
};
pub use second::{
    Authenticator, Enrolled, NewAuthenticator, OpenReset, ProofTried, ResetFound, SecondTried,
    Waiting, allow_app_again, confirm_authenticator, find_open_reset, find_waiting, get_enrolled,
    get_pending, is_app_off_elsewhere, list_authenticators, look_at_reset, mail_second_code,
    make_recovery_codes, prove_with_code, remove_authenticator, set_mail_second,
    sign_in_with_second, stop_my_reset, stop_reset,
};
pub(crate) use secret::{Drawn, keyed_id};
pub use secret::{csrf_token, form_token, hash_secret, person_mark};
pub(crate) use session::SessionChecks;
pub use session::{
    Browser, CheckedSession, Factors, Method, NewSession, OpenSession, Origin, Remembered, Second,
    Session, Strong, end_all_sessions, end_other_sessions, end_printed_sessions, end_session,
    find_remembered, find_session, forget_browser, forget_remembered, hear_session,
    is_session_open, list_browsers, list_origins, list_sessions, open_session, prove_session,
    session_token, touch_session, use_remember,
};
pub use sign_in::{
    LinkFound, Passed, RequestCode, SignIn, Tried, enter, is_over_quota, look_at_link,
    request_code, sign_in_with_code, sign_in_with_link, try_code, try_link,
};
pub(crate) use stuffing::Guesses;
pub use stuffing::{Challenges, Puzzle, Solution};
pub use sweep::sweep;

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    [
        address::statements(),
        device_grant::STATEMENTS.to_vec(),
        instance::STATEMENTS.to_vec(),
        intention::STATEMENTS.to_vec(),
        joining::statements(),
        keyring::STATEMENTS.to_vec(),
        known_device::STATEMENTS.to_vec(),
        lockout::STATEMENTS.to_vec(),
        membership::STATEMENTS.to_vec(),
        notice::STATEMENTS.to_vec(),
        one_time_link::STATEMENTS.to_vec(),
        outbox::statements(),
        passkey::statements(),
        password::statements(),
        person::STATEMENTS.to_vec(),
        placement::STATEMENTS.to_vec(),
        provider::statements(),
        second::statements(),
        stuffing::statements(),
        session::statements(),
        sign_in::statements(),
        sweep::STATEMENTS.to_vec(),
    ]
    .concat()
}
