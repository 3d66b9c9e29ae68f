//! What the names of a line mean: which project `@northwind/planning` is, which tag `#big-tag`.
//!
//! The server and `tp` ask the same functions, so that a line means the same in both. Names are
//! compared by [`fold`]; what may be named at all (visible, not archived) is the caller's choice.

use crate::quick_entry::name_text;
use crate::text::fold;

/// A project that a path can name.
#[derive(Debug, Clone, Copy)]
pub struct NamedProject<'a, P> {
    /// The project.
    pub id: P,
    /// Its client's name, where it has one.
    pub client: Option<&'a str>,
    /// Its name.
    pub name: &'a str,
}

/// A task that a path can name.
#[derive(Debug, Clone, Copy)]
pub struct NamedTask<'a, P, T> {
    /// The task.
    pub id: T,
    /// Its project.
    pub project: P,
    /// Its name.
    pub name: &'a str,
}

/// What a path can mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<T> {
    /// Nothing has these names.
    Nothing,
    /// This and nothing else.
    One(T),
    /// All of these, at least two, in the order of the projects.
    Several(Vec<T>),
}

/// Looks a path up: `project`, `client/project`, `project/task`, `client/project/task`. What fits
/// exactly wins over what only begins so.
///
/// ```
/// use domain::lookup::{Found, NamedProject, find_target};
/// let planning = NamedProject { id: 1, client: Some("Northwind"), name: "Planning" };
/// let path = ["north".to_owned(), "PLAN".to_owned()];
/// assert_eq!(find_target::<_, ()>(&path, &[planning], &[]), Found::One((1, None)));
/// ```
pub fn find_target<P: Copy + PartialEq, T: Copy>(
    path: &[String],
    projects: &[NamedProject<'_, P>],
    tasks: &[NamedTask<'_, P, T>],
) -> Found<(P, Option<T>)> {
    let path: Vec<String> = path.iter().map(|part| fold(part)).collect();
    let mut found = fitting(&path, projects, tasks, |name, part| fold(name) == part);
    if found.is_empty() {
        found = fitting(&path, projects, tasks, |name, part| fold(name).starts_with(part));
    }
    match found.as_slice() {
        [] => Found::Nothing,
        [one] => Found::One(*one),
        _ => Found::Several(found),
    }
}

fn fitting<P: Copy + PartialEq, T: Copy>(
    path: &[String],
    projects: &[NamedProject<'_, P>],
    tasks: &[NamedTask<'_, P, T>],
    fits: impl Fn(&str, &str) -> bool,
) -> Vec<(P, Option<T>)> {
    let tasks_of = |project: P, part: &str| -> Vec<(P, Option<T>)> {
        let its = tasks.iter().filter(|task| task.project == project);
        its.filter(|task| fits(task.name, part)).map(|task| (project, Some(task.id))).collect()
    };
    let mut found = Vec::new();
    for project in projects {
        let fits_client = |part: &str| project.client.is_some_and(|name| fits(name, part));
        match path {
            [one] if fits(project.name, one) => found.push((project.id, None)),
            [first, second] => {
                if fits_client(first) && fits(project.name, second) {
                    found.push((project.id, None));
                }
                if fits(project.name, first) {
                    found.extend(tasks_of(project.id, second));
                }
            }
            [first, second, third] if fits_client(first) && fits(project.name, second) => {
                found.extend(tasks_of(project.id, third));
            }
            _ => {}
        }
    }
    found
}

/// The most projects of a client that are named in a question.
const MOST_NAMED: usize = 5;

/// What to ask where [`find_target`] finds nothing for the name of a client: which of its projects.
/// `None` where the name is no client's, or could be that of two.
///
/// ```
/// use domain::lookup::{NamedProject, which_project};
/// let planning = NamedProject { id: 1, client: Some("Northwind"), name: "Planning" };
/// assert_eq!(
///     which_project(&["northwind".to_owned()], &[planning]).as_deref(),
///     Some("@northwind is a client: which project? @northwind/Planning"),
/// );
/// ```
pub fn which_project<P>(path: &[String], projects: &[NamedProject<'_, P>]) -> Option<String> {
    let [typed] = path else { return None };
    let part = fold(typed);
    let is_it = |name: &str| fold(name) == part;
    let begins = |name: &str| fold(name).starts_with(&part);
    let ways: [&dyn Fn(&str) -> bool; 2] = [&is_it, &begins];
    let of = |fits: &dyn Fn(&str) -> bool| -> Vec<(&str, &str)> {
        let of_clients = projects.iter().filter_map(|it| Some((it.client?, it.name)));
        of_clients.filter(|(client, _)| fits(client)).collect()
    };
    let found = ways.into_iter().map(of).find(|found| !found.is_empty())?;
    let (client, _) = found.first()?;
    if found.iter().any(|(other, _)| other != client) {
        return None;
    }
    let typed = format!("@{}", name_text(typed));
    let mut paths: Vec<_> =
        found.iter().map(|(_, name)| format!("{typed}/{}", name_text(name))).collect();
    paths.sort();
    let more = if paths.len() > MOST_NAMED { ", …" } else { "" };
    paths.truncate(MOST_NAMED);
    Some(format!("{typed} is a client: which project? {}{more}", paths.join(", ")))
}

/// Whom a project that is to be made is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For<'a, C> {
    /// Nobody in particular.
    Nobody,
    /// A client that is there.
    Known(C),
    /// A client of this name, to be made first.
    New(&'a str),
}

/// What would have to be made for a path to mean something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing<'a, C, P> {
    /// A project, and perhaps a task of it.
    Project {
        /// Whom it is for.
        client: For<'a, C>,
        /// What it is called.
        name: &'a str,
        /// What its task is called.
        task: Option<&'a str>,
    },
    /// A task of a project that is there.
    Task {
        /// The project.
        project: P,
        /// What it is called.
        name: &'a str,
    },
}

/// What is missing for a path that [`find_target`] finds nothing for; `None` where several things
/// can be meant. The first of two names is a client rather than a project.
///
/// ```
/// use domain::lookup::{For, Missing, find_missing};
/// let path = ["north".to_owned(), "Hiring".to_owned()];
/// let missing = find_missing::<_, ()>(&path, &[(1, "Northwind")], &[]);
/// let client = For::Known(1);
/// assert_eq!(missing, Some(Missing::Project { client, name: "Hiring", task: None }));
/// ```
pub fn find_missing<'a, C: Copy, P: Copy + PartialEq>(
    path: &'a [String],
    clients: &[(C, &str)],
    projects: &[NamedProject<'_, P>],
) -> Option<Missing<'a, C, P>> {
    match path {
        [name] => Some(Missing::Project { client: For::Nobody, name, task: None }),
        [first, name] => Some(match find_holder(first, clients, projects)? {
            Holder::Client(client) => Missing::Project { client, name, task: None },
            Holder::Project(project) => Missing::Task { project, name },
        }),
        [first, name, task] => {
            let project = [first.clone(), name.clone()];
            match find_target::<P, ()>(&project, projects, &[]) {
                Found::One((project, _)) => Some(Missing::Task { project, name: task }),
                Found::Several(_) => None,
                Found::Nothing => match find_holder::<C, P>(first, clients, &[])? {
                    Holder::Client(client) => {
                        Some(Missing::Project { client, name, task: Some(task) })
                    }
                    Holder::Project(_) => None,
                },
            }
        }
        _ => None,
    }
}

/// What a new thing would belong to.
enum Holder<'a, C, P> {
    Client(For<'a, C>),
    Project(P),
}

/// The client or project of that name, else the only one that begins so, else a client to be made.
fn find_holder<'a, C: Copy, P: Copy>(
    name: &'a str,
    clients: &[(C, &str)],
    projects: &[NamedProject<'_, P>],
) -> Option<Holder<'a, C, P>> {
    let part = fold(name);
    let is_it = |name: &str| fold(name) == part;
    let begins = |name: &str| fold(name).starts_with(&part);
    let ways: [&dyn Fn(&str) -> bool; 2] = [&is_it, &begins];
    for fits in ways {
        let mut clients = clients.iter().filter(|(_, name)| fits(name));
        let mut projects = projects.iter().filter(|project| fits(project.name));
        match (clients.next(), clients.next(), projects.next(), projects.next()) {
            (None, _, None, _) => {}
            (Some((client, _)), None, _, _) => return Some(Holder::Client(For::Known(*client))),
            (None, _, Some(project), None) => return Some(Holder::Project(project.id)),
            _ => return None,
        }
    }
    Some(Holder::Client(For::New(name)))
}

/// The tag of that name. `big-tag` is also `big tag`, unless a tag is called just so, or two could
/// be meant.
pub fn find_tag<'a, T: Copy>(
    typed: &str,
    tags: impl IntoIterator<Item = (T, &'a str)>,
) -> Option<T> {
    let typed = fold(typed);
    let tags: Vec<(T, String)> = tags.into_iter().map(|(id, name)| (id, fold(name))).collect();
    if let Some((id, _)) = tags.iter().find(|(_, name)| *name == typed) {
        return Some(*id);
    }
    let mut hyphened = tags.iter().filter(|(_, name)| name.replace(' ', "-") == typed);
    match (hyphened.next(), hyphened.next()) {
        (Some((id, _)), None) => Some(*id),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// A project's client and name, and its tasks' names.
    type Known = (Option<String>, String, Vec<String>);
    /// A project, or a task of it.
    type Thing = (usize, Option<usize>);
    type Ids = BTreeSet<Thing>;

    /// Few letters, so that names meet and begin alike.
    fn name() -> impl Strategy<Value = String> {
        "[abAB][abé -]{0,3}[abAB]"
    }

    fn known() -> impl Strategy<Value = Vec<Known>> {
        let project = (prop::option::of(name()), name(), prop::collection::vec(name(), 0..3));
        prop::collection::vec(project, 1..6)
    }

    fn projects(known: &[Known]) -> Vec<NamedProject<'_, usize>> {
        let all = known.iter().enumerate();
        all.map(|(id, (client, name, _))| NamedProject { id, client: client.as_deref(), name })
            .collect()
    }

    fn tasks(known: &[Known]) -> Vec<NamedTask<'_, usize, usize>> {
        let all = known.iter().enumerate();
        all.flat_map(|(project, (_, _, tasks))| {
            tasks.iter().enumerate().map(move |(id, name)| NamedTask { id, project, name })
        })
        .collect()
    }

    fn ids(found: Found<Thing>) -> Ids {
        match found {
            Found::Nothing => Ids::new(),
            Found::One(one) => Ids::from([one]),
            Found::Several(several) => several.into_iter().collect(),
        }
    }

    fn find(known: &[Known], path: &[String]) -> Ids {
        ids(find_target(path, &projects(known), &tasks(known)))
    }

    /// Every path that names a thing in full, with the thing.
    fn full_paths(known: &[Known]) -> Vec<(Vec<String>, Thing)> {
        let mut paths = Vec::new();
        for (id, (client, name, tasks)) in known.iter().enumerate() {
            let client = client.clone();
            let mut ways = vec![vec![name.clone()]];
            ways.extend(client.map(|client| vec![client, name.clone()]));
            for way in ways {
                for (task, task_name) in tasks.iter().enumerate() {
                    let longer = way.iter().cloned().chain([task_name.clone()]).collect();
                    paths.push((longer, (id, Some(task))));
                }
                paths.push((way, (id, None)));
            }
        }
        paths
    }

    proptest! {
        #[test]
        fn a_full_path_finds_its_thing_however_it_is_typed(known in known()) {
            for (path, thing) in full_paths(&known) {
                let shouted: Vec<String> =
                    path.iter().map(|part| format!(" {}  ", part.to_uppercase())).collect();
                prop_assert!(find(&known, &path).contains(&thing), "{path:?}");
                prop_assert_eq!(find(&known, &path), find(&known, &shouted));
            }
        }

        #[test]
        fn what_fits_exactly_wins(known in known()) {
            let paths = full_paths(&known);
            let folded = |path: &[String]| path.iter().map(|part| fold(part)).collect::<Vec<_>>();
            for (path, _) in &paths {
                let exact: Ids = paths
                    .iter()
                    .filter(|(other, _)| folded(other) == folded(path))
                    .map(|(_, thing)| *thing)
                    .collect();
                prop_assert_eq!(find(&known, path), exact);
            }
        }

        #[test]
        fn what_is_found_begins_as_typed(known in known(), path in prop::collection::vec(name(), 0..5)) {
            let begins: Ids = full_paths(&known)
                .into_iter()
                .filter(|(full, _)| {
                    let mut parts = full.iter().zip(&path);
                    full.len() == path.len()
                        && parts.all(|(name, part)| fold(name).starts_with(&fold(part)))
                })
                .map(|(_, thing)| thing)
                .collect();
            prop_assert!(find(&known, &path).is_subset(&begins));
            prop_assert_eq!(find(&known, &path).is_empty(), begins.is_empty());
        }

        #[test]
        fn the_order_of_what_is_known_does_not_matter(
            known in known(),
            path in prop::collection::vec(name(), 1..4),
        ) {
            let (mut projects, mut tasks) = (projects(&known), tasks(&known));
            let there = ids(find_target(&path, &projects, &tasks));
            projects.reverse();
            tasks.reverse();
            prop_assert_eq!(there, ids(find_target(&path, &projects, &tasks)));
        }

        #[test]
        fn a_tag_is_found_by_its_own_name_whatever_else_there_is(
            names in prop::collection::vec(name(), 1..6),
        ) {
            let mut unique: Vec<String> = Vec::new();
            for name in names {
                if !unique.iter().any(|other| fold(other) == fold(&name)) {
                    unique.push(name);
                }
            }
            let tags = || unique.iter().map(String::as_str).enumerate();
            for (id, name) in tags() {
                prop_assert_eq!(find_tag(&name.to_uppercase(), tags()), Some(id));
                let hyphened = fold(name).replace(' ', "-");
                let found = find_tag(&hyphened, tags());
                let backwards: Vec<_> = tags().collect();
                prop_assert_eq!(found, find_tag(&hyphened, backwards.into_iter().rev()));
            }
        }
    }

    #[test]
    fn a_tag_that_is_called_just_so_comes_first() {
        let tags = [(1, "big tag"), (2, "big-tag"), (3, "a b-c"), (4, "a-b c"), (5, "so far")];
        for (typed, expected) in [
            ("big-tag", Some(2)),
            ("Big  Tag", Some(1)),
            ("so-far", Some(5)),
            ("a-b-c", None),
            ("so", None),
        ] {
            assert_eq!(find_tag(typed, tags), expected, "{typed}");
            assert_eq!(find_tag(typed, tags.into_iter().rev()), expected, "{typed}");
        }
    }

    #[test]
    fn a_client_is_asked_for_one_of_its_projects() {
        let project = |client, name| NamedProject { id: 0, client, name };
        let mut projects = vec![
            project(Some("Northwind"), "Planning"),
            project(Some("Northwind"), "Data platform"),
            project(Some("Northern Lights"), "Website"),
            project(None, "Office"),
        ];
        let asked = |path: &[&str], projects: &[NamedProject<'_, i32>]| {
            let path: Vec<String> = path.iter().map(|&part| part.to_owned()).collect();
            which_project(&path, projects)
        };
        let northwind = "@northwind is a client: which project? \
                         @northwind/\"Data platform\", @northwind/Planning";
        assert_eq!(asked(&["northwind"], &projects).as_deref(), Some(northwind));
        let lights = "@\"northern l\" is a client: which project? @\"northern l\"/Website";
        assert_eq!(asked(&["northern l"], &projects).as_deref(), Some(lights));
        for other in [&["north"][..], &["office"], &["other"], &["northwind", "other"], &[]] {
            assert_eq!(asked(other, &projects), None, "{other:?}");
        }
        projects.extend(["a", "b", "c", "d"].map(|name| project(Some("Northwind"), name)));
        let many = asked(&["northwind"], &projects).unwrap();
        assert!(many.ends_with("@northwind/c, …"), "{many}");
    }

    #[test]
    fn what_is_missing_belongs_to_what_is_there() {
        let clients = [(1, "Northwind"), (2, "Northern Lights"), (3, "Acme")];
        let project = |id, client, name| NamedProject { id, client, name };
        let projects = [
            project(11, Some("Northwind"), "Planning"),
            project(12, Some("Acme"), "Planning"),
            project(13, None, "Office"),
            project(14, None, "Acme"),
        ];
        let made = |client, name, task| Some(Missing::Project { client, name, task });
        let task = |project, name| Some(Missing::Task { project, name });
        for (path, expected) in [
            ("New", made(For::Nobody, "New", None)),
            ("northwind/New", made(For::Known(1), "New", None)),
            ("northe/New", made(For::Known(2), "New", None)),
            ("north/New", None),
            ("Other/New", made(For::New("Other"), "New", None)),
            // A project, where no client is called so; a client, where both are.
            ("office/New", task(13, "New")),
            ("off/New", task(13, "New")),
            ("acme/New", made(For::Known(3), "New", None)),
            ("planning/New", None),
            ("acme/planning/New", task(12, "New")),
            ("acme/New/newer", made(For::Known(3), "New", Some("newer"))),
            ("Other/New/newer", made(For::New("Other"), "New", Some("newer"))),
            ("north/New/newer", None),
            ("a/b/c/d", None),
        ] {
            let path: Vec<String> = path.split('/').map(str::to_owned).collect();
            assert_eq!(find_missing(&path, &clients, &projects), expected, "{path:?}");
        }
    }

    #[test]
    fn a_path_has_one_to_three_names() {
        let project = NamedProject { id: 1, client: Some("a"), name: "a" };
        let task = NamedTask { id: 2, project: 1, name: "a" };
        let find =
            |names: usize| ids(find_target(&vec!["a".to_owned(); names], &[project], &[task]));
        assert_eq!([find(0), find(4)], [Ids::new(), Ids::new()]);
        assert_eq!(find(2), Ids::from([(1, None), (1, Some(2))]));
        assert_eq!(find(3), Ids::from([(1, Some(2))]));
    }
}
