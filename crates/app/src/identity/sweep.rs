//! Tidy the directory: mark what is past, so that no clock brings it back, and delete what nobody
//! needs any more.

use store::Statement;

use super::policy::{
    AUTHENTICATOR_WAIT_US, KEEP_ENDED_US, KEEP_GUESSES_US, KEEP_SHORT_US, KEEP_TALLIES_US,
    SESSION_IDLE_US,
};
use crate::{DirectoryOp, Error, live::Change};

/// Marks attempts, links, sessions and remembered browsers that are past, and deletes old rows:
/// attempts and letters after a day, grants a day after their end, sessions and links a week after
/// theirs.
///
/// Run it about once a minute, on any node; running it twice changes nothing.
///
/// Errors: [`Error::Store`]. Audit: none, what is past ended by itself.
pub fn sweep(op: &mut DirectoryOp) -> Result<(), Error> {
    let now = op.now_us();
    op.execute(&END_ATTEMPTS, &[now.into()])?;
    op.execute(&END_LINKS, &[now.into()])?;
    op.execute(&END_STEPS, &[now.into()])?;
    op.execute(&END_CHALLENGES, &[now.into()])?;
    op.execute(&FORGET_BROWSERS, &[now.into()])?;
    op.execute(&DELETE_WAITING, &[(now - AUTHENTICATOR_WAIT_US).into()])?;
    let idle = now - SESSION_IDLE_US;
    for row in op.query(&END_SESSIONS, &[now.into(), idle.into()])? {
        let user = row.get(0)?;
        op.tell(Change::Sessions { user });
    }
    for statement in [
        DELETE_ATTEMPTS,
        DELETE_STEPS,
        DELETE_CHALLENGES,
        DELETE_GRANTS,
        DELETE_LETTERS,
        DELETE_JOURNEYS,
        DELETE_PENDINGS,
        DELETE_LOGOUTS,
    ] {
        op.execute(&statement, &[(now - KEEP_SHORT_US).into()])?;
    }
    op.execute(&DELETE_ADDRESS_CHANGES, &[now.into()])?;
    op.execute(&DELETE_OFFERS, &[now.into()])?;
    op.execute(&DELETE_GUESSES, &[(now - KEEP_GUESSES_US).into()])?;
    op.execute(&DELETE_TALLIES, &[((now - KEEP_TALLIES_US) / 60_000_000).into()])?;
    op.execute(&DELETE_PUZZLES, &[now.into()])?;
    for statement in [DELETE_SESSIONS, DELETE_BROWSERS, DELETE_LINKS] {
        op.execute(&statement, &[(now - KEEP_ENDED_US).into()])?;
    }
    Ok(())
}

const END_ATTEMPTS: Statement = Statement::new(
    "sweep.end_attempts",
    "UPDATE login_attempts SET dead_at = $1
     WHERE expires_at <= $1 AND used_at IS NULL AND dead_at IS NULL",
);

const END_LINKS: Statement = Statement::new(
    "sweep.end_links",
    "UPDATE one_time_links SET dead_at = $1
     WHERE expires_at <= $1 AND used_at IS NULL AND dead_at IS NULL",
);

const END_STEPS: Statement = Statement::new(
    "sweep.end_steps",
    "UPDATE second_steps SET dead_at = $1
     WHERE expires_at <= $1 AND used_at IS NULL AND dead_at IS NULL",
);

/// Authenticator apps whose first code never came.
const DELETE_WAITING: Statement = Statement::new(
    "sweep.delete_waiting",
    "DELETE FROM authenticators WHERE confirmed_at IS NULL AND created_at <= $1",
);

/// Index `second_steps_age`.
const DELETE_STEPS: Statement =
    Statement::new("sweep.delete_steps", "DELETE FROM second_steps WHERE created_at <= $1");

const END_CHALLENGES: Statement = Statement::new(
    "sweep.end_challenges",
    "UPDATE passkey_challenges SET dead_at = $1
     WHERE expires_at <= $1 AND used_at IS NULL AND dead_at IS NULL",
);

/// Index `passkey_challenges_age`.
const DELETE_CHALLENGES: Statement = Statement::new(
    "sweep.delete_challenges",
    "DELETE FROM passkey_challenges WHERE created_at <= $1",
);

const FORGET_BROWSERS: Statement = Statement::new(
    "sweep.forget_browsers",
    "UPDATE remembered SET revoked_at = $1 WHERE expires_at <= $1 AND revoked_at IS NULL",
);

const END_SESSIONS: Statement = Statement::new(
    "sweep.end_sessions",
    "UPDATE sessions SET ended_at = $1
     WHERE ended_at IS NULL AND (expires_at <= $1 OR seen_at <= $2)
     RETURNING user_id",
);

/// Index `login_attempts_age`.
const DELETE_ATTEMPTS: Statement =
    Statement::new("sweep.delete_attempts", "DELETE FROM login_attempts WHERE created_at <= $1");

const DELETE_GRANTS: Statement =
    Statement::new("sweep.delete_grants", "DELETE FROM device_grants WHERE expires_at <= $1");

const DELETE_LETTERS: Statement = Statement::new(
    "sweep.delete_letters",
    "DELETE FROM outbox WHERE sent_at <= $1 OR given_up_at <= $1",
);

/// Index `address_changes_age`: none of their links works any more.
const DELETE_ADDRESS_CHANGES: Statement = Statement::new(
    "sweep.delete_address_changes",
    "DELETE FROM address_changes WHERE stop_until <= $1",
);

/// Index `join_offers_age`: none of their links works any more.
const DELETE_OFFERS: Statement =
    Statement::new("sweep.delete_offers", "DELETE FROM join_offers WHERE expires_at <= $1");

/// Index `provider_journeys_age`.
const DELETE_JOURNEYS: Statement =
    Statement::new("sweep.delete_journeys", "DELETE FROM provider_journeys WHERE created_at <= $1");

/// Index `provider_pendings_age`.
const DELETE_PENDINGS: Statement =
    Statement::new("sweep.delete_pendings", "DELETE FROM provider_pendings WHERE created_at <= $1");

/// Their tokens have expired, so that none of them comes again.
const DELETE_LOGOUTS: Statement =
    Statement::new("sweep.delete_logouts", "DELETE FROM provider_logouts WHERE expires_at <= $1");

/// The session opened with a browser's newest validator stays as long as the browser is remembered:
/// it tells whether anybody ever heard of that validator.
const DELETE_SESSIONS: Statement = Statement::new(
    "sweep.delete_sessions",
    "DELETE FROM sessions
     WHERE ended_at <= $1
       AND NOT EXISTS (SELECT 1 FROM remembered r
                       WHERE r.id = sessions.family_id AND r.revoked_at IS NULL
                         AND r.rotated_at = sessions.created_at)",
);

const DELETE_BROWSERS: Statement =
    Statement::new("sweep.delete_browsers", "DELETE FROM remembered WHERE revoked_at <= $1");

const DELETE_LINKS: Statement = Statement::new(
    "sweep.delete_links",
    "DELETE FROM one_time_links WHERE used_at <= $1 OR dead_at <= $1",
);

/// Index `lockouts_age`. Guesses at what somebody has count for as long as they have it. Those at codes by mail
/// that sign in go for every address alike, so that what is counted tells nobody who has one.
const DELETE_GUESSES: Statement = Statement::new(
    "sweep.delete_guesses",
    "DELETE FROM lockouts
     WHERE seen_at <= $1
       AND (substr(kind, 1, 12) = 'sign-in-code'
         OR NOT EXISTS (SELECT 1 FROM people p
                        WHERE p.address_index = lockouts.account_index
                          AND (p.second_mail_at IS NOT NULL
                            OR EXISTS (SELECT 1 FROM passwords w WHERE w.user_id = p.id)
                            OR EXISTS (SELECT 1 FROM authenticators a WHERE a.user_id = p.id))))",
);

/// The primary key.
const DELETE_TALLIES: Statement =
    Statement::new("sweep.delete_tallies", "DELETE FROM guess_tallies WHERE minute <= $1");

/// Index `spent_puzzles_age`.
const DELETE_PUZZLES: Statement =
    Statement::new("sweep.delete_puzzles", "DELETE FROM spent_puzzles WHERE kept_until <= $1");

pub(super) const STATEMENTS: &[Statement] = &[
    END_ATTEMPTS,
    END_LINKS,
    END_STEPS,
    END_CHALLENGES,
    DELETE_CHALLENGES,
    DELETE_WAITING,
    DELETE_STEPS,
    FORGET_BROWSERS,
    END_SESSIONS,
    DELETE_ATTEMPTS,
    DELETE_GRANTS,
    DELETE_LETTERS,
    DELETE_ADDRESS_CHANGES,
    DELETE_OFFERS,
    DELETE_JOURNEYS,
    DELETE_PENDINGS,
    DELETE_LOGOUTS,
    DELETE_GUESSES,
    DELETE_TALLIES,
    DELETE_PUZZLES,
    DELETE_SESSIONS,
    DELETE_BROWSERS,
    DELETE_LINKS,
];
