//! The page of the sign-in policy: what is chosen, what it would do, and only then saved.

use app::{
    Error, Fields, Op,
    sign_in_policy::{ChangePolicy, Consequences, ReadPolicy, change_policy, get_policy},
};
use axum::{Router, extract::State, http::StatusCode, routing::get};
use domain::sign_in_policy::{LongestSession, SecondFactorRule, SignInPolicy, Unmet, Way, Ways};

use super::view::{PolicyPage, WayBox};
use crate::{
    joining::{self, view::JoiningPart},
    page::{Field, Place, Select},
    state::Server,
    web::{
        Flash, Frame, Overtaken, PageError, PageResult, Refused, SignedIn, Typed, collect,
        page_with, stale,
    },
};

/// Routes of the sign-in policy.
pub fn routes() -> Router<Server> {
    Router::new().route("/w/{workspace}/sign-in-policy", get(show).post(save))
}

async fn show(State(server): State<Server>, member: SignedIn) -> PageResult {
    let (frame, read) = member.read(&server, |op| Ok((Frame::read(op)?, get_policy(op)?))).await?;
    let body = body(&member, &read.policy, read.version);
    answer(&server, &member, frame, StatusCode::OK, body).await
}

/// The page with this part about who may join by themselves.
pub(crate) async fn show_with(
    server: &Server,
    member: &SignedIn,
    status: StatusCode,
    joining: JoiningPart,
) -> PageResult {
    let (frame, read) = member.read(server, |op| Ok((Frame::read(op)?, get_policy(op)?))).await?;
    let page = PolicyPage { joining, ..body(member, &read.policy, read.version) };
    put_in_frame(server, member, frame, status, page).await
}

/// The page with what is stored about who may join by themselves.
async fn answer(
    server: &Server,
    member: &SignedIn,
    frame: Frame,
    status: StatusCode,
    body: PolicyPage,
) -> PageResult {
    let joining = member.read(server, joining::part).await?;
    put_in_frame(server, member, frame, status, PolicyPage { joining, ..body }).await
}

async fn put_in_frame(
    server: &Server,
    member: &SignedIn,
    frame: Frame,
    status: StatusCode,
    body: PolicyPage,
) -> PageResult {
    let layout = frame.layout(server, member, Place::SignIn, "sign-in-policy", "Sign-in").await?;
    Ok(page_with(status, &PolicyPage { layout, ..body }))
}

fn body(member: &SignedIn, policy: &SignInPolicy, version: i64) -> PolicyPage {
    let networks: Vec<_> = policy.networks.iter().map(ToString::to_string).collect();
    PolicyPage {
        version: version.to_string(),
        ways: boxes(policy.ways),
        second_factor: rules(policy.second_factor),
        allows_remembering: policy.allows_remembering,
        longest_session: lives(policy.longest_session),
        networks: Field::new(networks.join("\n")),
        here: here(member),
        ..PolicyPage::default()
    }
}

fn rules(selected: SecondFactorRule) -> Select {
    let all = SecondFactorRule::ALL.iter().map(|rule| (rule.as_str(), rule_word(*rule)));
    Select::of(all, selected.as_str())
}

fn lives(selected: LongestSession) -> Select {
    let all = LongestSession::ALL.iter().map(|life| (life.as_str(), life_words(*life)));
    Select::of(all, selected.as_str())
}

fn boxes(ways: Ways) -> Vec<WayBox> {
    let boxes = Way::ALL.iter().map(|way| {
        let (name, label, hint) = words(*way);
        WayBox { name, label, hint, is_ticked: ways.allows(*way) }
    });
    boxes.collect()
}

/// The boxes as they are ticked.
fn ways(form: &Typed) -> Ways {
    Way::ALL.iter().fold(Ways::NONE, |ways, way| ways.with(*way, form.is_ticked(words(*way).0)))
}

/// The field of a way in, what stands beside its box, and below it.
const fn words(way: Way) -> (&'static str, &'static str, &'static str) {
    match way {
        Way::Mail => (
            "allows_mail",
            "Codes and links by mail",
            "Each works once, for ten minutes. As strong as the mailbox.",
        ),
        Way::Passwords => (
            "allows_passwords",
            "Passwords",
            "At least 15 characters, or 8 beside an authenticator app.",
        ),
        Way::Passkeys => (
            "allows_passkeys",
            "Passkeys",
            "Kept by a phone, a computer or a key. Nobody can be tricked into giving one away.",
        ),
        Way::Providers => (
            "allows_providers",
            "Sign-in with another provider",
            "Such as the one your organisation runs, once it is set up.",
        ),
    }
}

pub(crate) fn rule_word(rule: SecondFactorRule) -> &'static str {
    match rule {
        SecondFactorRule::Optional => "Everybody decides for themselves",
        SecondFactorRule::Required => "Everybody needs one, by mail will do after a password",
        SecondFactorRule::Strong => "Everybody needs an authenticator app or a passkey",
    }
}

pub(crate) const fn life_words(life: LongestSession) -> &'static str {
    match life {
        LongestSession::ThirtyDays => "30 days",
        LongestSession::SevenDays => "7 days",
        LongestSession::Day => "24 hours",
        LongestSession::HalfDay => "12 hours",
    }
}

fn here(member: &SignedIn) -> String {
    let from = member.actor.came.from.map(|address| address.to_canonical());
    from.map(|address| format!("You come from {address}.")).unwrap_or_default()
}

/// In two steps: what it does, then the same once more to save it.
async fn save(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let policy = match read(&form) {
        Ok(policy) => policy,
        Err(error) => return refuse(&server, &member, form, error).await,
    };
    if !form.is_ticked("confirmed") {
        return preview(&server, &member, form, policy).await;
    }
    let change = ChangePolicy { policy, expected_version: form.version(), actor: member.actor };
    let saved = member.try_write(&server, move |op| change_policy(op, change.clone())).await;
    match saved {
        Ok(_) => Ok(member.back("sign-in-policy", Some(Flash::Saved))),
        Err(Error::Stale(_)) => show_both(&server, &member, form).await,
        Err(error) => refuse(&server, &member, form, error).await,
    }
}

/// What it would do: tried out in a transaction that is not kept, then counted.
async fn preview(
    server: &Server,
    member: &SignedIn,
    form: Typed,
    policy: SignInPolicy,
) -> PageResult {
    let version = form.version();
    let change =
        ChangePolicy { policy: policy.clone(), expected_version: version, actor: member.actor };
    let looked = member.try_read(server, move |op| {
        let frame = Frame::read(op)?;
        app::sign_in_policy::check_change(op, &change)?;
        Ok((frame, get_policy(op)?))
    });
    let (frame, before) = match looked.await {
        Ok(looked) => looked,
        Err(Error::Stale(_)) => return show_both(server, member, form).await,
        Err(error) => return refuse(server, member, form, error).await,
    };
    let counted =
        server.app.look_at_consequences(member.actor, member.workspace, policy.clone()).await;
    let counted = counted.map_err(|error| member.fail(error))?;
    let mut page = body(member, &policy, before.version);
    page.consequences = sentences(&before.policy, &policy, counted);
    page.yourself = counted.yourself.map(yourself_told).unwrap_or_default();
    answer(server, member, frame, StatusCode::OK, page).await
}

/// That it keeps out the one who would save it: it is refused but for what they put right at the door.
fn yourself_told(missing: Unmet) -> String {
    format!(
        "This keeps you out yourself, as soon as it is saved: {} You come no further than “My security” \
         until you have put that right there.",
        app::unmet_sentence(missing)
    )
}

/// What a policy does, in sentences; always one.
fn sentences(before: &SignInPolicy, after: &SignInPolicy, counted: Consequences) -> Vec<String> {
    let mut told = Vec::new();
    if before == after {
        told.push("Nothing changes.".to_owned());
        return told;
    }
    let (people, sessions) = (counted.people, counted.sessions);
    told.extend(second_factor_told(after.second_factor, counted));
    told.extend(of(counted.without_way, people, "person", "people").map(|who| {
        format!(
            "{who} no other way in yet: no password, no passkey for this address and no account at a \
             provider, as far as these are allowed. They come no further than “My security” until they \
             have one.",
        )
    }));
    told.push(match counted.kept_out {
        0 => "Nobody who is signed in now is kept out by how they signed in.".to_owned(),
        1 => "One open sign-in does not meet this, and is kept out with its next step.".to_owned(),
        kept_out => format!(
            "{kept_out} of {sessions} open sign-ins do not meet this, and are kept out with their \
             next step."
        ),
    });
    told.extend(of_sign_ins(
        counted.by_themselves,
        sessions,
        "was opened by a remembered browser, and has to be made anew.",
        "were opened by remembered browsers, and have to be made anew.",
    ));
    told.extend(of_sign_ins(
        counted.too_old,
        sessions,
        "is older, and its person has to sign in again.",
        "are older, and their people have to sign in again.",
    ));
    if before.networks != after.networks {
        told.extend(networks_told(after, counted));
    }
    told
}

/// Who has to set up what, and what is counted.
fn second_factor_told(rule: SecondFactorRule, counted: Consequences) -> Option<String> {
    let (everybody, lack) = match rule {
        SecondFactorRule::Optional => return None,
        SecondFactorRule::Required => (
            "an authenticator app, a passkey for this address, or a code by mail after their password",
            "neither an authenticator app nor a passkey for this address, nor a code by mail after a \
             password",
        ),
        SecondFactorRule::Strong => (
            "an authenticator app or a passkey for this address",
            "neither an authenticator app nor a passkey for this address",
        ),
    };
    let who = of(counted.without_second, counted.people, "person", "people");
    Some(who.map_or_else(
        || format!("Everybody has {everybody} already."),
        |who| {
            format!(
                "{who} {lack} yet. They are asked to set one up before they come in. What a provider \
                 asks for is not counted."
            )
        },
    ))
}

/// What address ranges do.
fn networks_told(after: &SignInPolicy, counted: Consequences) -> Vec<String> {
    if after.networks.is_empty() {
        return vec!["Sign-ins and tokens work from everywhere.".to_owned()];
    }
    let mut told =
        vec!["From all other addresses, nobody comes in, and no API token works.".to_owned()];
    told.extend(of_sign_ins(
        counted.elsewhere,
        counted.sessions,
        "was made at another address.",
        "were made at other addresses.",
    ));
    told.push(match counted.tokens_elsewhere {
        0 => "No API token was last used from another address, or works only there.".to_owned(),
        1 => "One API token was last used from another address, or works only there.".to_owned(),
        more => format!(
            "{more} of {} API tokens were last used from other addresses, or work only there.",
            counted.tokens
        ),
    });
    told
}

/// `One person has`, `3 of 8 people have`; nothing for none.
fn of(number: i64, all: i64, one: &str, many: &str) -> Option<String> {
    match number {
        0 => None,
        1 => Some(format!("One {one} has")),
        more => Some(format!("{more} of {all} {many} have")),
    }
}

/// A sentence about open sign-ins; nothing for none.
fn of_sign_ins(number: i64, all: i64, one: &str, many: &str) -> Option<String> {
    match number {
        0 => None,
        1 => Some(format!("One open sign-in {one}")),
        more => Some(format!("{more} of {all} open sign-ins {many}")),
    }
}

/// The form again, with what is wrong.
async fn refuse(server: &Server, member: &SignedIn, form: Typed, error: Error) -> PageResult {
    let refused = Refused::new(member, form, error)?;
    let (frame, read) =
        member.read(server, |op: &mut Op| Ok((Frame::read(op)?, get_policy(op)?))).await?;
    let mut page = body(member, &read.policy, read.version);
    let typed = refused.typed();
    page.ways = boxes(ways(typed));
    typed.get("version").clone_into(&mut page.version);
    page.ways_error = refused.field("ways").error;
    page.networks = refused.field("networks");
    page.allows_remembering = refused.typed().is_ticked("allows_remembering");
    refused.choose(&mut page.second_factor, "second_factor");
    refused.choose(&mut page.longest_session, "longest_session");
    page.error = refused.whole();
    answer(server, member, frame, refused.status, page).await
}

fn read(form: &Typed) -> Result<SignInPolicy, Error> {
    let mut wrong = Vec::new();
    let rule = app::input::choice("second_factor", form.get("second_factor"));
    let rule: Option<SecondFactorRule> = collect(&mut wrong, rule);
    let networks = collect(&mut wrong, app::input::networks("networks", form.get("networks")));
    let longest = app::input::choice("longest_session", form.get("longest_session"));
    let longest: Option<LongestSession> = collect(&mut wrong, longest);
    match (rule, networks, longest) {
        (Some(second_factor), Some(networks), Some(longest_session)) => Ok(SignInPolicy {
            ways: ways(form),
            second_factor,
            networks,
            allows_remembering: form.is_ticked("allows_remembering"),
            longest_session,
        }),
        _ => Err(Error::Invalid(Fields(wrong))),
    }
}

/// Somebody was faster: both texts.
async fn show_both(
    server: &Server,
    member: &SignedIn,
    form: Typed,
) -> Result<axum::response::Response, PageError> {
    let typed = form.clone();
    let (frame, both) = member
        .read(server, move |op| Ok((Frame::read(op)?, overtaken(get_policy(op)?, &typed))))
        .await?;
    stale(server, member, frame, Place::SignIn, &form, both).await
}

fn overtaken(stored: ReadPolicy, typed: &Typed) -> Overtaken {
    let ReadPolicy { policy, version } = stored;
    let yes = |is_so: bool| if is_so { "yes" } else { "no" }.to_owned();
    let networks: Vec<_> = policy.networks.iter().map(ToString::to_string).collect();
    let both = Overtaken {
        about: "The sign-in policy".to_owned(),
        path: "sign-in-policy".to_owned(),
        version,
        differences: Vec::new(),
    };
    let boxes = boxes(ways(typed)).into_iter().zip(boxes(policy.ways));
    let with_ways = boxes.fold(both, |both, (typed, stored)| {
        both.with(typed.label, yes(typed.is_ticked), yes(stored.is_ticked))
    });
    with_ways
        .with_choice("Second factor", typed.get("second_factor"), &rules(policy.second_factor))
        .with(
            "Only from these addresses",
            typed.get("networks").trim().to_owned(),
            networks.join("\n"),
        )
        .with(
            "Browsers may be remembered",
            yes(typed.is_ticked("allows_remembering")),
            yes(policy.allows_remembering),
        )
        .with_choice(
            "Sign in again after",
            typed.get("longest_session"),
            &lives(policy.longest_session),
        )
}
