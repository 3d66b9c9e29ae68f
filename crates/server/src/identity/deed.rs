//! What a form that waits is about to do, in words.

use super::kept::Kept;

/// Such as `remove Bob Example from the workspace`; `whom` is the member's name, where it is known.
pub(super) fn words(kept: &Kept, whom: Option<&str>) -> String {
    let whom = whom.unwrap_or("a member");
    // My security is also outside of any workspace.
    let before = if kept.path().starts_with("/security/") { 1 } else { 3 };
    let parts: Vec<&str> = kept.path().split('/').skip(before).collect();
    match parts.as_slice() {
        ["people", _] => format!("make {whom} {}", role(kept)),
        ["people", _, "remove"] => format!("remove {whom} from the workspace"),
        ["people", _, "reset-factors"] => {
            format!("have the second step of {whom}’s sign-in taken away in 24 hours")
        }
        ["people", _, "tokens", _, "revoke"] => format!("revoke an API token of {whom}"),
        ["teams", _, "members"] => "say who answers for the time of a team".to_owned(),
        ["teams", _, "delete"] => "delete a team".to_owned(),
        ["projects", _, "members"] => "say who answers for a project".to_owned(),
        ["invitations"] => format!("invite {} as {}", kept.get("email").trim(), role(kept)),
        ["invitations", _, "withdraw"] => "withdraw an invitation".to_owned(),
        ["invitations", ..] => "send an invitation again".to_owned(),
        ["tokens"] => {
            let all =
                if kept.get("scope") == "full" { ", which may do all that you may" } else { "" };
            format!("make the API token “{}”{all}", kept.get("name").trim())
        }
        ["security", "address"] => {
            format!("change the address you sign in with to {}", kept.get("email").trim())
        }
        ["security", "apps"] => "set up an authenticator app".to_owned(),
        ["security", "apps", _] => "finish setting up an authenticator app".to_owned(),
        ["security", "apps", _, "remove"] => "remove an authenticator app".to_owned(),
        ["security", "passkeys"] | ["security", "passkeys", "begin"] => "add a passkey".to_owned(),
        ["security", "passkeys", "always"] => {
            "change whether a passkey is always asked for".to_owned()
        }
        ["security", "passkeys", _, "remove"] => "remove a passkey".to_owned(),
        ["security", "recovery-codes"] => "make new recovery codes".to_owned(),
        ["security", "allow-app"] => "let your app work in new browsers again".to_owned(),
        ["security", "mail-step"] => "change whether a code by mail is asked for".to_owned(),
        ["security", "providers"] => "connect an account at a provider".to_owned(),
        ["security", "providers", _, "disconnect"] => {
            "disconnect an account at a provider".to_owned()
        }
        ["providers"] => format!("set up “{}” as a provider of sign-ins", kept.get("label").trim()),
        ["providers", _] => "change a provider of sign-ins".to_owned(),
        ["providers", _, "delete"] => "remove a provider of sign-ins".to_owned(),
        ["security", "password"] | ["security", "password", "begin"] => {
            "choose a password".to_owned()
        }
        ["security", "password", "remove"] => "remove your password".to_owned(),
        ["security", "password", "allow"] => {
            "let your password work in new browsers again".to_owned()
        }
        ["roles"] => format!("make the role “{}”", kept.get("name").trim()),
        ["roles", _] => format!("change the role “{}”", kept.get("name").trim()),
        ["roles", _, "delete"] => "delete a role".to_owned(),
        ["settings"] => "change the settings of the workspace".to_owned(),
        ["sign-in-policy"] => "change how people may come into the workspace".to_owned(),
        ["sign-in-policy", "joining"] => {
            "change who may join the workspace by themselves".to_owned()
        }
        ["timer", "stop"] => "stop the timer".to_owned(),
        ["timer", "discard"] => "discard the timer".to_owned(),
        ["entries", _, "delete"] => "delete an entry".to_owned(),
        ["entries", _, "duplicate"] => "duplicate an entry".to_owned(),
        ["entries", _, "continue"] => "continue an entry".to_owned(),
        _ if kept.path() == "/device/confirm" && kept.get("answer") != "refuse" => {
            format!("let in the program that shows the code {}", kept.get("user_code"))
        }
        _ => DEED.to_owned(),
    }
}

/// A deed without words of its own.
const DEED: &str = "do what you have just asked for";

/// What somebody is told before they send a form of theirs that was kept over another session; none for
/// what only says what was typed. Whom it is about has to be seen, so what is about a member has none.
pub(super) fn told(kept: &Kept) -> Option<String> {
    Some(words(kept, None)).filter(|words| words != DEED && whom(kept).is_none())
}

/// The member whom the form is about, with the workspace: ids as the address has them.
pub(super) fn whom(kept: &Kept) -> Option<(&str, &str)> {
    let mut parts = kept.path().split('/').skip(1);
    let (Some("w"), Some(workspace)) = (parts.next(), parts.next()) else { return None };
    let (Some("people"), Some(member)) = (parts.next(), parts.next()) else { return None };
    Some((workspace, member))
}

fn role(kept: &Kept) -> &'static str {
    match kept.get("role") {
        "owner" => "an owner",
        "admin" => "an admin",
        "manager" => "a manager",
        "accountant" => "an accountant",
        "auditor" => "an auditor",
        role if role.starts_with("own:") => "somebody with a role made here",
        role if role.starts_with("client:") => "a guest of a client",
        _ => "a member",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::Typed;

    #[test]
    fn what_a_kept_form_does_is_told_where_that_can_be_said() {
        let form = [
            ("name", "Backup"),
            ("scope", "read"),
            ("user_code", "WDJB-MJHT"),
            ("email", "ann@new.example"),
        ];
        let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let form = Typed::of(form.into());
        let told = |action: &str| told(&Kept::new(action, &form));
        for (action, expected) in [
            ("/w/x/tokens", Some("make the API token “Backup”")),
            ("/w/x/settings", Some("change the settings of the workspace")),
            ("/w/x/timer/stop?x", Some("stop the timer")),
            ("/security/address", Some("change the address you sign in with to ann@new.example")),
            (
                "/w/x/security/address",
                Some("change the address you sign in with to ann@new.example"),
            ),
            ("/device/confirm", Some("let in the program that shows the code WDJB-MJHT")),
            // Whose role it is would not be seen.
            ("/w/x/people/y", None),
            ("/w/x/people/y/remove", None),
            ("/w/x/quick-entry", None),
            ("/", None),
        ] {
            assert_eq!(told(action).as_deref(), expected, "{action}");
        }
    }
}
