//! Joining by mail domain.

use server::{
    joining::view::{JoiningPart, OffersPage},
    page::{Field, Select, WorkspaceLink},
    workspace::view::ChooseWorkspacePage,
};

use super::{html, plain::plain_layout};

/// The part of the sign-in policy, with everything in it.
pub(super) fn part() -> JoiningPart {
    JoiningPart {
        can_edit: true,
        version: "2".to_owned(),
        now: "Nobody joins without an invitation.".to_owned(),
        error: String::new(),
        domains: Field::new("larch-and-sons.example\ngmail.com").with_error(
            "Anybody can get an address at gmail.com, so anybody could join. Invite people.",
        ),
        role: Select::of([("member", "Member"), ("own:1", "Helper in the kitchen")], "member"),
        consequences: vec![
            "People with an address at larch-and-sons.example can join as Member without being asked. All who may \
             invite people are told by mail when somebody does."
                .to_owned(),
        ],
    }
}

pub(super) fn joining() -> Vec<(&'static str, String)> {
    let link = |name: &str| WorkspaceLink {
        name: name.to_owned(),
        href: "/join/1".to_owned(),
        is_current: false,
    };
    vec![
        (
            "offers",
            html(&OffersPage {
                layout: plain_layout("Join", "offers"),
                offers: vec![link("Larch & Sons"), link("Harbour Studio")],
            }),
        ),
        (
            "choose-join",
            html(&ChooseWorkspacePage {
                layout: plain_layout("Choose a workspace", "choose"),
                workspaces: Vec::new(),
                joinable: vec![link("Larch & Sons")],
            }),
        ),
    ]
}
