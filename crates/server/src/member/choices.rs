//! The roles that the asking member may give, to choose one.

use app::{Error, Op};
use domain::permission::{Assignment, Role, Standing, may_assign};

use crate::page::{Choice, ChoiceGroup, Select};

/// What a form sends for a role: `member`, `own:ID`, `client:ID`.
pub(super) fn value(given: Assignment) -> String {
    match given {
        Assignment { own: Some(id), .. } => format!("own:{id}"),
        Assignment { client: Some(id), .. } => format!("client:{id}"),
        Assignment { role, .. } => role.as_str().to_owned(),
    }
}

/// The roles that may be given to somebody of a standing; none for somebody who is invited.
///
/// A guest is chosen with the client whose reports they see, so that one field says it all.
pub(super) fn roles(
    op: &mut Op,
    current: Option<Standing>,
    chosen: Assignment,
) -> Result<Select, Error> {
    let names = op.names()?;
    let mine = op.me().standing;
    let may = |given: Assignment| may_assign(mine, current, names.standing(given));
    let chosen = value(chosen);
    let choice = |given: Assignment, label: String| {
        let value = value(given);
        Choice { is_selected: value == chosen, value, label }
    };
    let built_in = Role::ALL.iter().filter(|role| !matches!(role, Role::Own | Role::Client));
    let built_in = built_in.filter(|role| may((**role).into()));
    let built_in = built_in.map(|role| choice((*role).into(), role.title().to_owned()));

    let mut own: Vec<_> = names.roles.values().filter(|role| role.deleted_at.is_none()).collect();
    own.sort_by_cached_key(|role| (domain::text::fold(&role.name), role.id));
    let own = own.into_iter().map(|role| (Assignment::own(role.id), role.name.clone()));
    let own = own.filter(|(given, _)| may(*given)).map(|(given, name)| choice(given, name));

    let live = names.clients.values().filter(|client| client.deleted_at.is_none());
    let mut clients: Vec<_> = live
        .filter(|client| may(Assignment::guest(client.id)))
        .map(|client| {
            let label = format!("Client · {}", client.name);
            (client.archived_at.is_some(), choice(Assignment::guest(client.id), label))
        })
        // An archived one stays who has it.
        .filter(|(is_archived, choice)| !is_archived || choice.is_selected)
        .map(|(_, choice)| choice)
        .collect();
    clients.sort_by_cached_key(|choice| domain::text::fold(&choice.label));

    let group = |label: &str, choices: Vec<Choice>| ChoiceGroup {
        label: label.to_owned(),
        choices,
        ..ChoiceGroup::default()
    };
    let mut groups = vec![group("", built_in.collect())];
    groups.push(group("Made here", own.collect()));
    groups.push(group("A guest who sees a client’s reports", clients));
    groups.retain(|group| !group.choices.is_empty());
    Ok(Select { groups, error: String::new() })
}
