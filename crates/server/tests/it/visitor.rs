//! Somebody who is signed in, before the router: pages, and their forms filled as a browser does.

use app::{
    Actor, Credential,
    actor::Scope,
    token::{CreateToken, create_token},
    workspace::Newcomer,
};
use domain::{
    ids::{MemberId, UserId},
    period::WeekStart,
    permission::Assignment,
    preference::{ClockFormat, Locale},
    text::{EmailAddress, Name},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    cases::{fresh_id, number},
    support::{Answer, Api, Ask},
    visit::Browser,
};

/// Somebody's browser, and a full token of theirs.
pub(crate) struct Visitor<'a> {
    pub(crate) api: &'a Api,
    pub(crate) user: UserId,
    pub(crate) member: MemberId,
    token: String,
    /// As it is after signing in: what the answer to a request sets is not kept.
    browser: Browser<'a>,
}

/// A form as a page shows it: names and values, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form(pub(crate) Vec<(String, String)>);

impl Api {
    /// A new member with a role, signed in.
    pub(crate) async fn visitor(&self, role: impl Into<Assignment>) -> Visitor<'_> {
        let role = role.into();
        let (app, workspace) = (&self.world.app, self.world.workspace);
        let address = EmailAddress::parse(&format!("visitor{}@example.com", number())).unwrap();
        let user = app.find_or_create_person(app.new_request(), address.clone()).await.unwrap();
        let member = MemberId::from_uuid(fresh_id());
        let newcomer = Newcomer {
            user,
            member,
            name: Name::parse(&format!("A visiting {}", role.role)).unwrap(),
            address,
            zone: app::input::zone("zone", "Europe/Berlin").unwrap(),
            week_start: WeekStart::Monday,
            locale: Locale::EnGb,
            clock_format: ClockFormat::H24,
        };
        app.admit(app.new_request(), workspace, newcomer, role).await.unwrap();
        let actor = Actor::new(Credential::Session(user), app.new_request());
        let created = app.write(actor, workspace, |op| {
            let name = Name::parse("A program").unwrap();
            let scope = Scope::Full;
            create_token(
                op,
                CreateToken {
                    id: None,
                    name,
                    scope,
                    expires_in_days: 99,
                    networks: Vec::new(),
                    body: None,
                },
            )
        });
        let token = created.await.unwrap().secret.expose().clone();
        let mut visitor = Visitor { api: self, user, member, token, browser: Browser::new(self) };
        visitor.sign_in().await;
        visitor
    }
}

impl<'a> Visitor<'a> {
    /// Signs in anew, such as after the clock was set.
    pub(crate) async fn sign_in(&mut self) {
        self.browser.sign_in(self.user, false).await;
        let profile = self.browser.page("profile");
        assert_eq!(self.browser.get(&profile).await.status, 200);
    }

    /// Their program's token.
    pub(crate) fn token(&self) -> String {
        self.token.clone()
    }

    /// Another window of their browser.
    pub(crate) fn browser(&self) -> Browser<'a> {
        self.browser.clone()
    }

    /// A request of their program.
    pub(crate) fn ask(&self, method: &str, path: &str) -> Ask<'a> {
        let path = format!("/workspaces/{}{path}", self.api.world.workspace);
        self.api.bare(method, &path).token(&self.token)
    }

    /// Makes a thing by their program.
    pub(crate) async fn make(&self, path: &str, body: Value) -> Uuid {
        let made = self.ask("POST", path).json(&body).send().await;
        assert_eq!(made.status, 201, "POST {path} {body}: {}", made.text());
        made.id()
    }

    /// A page of the workspace.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask_anywhere("GET", &self.browser.page(path), "").await
    }

    /// Sends a form's fields.
    pub(crate) async fn post(&self, path: &str, form: &Form) -> Answer {
        self.raw(path, &serde_urlencoded::to_string(&form.0).unwrap()).await
    }

    /// Sends a body with the token added.
    pub(crate) async fn raw(&self, path: &str, body: &str) -> Answer {
        self.ask_anywhere("POST", &self.browser.page(path), body).await
    }

    /// The form with this id on a page.
    pub(crate) async fn form(&self, path: &str, id: &str) -> Form {
        let page = self.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text());
        Form::of(&page.text(), id).unwrap_or_else(|| panic!("{path} has no form {id}"))
    }

    /// JSON, as the script of a page sends it.
    pub(crate) async fn ask_json(&self, path: &str, body: &str) -> Answer {
        self.browser.clone().post_json(path, body).await
    }

    /// A page at any path; or a form's body, with the token added.
    pub(crate) async fn ask_anywhere(&self, method: &str, path: &str, body: &str) -> Answer {
        let mut browser = self.browser.clone();
        match method {
            "POST" => browser.post_raw(path, body).await,
            _ => browser.get(path).await,
        }
    }
}

impl Form {
    /// The form as a browser would send it untouched, without the token.
    pub(crate) fn of(page: &str, id: &str) -> Option<Self> {
        let page = &page[page.find(&format!("id=\"{id}\""))?..];
        Some(Self::inside(&page[..page.find("</form>")?]))
    }

    /// What the text of a form sends.
    fn inside(form: &str) -> Self {
        let mut fields = Vec::new();
        let mut rest = form;
        while let Some(at) = rest.find('<') {
            rest = &rest[at + 1..];
            let tag = &rest[..rest.find('>').unwrap()];
            let Some(name) = attribute(tag, "name").filter(|name| name != "csrf") else { continue };
            let inside = &rest[tag.len() + 1..];
            match tag.split_whitespace().next().unwrap() {
                "input" => {
                    let kind = attribute(tag, "type").unwrap_or_default();
                    if !matches!(kind.as_str(), "checkbox" | "radio") || has(tag, "checked") {
                        fields.push((name, attribute(tag, "value").unwrap_or_default()));
                    }
                }
                "textarea" => {
                    let text = decoded(&inside[..inside.find("</textarea>").unwrap()]);
                    // The parser takes the first line break away; browsers send CR LF.
                    let text = text.strip_prefix('\n').unwrap_or(&text);
                    fields.push((name, text.replace('\n', "\r\n")));
                }
                "select" => {
                    let inside = &inside[..inside.find("</select>").unwrap()];
                    let options: Vec<&str> = inside.split("<option").skip(1).collect();
                    let chosen = options
                        .iter()
                        .find(|option| has(&option[..option.find('>').unwrap()], "selected"));
                    if let Some(option) = chosen.or(options.first()) {
                        fields.push((name, attribute(option, "value").unwrap_or_default()));
                    }
                }
                _ => {}
            }
        }
        Self(fields)
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(found, _)| found == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// With a field filled otherwise.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.retain(|(found, _)| found != name);
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A form of a page, whatever its id.
pub(crate) struct PageForm {
    pub(crate) action: String,
    /// Where its buttons send it instead.
    pub(crate) others: Vec<String>,
    /// Whether it asks by a GET.
    pub(crate) is_read: bool,
    /// Every value that a field has or can be given by a choice.
    pub(crate) values: Vec<(String, String)>,
    /// As it would be sent untouched.
    pub(crate) form: Form,
}

/// All forms of a page.
pub(crate) fn forms_of(page: &str) -> Vec<PageForm> {
    let forms = page.split("<form").skip(1).map(|form| {
        let (tag, inside) = form.split_once('>').unwrap();
        let inside = inside.split("</form>").next().unwrap();
        PageForm {
            action: attribute(tag, "action").unwrap_or_default(),
            others: inside.split('<').filter_map(|tag| attribute(tag, "formaction")).collect(),
            is_read: attribute(tag, "method").is_none_or(|method| method == "get"),
            values: values_of(inside),
            form: Form::inside(inside),
        }
    });
    forms.collect()
}

fn values_of(form: &str) -> Vec<(String, String)> {
    let mut values = Vec::new();
    let mut choice = None;
    for part in form.split('<').skip(1) {
        let tag = part.split('>').next().unwrap();
        let (name, value) = (attribute(tag, "name"), attribute(tag, "value"));
        match (tag.split_whitespace().next().unwrap_or_default(), name, value) {
            ("select", name, _) => choice = name,
            ("option", _, Some(value)) => values.extend(choice.clone().map(|name| (name, value))),
            (_, Some(name), Some(value)) => values.push((name, value)),
            _ => {}
        }
    }
    values
}

fn has(tag: &str, word: &str) -> bool {
    tag.split_whitespace().any(|part| part.trim_end_matches('/') == word)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let begin = format!(" {name}=\"");
    let rest = &tag[tag.find(&begin)? + begin.len()..];
    Some(decoded(&rest[..rest.find('"')?]))
}

fn decoded(text: &str) -> String {
    let pairs = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (code, sign)| text.replace(code, sign))
}
