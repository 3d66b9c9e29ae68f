//! The numbers of sign-in, in one place. All spans are microseconds, as instants are stored.

const SECOND_US: i64 = 1_000_000;
const MINUTE_US: i64 = 60 * SECOND_US;
const HOUR_US: i64 = 60 * MINUTE_US;
const DAY_US: i64 = 24 * HOUR_US;

/// How long a mailed code or link works.
///
/// Source: NIST SP 800-63B-4, 3.1.3 (out-of-band, at most 10 minutes).
pub const CODE_LIFE_US: i64 = 10 * MINUTE_US;
/// Wrong codes that kill an attempt.
pub const MOST_WRONG_CODES: i64 = 5;
/// Wrong codes within [`QUOTA_SPAN_US`] that kill all open attempts of an account, counted for
/// known and unknown devices apart.
pub const MOST_WRONG_CODES_OF_ACCOUNT: i64 = 15;
/// Open attempts of an account in different browsers, for known and unknown devices apart.
pub const MOST_OPEN: i64 = 3;
/// Mails to an account within [`QUOTA_SPAN_US`], for known and unknown devices apart.
pub const MOST_MAILS_OF_ACCOUNT: i64 = 5;
/// Attempts from a network within [`QUOTA_SPAN_US`].
pub const MOST_OF_NETWORK: i64 = 20;
/// Wrong codes and passwords of strangers within [`SUSPICIOUS_WITHIN_US`] after which a sign-in in a new browser, from a new
/// network, is told of as suspicious. Two are what somebody mistypes.
pub const SUSPICIOUS_TRIES: i64 = 3;
/// How long before a sign-in they were tried. Attempts are kept no longer.
pub const SUSPICIOUS_WITHIN_US: i64 = DAY_US;
/// What quotas count over.
pub const QUOTA_SPAN_US: i64 = HOUR_US;
/// How far the clocks of two nodes may be apart. What was made later than this in the future was
/// made before the clock was set back, and does not count as young again.
pub const CLOCK_SKEW_US: i64 = MINUTE_US;

/// The link to the address before stops a change of address, or takes it back, for this long; and so long
/// nobody else gets that address.
pub const ADDRESS_STOP_US: i64 = 72 * HOUR_US;

/// The link by which somebody joins by their mail domain works for this long.
pub const OFFER_LIFE_US: i64 = DAY_US;

/// A session that nobody used for this long has ended.
pub const SESSION_IDLE_US: i64 = HOUR_US;
/// A session ends after this long in any case.
pub const SESSION_LIFE_US: i64 = DAY_US;
/// The use of a session is noted at most this often.
pub const TOUCH_EVERY_US: i64 = MINUTE_US;
/// What gives power away (see [`crate::proof`]) is done within this long after a person has shown who
/// they are.
pub const PROOF_LIFE_US: i64 = 15 * MINUTE_US;
/// A remembered browser signs in anew for this long after the code was entered.
///
/// Source: NIST SP 800-63B-4, 2.1.3 (AAL1, at most 30 days).
pub const REMEMBER_LIFE_US: i64 = 30 * DAY_US;
/// The validator before the last rotation is still taken for this long: tabs that opened together.
pub const REMEMBER_GRACE_US: i64 = 30 * SECOND_US;
/// The mark of a known device lasts this long.
pub const KNOWN_DEVICE_LIFE_US: i64 = 365 * DAY_US;

/// Authenticator apps of a person: a phone, a tablet, a password manager.
pub const MOST_AUTHENTICATORS: i64 = 3;
/// An authenticator app waits this long for its first right code.
pub const AUTHENTICATOR_WAIT_US: i64 = HOUR_US;
/// Passkeys of a person: as many as the table `passkeys` has places for.
pub const MOST_PASSKEYS: i64 = 20;
/// A question to a passkey waits this long for its answer.
pub const CHALLENGE_LIFE_US: i64 = 10 * MINUTE_US;
/// Questions to browsers of one network, before anybody has signed in, within [`QUOTA_SPAN_US`].
pub const MOST_CHALLENGES_OF_NETWORK: i64 = 300;
/// Somebody is told of a copied passkey at most this often.
pub const COPY_NOTICE_EVERY_US: i64 = DAY_US;
/// Recovery codes of a person.
pub const RECOVERY_CODES: usize = 10;
/// Bytes of a recovery code: 80 bits.
///
/// Source: NIST SP 800-63B-4, 4.2.1.1 (saved recovery codes, at least 64 bits).
pub const RECOVERY_CODE_BYTES: usize = 10;
/// A reset of second factors is announced this long before it takes force.
pub const RESET_NOTICE_US: i64 = DAY_US;
/// After somebody stopped a reset, owners announce none of the same person for this long; the operator may.
pub const RESET_REST_US: i64 = 7 * DAY_US;
/// Wrong passwords, or codes of an app, in unknown browsers that cost no wait.
///
/// With the waits that follow, eleven guesses fit into the first hour.
pub const FREE_GUESSES: i64 = 5;
/// The wait after that many; each further one doubles it.
pub const FIRST_WAIT_US: i64 = 30 * SECOND_US;
/// The longest wait between two guesses.
pub const LONGEST_WAIT_US: i64 = HOUR_US;
/// Wrong ones no longer count for the wait when none came for this long.
pub const GUESSES_FORGOTTEN_US: i64 = DAY_US;
/// Wrong ones in unknown browsers until it works in none of them, however long they took; passwords,
/// codes of an app and both sorts of codes by mail each.
///
/// Source: NIST SP 800-63B-4, 3.2.2 (at most 100).
pub const MOST_GUESSES: i64 = 100;
/// Wrong ones in a known browser until it is known no longer.
pub const MOST_GUESSES_OF_DEVICE: i64 = 10;
/// Wrong passwords in unknown browsers of one network within [`QUOTA_SPAN_US`]; and as many wrong codes
/// at the second step.
pub const MOST_GUESSES_OF_NETWORK: i64 = 60;
/// Changes of a password that a person may try within [`QUOTA_SPAN_US`]: each takes as long as two
/// sign-ins.
pub const MOST_PASSWORD_CHANGES: i64 = 20;
/// Guesses at accounts without a password, of networks, and at codes by mail that sign in are kept this long.
pub const KEEP_GUESSES_US: i64 = 30 * DAY_US;

/// Over how long wrong passwords of all accounts together are looked at.
pub const STUFFING_WINDOW_US: i64 = 5 * MINUTE_US;
/// So many times as many as usual are an attack.
pub const STUFFING_FACTOR: i64 = 20;
/// What is usual is the median of the hours of so many.
pub const STUFFING_HOURS: i64 = 7 * 24;
/// Wrong passwords in a window that are usual anywhere, however few there were: with the factor, more
/// than sixty in five minutes are an attack on the smallest instance.
pub const STUFFING_USUAL: i64 = 3;
/// The most that is usual anywhere, whatever the week was like: with the factor, more than four hundred in
/// five minutes are an attack on the largest instance.
pub const STUFFING_MOST_USUAL: i64 = 20;
/// Passwords without the work that was asked for, of one network within [`QUOTA_SPAN_US`], that the alarm
/// counts.
pub const MOST_UNWORKED_OF_NETWORK: i64 = 60;
/// How long passwords of unknown browsers ask for work after the last window with too many.
pub const STUFFING_CALM_US: i64 = 15 * MINUTE_US;
/// The tallies of wrong passwords are kept a day longer than they count.
pub const KEEP_TALLIES_US: i64 = STUFFING_HOURS * HOUR_US + DAY_US;
/// How long a puzzle can be handed in.
pub const PUZZLE_LIFE_US: i64 = 10 * MINUTE_US;
/// Parts of a puzzle: many small ones take much the same time each time.
pub const PUZZLE_PARTS: u32 = 8;
/// Zero bits of each part: 8 x 2^15 hashes, about one second of a phone.
pub const PUZZLE_BITS: u32 = 15;

/// How long a program's request waits for a person.
pub const GRANT_LIFE_US: i64 = 10 * MINUTE_US;
/// How often a program may ask whether it was confirmed, in seconds.
pub const GRANT_POLL_S: i64 = 5;

/// A letter is tried again for this long.
pub const LETTER_LIFE_US: i64 = DAY_US;
/// Whoever claims letters has this long to send them; then they are claimed again.
pub const LETTER_LEASE_US: i64 = 2 * MINUTE_US;
/// The wait after the first failure; each further one doubles it.
pub const LETTER_FIRST_WAIT_US: i64 = 10 * SECOND_US;
/// The longest wait between two tries.
pub const LETTER_LONGEST_WAIT_US: i64 = HOUR_US;

/// Whoever claims an intention has this long to finish it.
pub const INTENTION_LEASE_US: i64 = 2 * MINUTE_US;

/// Attempts and letters are kept this long after they were made, grants after their end.
pub const KEEP_SHORT_US: i64 = DAY_US;
/// Sessions, remembered browsers and one-time links are kept this long after their end.
pub const KEEP_ENDED_US: i64 = 7 * DAY_US;
