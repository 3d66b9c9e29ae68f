//! What a form that waits for a fresh proof is about to do, in words.

use super::kept::Kept;

/// Such as `remove Bob Example from the workspace`; `whom` is the member's name, where it is known.
pub(super) fn words(kept: &Kept, whom: Option<&str>) -> String {
    let whom = whom.unwrap_or("a member");
    let parts: Vec<&str> = kept.action().split('/').skip(3).collect();
    match parts.as_slice() {
        ["people", _] => format!("make {whom} {}", role(kept)),
        ["people", _, "remove"] => format!("remove {whom} from the workspace"),
        ["invitations"] => format!("invite {} as {}", kept.get("email").trim(), role(kept)),
        ["invitations", ..] => "send an invitation again".to_owned(),
        ["tokens"] => {
            format!(
                "make the API token “{}”, which may do all that you may",
                kept.get("name").trim()
            )
        }
        ["settings"] => "change the settings of the workspace".to_owned(),
        _ if kept.action() == "/device/confirm" => {
            format!("let in the program that shows the code {}", kept.get("user_code"))
        }
        _ => "do what you have just asked for".to_owned(),
    }
}

/// Whether it gives or takes power: then it is asked for anew on its own page by whoever has signed in
/// meanwhile, who may be somebody else, instead of being sent again.
pub(super) fn is_weighty(kept: &Kept) -> bool {
    let place = kept.action().split('/').nth(3);
    let is_weighty = |place| matches!(place, "people" | "invitations" | "tokens" | "settings");
    kept.action().starts_with("/device") || place.is_some_and(is_weighty)
}

/// The member whom the form is about, with the workspace: ids as the address has them.
pub(super) fn whom(kept: &Kept) -> Option<(&str, &str)> {
    let mut parts = kept.action().split('/').skip(1);
    let (Some("w"), Some(workspace)) = (parts.next(), parts.next()) else { return None };
    let (Some("people"), Some(member)) = (parts.next(), parts.next()) else { return None };
    Some((workspace, member))
}

fn role(kept: &Kept) -> &'static str {
    match kept.get("role") {
        "owner" => "an owner",
        "admin" => "an admin",
        "manager" => "a manager",
        _ => "a member",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::Typed;

    /// Whoever signs in next may be somebody else: these are never sent again in their name.
    #[test]
    fn forms_that_give_or_take_power_are_weighty() {
        let is_weighty = |action| is_weighty(&Kept::new(action, &Typed::default()));
        for action in [
            "/w/x/people/y/remove",
            "/w/x/people/y",
            "/w/x/invitations",
            "/w/x/tokens",
            "/w/x/settings",
            "/device/confirm",
        ] {
            assert!(is_weighty(action), "{action}");
        }
        for action in ["/w/x/quick-entry", "/w/x/entries/y", "/w/x/timer/stop", "/"] {
            assert!(!is_weighty(action), "{action}");
        }
    }
}
