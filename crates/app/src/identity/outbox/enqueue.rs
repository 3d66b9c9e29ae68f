//! Put a letter into the outbox.

use domain::ids::LetterId;
use store::Statement;

use super::{Letter, LetterKind, blank::blank};
use crate::{
    DirectoryOp, Error, field,
    identity::policy::{CODE_LIFE_US, LETTER_LIFE_US},
    live::Change,
};

/// Puts a letter into the outbox; whoever sends mail is told after the commit.
///
/// Errors: [`Error::Store`]. Audit: none; the act that writes the letter has its own event.
pub fn enqueue(op: &mut DirectoryOp, kind: LetterKind, letter: &Letter) -> Result<(), Error> {
    enqueue_or_pretend(op, kind, letter, true)
}

/// Puts a letter into the outbox under an id of its act, so that the act can take it back, and done
/// again changes nothing.
pub(crate) fn enqueue_as(
    op: &mut DirectoryOp,
    id: LetterId,
    kind: LetterKind,
    letter: &Letter,
) -> Result<(), Error> {
    write(op, id, kind, letter, true)
}

/// Takes back a letter that was not sent yet.
pub(crate) fn take_back(op: &mut DirectoryOp, id: LetterId) -> Result<(), Error> {
    op.execute(&TAKE_BACK, &[id.into(), op.now_us().into()])?;
    Ok(())
}

/// Puts a letter into the outbox, or does the same work for a row of the same size that is never
/// sent and holds nothing: so that it cannot be seen from outside which of the two it was. Whoever
/// sends mail does for it what can be done without sending.
pub(crate) fn enqueue_or_pretend(
    op: &mut DirectoryOp,
    kind: LetterKind,
    letter: &Letter,
    is_wanted: bool,
) -> Result<(), Error> {
    let id: LetterId = op.new_id();
    write(op, id, kind, letter, is_wanted)
}

fn write(
    op: &mut DirectoryOp,
    id: LetterId,
    kind: LetterKind,
    letter: &Letter,
    is_wanted: bool,
) -> Result<(), Error> {
    let now = op.now_us();
    let text = if is_wanted { letter.to_text() } else { blank(letter) };
    let key = op.instance()?.text;
    let sealed = op.seal(key, field::LETTER, id, 1, &text)?;
    let life = match kind {
        LetterKind::SignInCode => CODE_LIFE_US,
        LetterKind::Invitation
        | LetterKind::RememberTheft
        | LetterKind::SecurityNotice
        | LetterKind::FactorChanged
        | LetterKind::FactorReset
        | LetterKind::Password
        | LetterKind::JoinOffer
        | LetterKind::Joined => LETTER_LIFE_US,
    };
    let values = [id.into(), kind.as_str().into(), sealed.into(), now.into(), (now + life).into()];
    op.execute(&INSERT, &values)?;
    op.tell(Change::Outbox);
    Ok(())
}

const INSERT: Statement = Statement::new(
    "outbox.insert",
    "INSERT INTO outbox
         (id, kind, letter_sealed, sealed_rev, created_at, next_try_at, give_up_at, attempts)
     VALUES ($1, $2, $3, 1, $4, $4, $5, 0) ON CONFLICT DO NOTHING",
);

const TAKE_BACK: Statement = Statement::new(
    "outbox.take_back",
    "UPDATE outbox SET given_up_at = $2
     WHERE id = $1 AND sent_at IS NULL AND given_up_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[INSERT, TAKE_BACK];
