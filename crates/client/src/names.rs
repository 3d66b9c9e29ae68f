//! Which project `@northwind/planning` is, by what is known of the workspace; and what a project is
//! called. The same rules as the server's one-line entry.

use domain::text::fold;
use uuid::Uuid;
use wire::project::Project;

use crate::cache::Names;

/// What a path of names can mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    One {
        project_id: Uuid,
        task_id: Option<Uuid>,
    },
    /// Labels of all it could be.
    Several(Vec<String>),
}

impl Names {
    /// Looks a path up: `project`, `client/project`, `project/task`, `client/project/task`. What
    /// fits exactly wins over what begins so.
    pub(crate) fn find_target(&self, path: &[String]) -> Found {
        let path: Vec<String> = path.iter().map(|part| fold(part)).collect();
        let exact = self.fitting(&path, |name, part| fold(name) == part);
        let found = if exact.is_empty() {
            self.fitting(&path, |name, part| fold(name).starts_with(part))
        } else {
            exact
        };
        match found.as_slice() {
            [] => Found::Nothing,
            [(project_id, task_id, _)] => Found::One { project_id: *project_id, task_id: *task_id },
            several => Found::Several(several.iter().map(|(_, _, label)| label.clone()).collect()),
        }
    }

    fn fitting(
        &self,
        path: &[String],
        fits: impl Fn(&str, &str) -> bool,
    ) -> Vec<(Uuid, Option<Uuid>, String)> {
        let mut found = Vec::new();
        for project in self.projects.iter().filter(|project| !project.archived) {
            let client = self.client_of(project);
            let fits_client = |part: &str| client.is_some_and(|name| fits(name, part));
            let label = self.project_label(project);
            let tasks = |part: &str| -> Vec<(Uuid, Option<Uuid>, String)> {
                self.tasks
                    .iter()
                    .filter(|task| task.project_id == project.id && !task.archived)
                    .filter(|task| fits(&task.name, part))
                    .map(|task| (project.id, Some(task.id), format!("{label} · {}", task.name)))
                    .collect()
            };
            match path {
                [one] if fits(&project.name, one) => found.push((project.id, None, label)),
                [first, second] => {
                    if fits_client(first) && fits(&project.name, second) {
                        found.push((project.id, None, label.clone()));
                    }
                    if fits(&project.name, first) {
                        found.extend(tasks(second));
                    }
                }
                [first, second, third] if fits_client(first) && fits(&project.name, second) => {
                    found.extend(tasks(third));
                }
                _ => {}
            }
        }
        found
    }

    /// The tag of that name; `big-tag` is also `big tag`.
    pub(crate) fn find_tag(&self, typed: &str) -> Option<Uuid> {
        let typed = fold(typed);
        self.tags
            .iter()
            .filter(|tag| !tag.archived)
            .find(|tag| {
                let name = fold(&tag.name);
                name == typed || name.replace(' ', "-") == typed
            })
            .map(|tag| tag.id)
    }

    /// `Northwind ▸ Planning`, and the task behind it.
    pub(crate) fn label(&self, project_id: Option<Uuid>, task_id: Option<Uuid>) -> Option<String> {
        let project_id = project_id?;
        let project = self.projects.iter().find(|p| p.id == project_id);
        let Some(project) = project else {
            return Some(format!("project {}", crate::print::short(project_id)));
        };
        let label = self.project_label(project);
        let task = task_id.and_then(|id| self.tasks.iter().find(|task| task.id == id));
        Some(match task {
            Some(task) => format!("{label} · {}", task.name),
            None => label,
        })
    }

    /// The tag's name.
    pub(crate) fn tag_label(&self, id: Uuid) -> String {
        let tag = self.tags.iter().find(|tag| tag.id == id);
        tag.map_or_else(|| crate::print::short(id), |tag| tag.name.clone())
    }

    fn project_label(&self, project: &Project) -> String {
        match self.client_of(project) {
            Some(client) => format!("{client} ▸ {}", project.name),
            None => project.name.clone(),
        }
    }

    fn client_of(&self, project: &Project) -> Option<&str> {
        let id = project.client_id?;
        let client = self.clients.iter().find(|client| client.id == id)?;
        Some(client.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::names;

    fn path(text: &str) -> Vec<String> {
        text.split('/').map(str::to_owned).collect()
    }

    #[test]
    fn paths() {
        let names = names();
        let one = |project: u128, task: Option<u128>| Found::One {
            project_id: Uuid::from_u128(project),
            task_id: task.map(Uuid::from_u128),
        };
        for (text, expected) in [
            ("planning", one(11, None)),
            ("NORTHWIND/planning", one(11, None)),
            ("north/plan", one(11, None)),
            ("planning/review", one(11, Some(21))),
            ("northwind/planning/review", one(11, Some(21))),
            ("internal", one(13, None)),
            ("northwind/design", one(12, None)),
            ("old", Found::Nothing),
            ("southwind/planning", Found::Nothing),
        ] {
            assert_eq!(names.find_target(&path(text)), expected, "{text}");
        }
        let labels = ["Northwind Ltd ▸ Design".to_owned(), "Acme ▸ Design".to_owned()];
        assert_eq!(names.find_target(&path("design")), Found::Several(labels.to_vec()));
    }

    #[test]
    fn tags_and_labels() {
        let names = names();
        assert_eq!(names.find_tag("Meeting"), Some(Uuid::from_u128(31)));
        assert_eq!(names.find_tag("big-tag"), Some(Uuid::from_u128(32)));
        assert_eq!(names.find_tag("gone"), None);
        let (project, task) = (Some(Uuid::from_u128(11)), Some(Uuid::from_u128(21)));
        assert_eq!(
            names.label(project, task).as_deref(),
            Some("Northwind Ltd ▸ Planning · Review")
        );
        assert_eq!(names.label(None, None), None);
        assert_eq!(names.tag_label(Uuid::from_u128(32)), "big tag");
    }
}
