//! A form that was refused: what was typed, and which sentence stands where.

use app::{Error, FieldError, Refusal};
use axum::http::StatusCode;

use super::{PageError, SignedIn, Typed};
use crate::page::{Field, Select};

/// A form that was refused.
pub(crate) struct Refused {
    typed: Typed,
    wrong: Vec<FieldError>,
    whole: String,
    /// 422; 409 when somebody was faster.
    pub(crate) status: StatusCode,
}

impl Refused {
    /// What a form can say about an error.
    ///
    /// Errors: what no form can say, as a page of its own.
    pub(crate) fn new(member: &SignedIn, typed: Typed, error: Error) -> Result<Self, PageError> {
        let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
        let (wrong, whole, status) = match error {
            Error::Invalid(fields) => (fields.0, String::new(), unprocessable),
            Error::Refused(refusal) => return Ok(Self::by_rule(typed, &refusal)),
            Error::Stale(_) => {
                let whole = "Somebody changed this while you were writing.".to_owned();
                (Vec::new(), whole, StatusCode::CONFLICT)
            }
            Error::NeedsProof => return Err(member.ask_for_proof(&typed)),
            other => return Err(member.fail(other)),
        };
        Ok(Self { typed, wrong, whole, status })
    }

    /// What a form can say about a rule.
    pub(crate) fn by_rule(typed: Typed, refusal: &Refusal) -> Self {
        let (code, message) = (refusal.code(), refusal.sentence());
        let (wrong, whole) = match field_of(refusal) {
            Some(field) => (vec![FieldError { field, code, message }], String::new()),
            None => (Vec::new(), message),
        };
        Self { typed, wrong, whole, status: StatusCode::UNPROCESSABLE_ENTITY }
    }

    /// Whether somebody has changed the thing meanwhile.
    pub(crate) fn is_stale(&self) -> bool {
        self.status == StatusCode::CONFLICT
    }

    /// What was typed.
    pub(crate) fn typed(&self) -> &Typed {
        &self.typed
    }

    /// A field as it was typed, with its sentence.
    pub(crate) fn field(&self, name: &str) -> Field {
        Field::new(self.typed.get(name)).with_error(self.error(name))
    }

    /// The sentence of a field; empty when nothing is wrong with it.
    pub(crate) fn error(&self, name: &str) -> String {
        let wrong = self.wrong.iter().find(|wrong| wrong.field == name);
        wrong.map(|wrong| wrong.message.clone()).unwrap_or_default()
    }

    /// Puts a choice back, with its sentence.
    pub(crate) fn choose(&self, select: &mut Select, name: &str) {
        select.choose(self.typed.get(name));
        select.error = self.error(name);
    }

    /// The sentence about the whole form; empty when its fields say it all.
    pub(crate) fn whole(&self) -> String {
        self.whole.clone()
    }

    /// The sentence, whatever field it is about: for where that field is not shown.
    pub(crate) fn sentence(&self) -> String {
        let wrong = self.wrong.first().map(|wrong| wrong.message.clone());
        wrong.unwrap_or_else(|| self.whole.clone())
    }

    /// A form's only field: everything stands beside it. `stored` is what it would overwrite.
    pub(crate) fn only_field(&self, name: &str, stored: &str) -> Field {
        let sentence = if self.is_stale() {
            format!("{} It is “{stored}” now. Save again to overwrite that.", self.whole)
        } else {
            self.sentence()
        };
        Field::new(self.typed.get(name)).with_error(sentence)
    }
}

/// Beside which field a refusal stands.
pub(crate) fn field_of(refusal: &Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::NameTaken => Some("name"),
        Refusal::AlreadyInvited | Refusal::TooManyMails => Some("email"),
        Refusal::LastOwner => Some("role"),
        Refusal::ProjectArchived(_) => Some("project_id"),
        Refusal::TaskArchived(_) => Some("task_id"),
        Refusal::EntriesOverlap { .. } => Some("started_at"),
        Refusal::SplitOutsideEntry | Refusal::NotSplittable => Some("split_at"),
        _ => None,
    }
}
