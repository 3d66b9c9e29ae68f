//! Which project `@northwind/planning` is, by what is known of the workspace; and what a project is
//! called. The rules of the look-up are `domain`'s, the same as the server's.

use domain::lookup::{self, NamedProject, NamedTask};
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
    /// What a path of names means among the projects that take time.
    pub(crate) fn find_target(&self, path: &[String]) -> Found {
        let projects = self.known_projects();
        let live = self.tasks.iter().filter(|task| !task.archived);
        let tasks: Vec<NamedTask<'_, Uuid, Uuid>> = live
            .map(|task| NamedTask { id: task.id, project: task.project_id, name: &task.name })
            .collect();
        match lookup::find_target(path, &projects, &tasks) {
            lookup::Found::Nothing => Found::Nothing,
            lookup::Found::One((project_id, task_id)) => Found::One { project_id, task_id },
            lookup::Found::Several(several) => Found::Several(
                several
                    .into_iter()
                    .filter_map(|(project_id, task_id)| self.label(Some(project_id), task_id))
                    .collect(),
            ),
        }
    }

    /// Why a path of names means nothing, and the way to make it mean something, where one is given.
    pub(crate) fn why_unknown(&self, path: &[String], way: Option<&str>) -> String {
        lookup::which_project(path, &self.known_projects()).unwrap_or_else(|| {
            let sentence = format!("There is no project @{} that you can book on.", path.join("/"));
            way.map_or(sentence.clone(), |way| format!("{sentence} {way}"))
        })
    }

    fn known_projects(&self) -> Vec<NamedProject<'_, Uuid>> {
        let live = self.projects.iter().filter(|project| !project.archived);
        live.map(|project| {
            let client = self.client_of(project);
            NamedProject { id: project.id, client, name: &project.name }
        })
        .collect()
    }

    /// The tag of that name.
    pub(crate) fn find_tag(&self, typed: &str) -> Option<Uuid> {
        let live = self.tags.iter().filter(|tag| !tag.archived);
        lookup::find_tag(typed, live.map(|tag| (tag.id, tag.name.as_str())))
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
        let question = "@northwind is a client: which project? @northwind/";
        let why = |text: &str, way| names.why_unknown(&path(text), way);
        let way = Some("An admin can make it.");
        assert!(why("northwind", way).starts_with(question));
        let sentence = "There is no project @other that you can book on.";
        assert_eq!(why("other", None), sentence);
        assert_eq!(why("other", way), format!("{sentence} An admin can make it."));
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
