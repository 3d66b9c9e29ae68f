//! A token in a list, in words.

use app::{Op, actor::Scope, token::Token};

use super::view::TokenRow;
use crate::wall;

/// Whose tokens a page shows.
#[derive(Clone, Copy)]
pub(super) enum Whose {
    Mine,
    Theirs,
}

pub(super) fn row(op: &Op, token: Token, whose: Whose) -> TokenRow {
    let me = op.me();
    let scope = match (token.scope, whose) {
        (Scope::Read, _) => "reads",
        (Scope::Track, Whose::Mine) => "reads, and changes my own time",
        (Scope::Track, Whose::Theirs) => "reads, and changes their own time",
        (Scope::Full, Whose::Mine) => "all that I may",
        (Scope::Full, Whose::Theirs) => "all that they may",
    };
    let until = wall::day(me, token.expires_at);
    let used = match token.last_used_at {
        None => "not used yet".to_owned(),
        Some(at) if wall::day(me, at) == wall::day(me, op.now()) => "last used today".to_owned(),
        Some(at) => format!("last used {}", wall::day(me, at)),
    };
    let used = match (&token.last_network, token.last_used_at) {
        (Some(network), Some(_)) => format!("{used} from {network}"),
        _ => used,
    };
    let networks: Vec<_> = token.networks.iter().map(ToString::to_string).collect();
    let only = match networks.as_slice() {
        [] => String::new(),
        some => format!(" · only from {}", some.join(", ")),
    };
    let program = if token.is_program { "a program let in, such as tp · " } else { "" };
    TokenRow {
        id: token.id.to_string(),
        name: token.name,
        scope: scope.to_owned(),
        remark: format!("{program}until {until} · {used}{only}"),
        is_expired: token.expires_at <= op.now(),
    }
}
