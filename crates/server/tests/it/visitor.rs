//! Somebody who is signed in, before the router: pages, and their forms filled as a browser does.

use app::{
    Actor, Credential,
    actor::Scope,
    identity::{Method, OpenSession, find_session, form_token, hash_secret, open_session},
    token::{CreateToken, create_token},
    workspace::Newcomer,
};
use axum::{body::Body, http::Request};
use domain::{
    ids::{MemberId, UserId},
    period::WeekStart,
    permission::Role,
    preference::{ClockFormat, Locale},
    text::{EmailAddress, Name},
};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use uuid::Uuid;

use crate::{
    cases::{fresh_id, number},
    support::{Answer, Api, Ask},
};

/// Somebody's browser, and a full token of theirs.
pub(crate) struct Visitor<'a> {
    api: &'a Api,
    pub(crate) user: UserId,
    pub(crate) member: MemberId,
    token: String,
    root: String,
    cookie: String,
    csrf: String,
}

/// A form as a page shows it: names and values, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form(pub(crate) Vec<(String, String)>);

impl Api {
    /// A new member with a role, signed in.
    pub(crate) async fn visitor(&self, role: Role) -> Visitor<'_> {
        let (app, workspace) = (&self.world.app, self.world.workspace);
        let address = EmailAddress::parse(&format!("visitor{}@example.com", number())).unwrap();
        let user = app.find_or_create_person(app.new_request(), address.clone()).await.unwrap();
        let member = MemberId::from_uuid(fresh_id());
        let newcomer = Newcomer {
            user,
            member,
            name: Name::parse(&format!("A visiting {role}")).unwrap(),
            address,
            zone: app::input::zone("zone", "Europe/Berlin").unwrap(),
            week_start: WeekStart::Monday,
            locale: Locale::EnGb,
            clock_format: ClockFormat::H24,
        };
        app.admit(app.new_request(), workspace, newcomer, role).await.unwrap();
        let actor = Actor { credential: Credential::Session(user), request: app.new_request() };
        let created = app.write(actor, workspace, |op| {
            let name = Name::parse("A program").unwrap();
            let scope = Scope::Full;
            create_token(op, CreateToken { id: None, name, scope, expires_in_days: 99, body: None })
        });
        let token = created.await.unwrap().secret.expose().clone();
        let root = format!("/w/{workspace}");
        let (cookie, csrf) = (String::new(), String::new());
        let mut visitor = Visitor { api: self, user, member, token, root, cookie, csrf };
        visitor.sign_in().await;
        visitor
    }
}

impl<'a> Visitor<'a> {
    /// Signs in anew, such as after the clock was set.
    pub(crate) async fn sign_in(&mut self) {
        let app = &self.api.world.app;
        let command = OpenSession { user: self.user, method: Method::MailCode, remember: false };
        let opened =
            app.write_directory(app.new_request(), move |op| open_session(op, command)).await;
        let secret = opened.unwrap().secret.expose().clone();
        let hash = hash_secret(&secret).unwrap();
        let token = app.write_directory(app.new_request(), move |op| {
            let session = find_session(op, &hash)?.expect("a session");
            form_token(op, session.login())
        });
        self.csrf = token.await.unwrap();
        self.cookie = format!("sid-8420={secret}");
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
        self.send("GET", path, String::new()).await
    }

    /// Sends a form's fields.
    pub(crate) async fn post(&self, path: &str, form: &Form) -> Answer {
        self.raw(path, &serde_urlencoded::to_string(&form.0).unwrap()).await
    }

    /// Sends a body with the token added.
    pub(crate) async fn raw(&self, path: &str, body: &str) -> Answer {
        self.send("POST", path, format!("csrf={}&{body}", self.csrf)).await
    }

    /// The form with this id on a page.
    pub(crate) async fn form(&self, path: &str, id: &str) -> Form {
        let page = self.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text());
        Form::of(&page.text(), id).unwrap_or_else(|| panic!("{path} has no form {id}"))
    }

    async fn send(&self, method: &str, path: &str, body: String) -> Answer {
        self.send_to(method, &format!("{}/{path}", self.root), body).await
    }

    /// A request to any path; a form's body with the token in it.
    pub(crate) async fn ask_anywhere(&self, method: &str, path: &str, body: &str) -> Answer {
        let body =
            if method == "POST" { format!("csrf={}&{body}", self.csrf) } else { String::new() };
        self.send_to(method, path, body).await
    }

    async fn send_to(&self, method: &str, path: &str, body: String) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("cookie", &self.cookie)
            .header("host", "localhost:8420");
        if method == "POST" {
            request = request
                .header("sec-fetch-site", "same-origin")
                .header("content-type", "application/x-www-form-urlencoded");
        }
        let request = request.body(Body::from(body)).unwrap();
        let response = self.api.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

impl Form {
    /// The form as a browser would send it untouched, without the token.
    pub(crate) fn of(page: &str, id: &str) -> Option<Self> {
        let page = &page[page.find(&format!("id=\"{id}\""))?..];
        let page = &page[..page.find("</form>")?];
        let mut fields = Vec::new();
        let mut rest = page;
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
        Some(Self(fields))
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
