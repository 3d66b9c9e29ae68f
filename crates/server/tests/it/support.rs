//! A world behind the router, and requests to it.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use app::{
    Actor,
    actor::{Came, Scope, Since},
    sign_in_policy::{ChangePolicy, change_policy, get_policy},
    token::{CreateToken, create_token},
};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode, header},
};
use clap::Parser;
use domain::{
    sign_in_policy::{FirstFactor, SecondFactor, Way, parse_networks},
    text::Name,
};
use http_body_util::BodyExt;
use serde_json::Value;
use server::{
    config::Config,
    net::Peer,
    router::router,
    state::{Providers, Server},
};
use testkit::World;
use tower::ServiceExt;
use uuid::Uuid;

/// A configuration as `timeproof` without flags has it.
pub(crate) fn config() -> Config {
    #[derive(Parser)]
    struct Arguments {
        #[command(flatten)]
        config: Config,
    }
    Arguments::parse_from(["timeproof"]).config
}

/// Runs a story on each engine.
pub(crate) fn both<F: Future<Output = ()>>(story: impl Fn(Api) -> F) {
    testkit::both(async |world| story(Api::open(world).await).await);
}

/// Runs a story on SQLite: what is under test is the edge, not the engine.
pub(crate) fn one<F: Future<Output = ()>>(story: impl Fn(Api) -> F) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async { story(Api::open(World::open("sqlite").await).await).await });
}

/// A world behind the router, with a full token for everybody.
pub(crate) struct Api {
    pub(crate) world: World,
    pub(crate) router: Router,
    pub(crate) tokens: HashMap<&'static str, String>,
}

/// Everybody in the world.
pub(crate) const EVERYBODY: [&str; 6] =
    ["owner", "admin", "manager", "member", "other", "stranger"];

impl Api {
    pub(crate) async fn open(world: World) -> Self {
        let server = Server::new(world.app.clone(), Arc::new(config()), Providers::default());
        let mut api = Self { world, router: router(server), tokens: HashMap::new() };
        for who in EVERYBODY {
            let token = api.make_token(who, Scope::Full, 366).await;
            api.tokens.insert(who, token);
        }
        api
    }

    pub(crate) async fn make_token(&self, who: &str, scope: Scope, days: i64) -> String {
        let workspace = if who == "stranger" { self.world.elsewhere } else { self.world.workspace };
        let created = self.world.app.write(self.world.actor(who), workspace, move |op| {
            let name = Name::parse("A program").unwrap();
            create_token(
                op,
                CreateToken {
                    id: None,
                    name,
                    scope,
                    expires_in_days: days,
                    networks: Vec::new(),
                    body: None,
                },
            )
        });
        created.await.unwrap().secret.expose().clone()
    }

    /// A request of somebody's program to a path in the world's workspace (in the other one for the
    /// stranger).
    pub(crate) fn ask(&self, who: &str, method: &str, path: &str) -> Ask<'_> {
        let workspace = if who == "stranger" { self.world.elsewhere } else { self.world.workspace };
        let path = format!("/workspaces/{workspace}{path}");
        Ask::new(&self.router, method, &path).token(&self.tokens[who])
    }

    /// A request without a token, to a path below `/api/v1`.
    pub(crate) fn bare(&self, method: &str, path: &str) -> Ask<'_> {
        Ask::new(&self.router, method, path)
    }

    /// Makes a thing and gives its id.
    pub(crate) async fn make(&self, who: &str, path: &str, body: Value) -> Uuid {
        let made = self.ask(who, "POST", path).json(&body).send().await;
        assert_eq!(made.status, 201, "{who} POST {path} {body}: {}", made.text());
        made.id()
    }
}

/// A request being written.
pub(crate) struct Ask<'a> {
    router: &'a Router,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    from: Option<IpAddr>,
}

impl<'a> Ask<'a> {
    pub(crate) fn new(router: &'a Router, method: &str, path: &str) -> Self {
        let (method, path) = (method.to_uppercase(), format!("/api/v1{path}"));
        Self { router, method, path, headers: Vec::new(), body: Vec::new(), from: None }
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// From an address, as over a connection.
    pub(crate) fn from(mut self, address: &str) -> Self {
        self.from = Some(address.parse().unwrap());
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string().as_bytes())
    }

    pub(crate) fn raw(mut self, kind: &str, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self.header("content-type", kind)
    }

    /// Below `/api/v1`.
    pub(crate) fn path(&self) -> &str {
        self.path.strip_prefix("/api/v1").unwrap()
    }

    pub(crate) async fn send(self) -> Answer {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.path);
        request = request.header(header::HOST, "localhost");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(from) = self.from {
            request = request.extension(ConnectInfo(Peer(SocketAddr::new(from, 4711))));
        }
        let request = request.body(Body::from(self.body)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null when it is empty or something else.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn id(&self) -> Uuid {
        self.json()["id"].as_str().unwrap().parse().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// `200`, or `409 id.taken`, or `422 invalid name.empty`: what tables compare. Asserts that a
    /// problem is one.
    pub(crate) fn outcome(&self) -> String {
        let status = self.status.as_u16();
        if status < 400 {
            return status.to_string();
        }
        let kind = self.headers.get(header::CONTENT_TYPE).unwrap();
        assert_eq!(kind, "application/problem+json", "{}", self.text());
        let problem: wire::problem::Problem = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem.status, status);
        assert_eq!(problem.request_id, self.header("x-request-id"));
        assert!(!problem.title.is_empty());
        let fields = problem.errors.iter().map(|error| format!(" {}.{}", error.field, error.code));
        format!("{status} {}{}", problem.code, fields.collect::<String>())
    }

    /// The problem without the request's id.
    pub(crate) fn anonymous(&self) -> Value {
        let mut problem = self.json();
        assert!(problem.as_object_mut().unwrap().remove("request_id").is_some());
        problem
    }
}

/// The document, with examples of a day.
pub(crate) fn document() -> Value {
    let (_, described) = server::api::described().split_for_parts();
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    server::api::with_examples(server::api::document(described), now)
}

/// An operation of the document.
#[derive(Clone)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: String,
    /// Below `/api/v1`, with parameters in braces.
    pub(crate) path: String,
    pub(crate) described: Value,
}

impl Operation {
    /// The example of the body.
    pub(crate) fn example(&self) -> Option<&Value> {
        self.described.pointer("/requestBody/content/application~1json/example")
    }

    pub(crate) fn has_body(&self) -> bool {
        self.described.get("requestBody").is_some()
    }

    pub(crate) fn parameters(&self) -> &[Value] {
        self.described["parameters"].as_array().map_or(&[], |parameters| parameters)
    }

    /// Names of the path's parameters that are ids.
    pub(crate) fn path_ids(&self) -> Vec<&str> {
        let mut names = self.path_parameters();
        names.retain(|name| !["level", "index"].contains(name));
        names
    }

    /// Names in braces.
    pub(crate) fn path_parameters(&self) -> Vec<&str> {
        self.path.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0)).collect()
    }
}

/// In the order of their paths, whatever order the document is written in.
pub(crate) fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, described) in item.as_object().unwrap() {
            operations.push(Operation {
                id: described["operationId"].as_str().unwrap_or_default().to_owned(),
                method: method.to_uppercase(),
                path: path.clone(),
                described: described.clone(),
            });
        }
    }
    // In one order, whatever maps of JSON keep in this build.
    operations.sort_by(|one, other| (&one.path, &one.method).cmp(&(&other.path, &other.method)));
    operations
}

/// Changes the sign-in policy of the world's workspace, as its owner does in a browser that meets it: a
/// program makes none stricter. The fields are those of the API.
pub(crate) async fn set_policy(api: &Api, change: &Value) {
    // The operator's link and an app meet whatever is asked for.
    let factors = Some((FirstFactor::PrintedLink, Some(SecondFactor::Totp)));
    let from = Some("203.0.113.9".parse().unwrap());
    let since = Some(Since { at: api.world.now(), is_remembered: false });
    let came = Came { factors, from, since, ..Came::default() };
    let (actor, change) = (Actor { came, ..api.world.actor("owner") }, change.clone());
    let set = api.world.app.write(actor, api.world.workspace, move |op| {
        let mut policy = get_policy(op)?.policy;
        for (field, way) in [
            ("allows_mail", Way::Mail),
            ("allows_passwords", Way::Passwords),
            ("allows_passkeys", Way::Passkeys),
            ("allows_providers", Way::Providers),
        ] {
            if let Some(allows) = change[field].as_bool() {
                policy.ways = policy.ways.with(way, allows);
            }
        }
        if let Some(rule) = change["second_factor"].as_str() {
            policy.second_factor = rule.parse().unwrap();
        }
        if let Some(allows) = change["allows_remembering"].as_bool() {
            policy.allows_remembering = allows;
        }
        if let Some(longest) = change["longest_session"].as_str() {
            policy.longest_session = longest.parse().unwrap();
        }
        if let Some(networks) = change["networks"].as_array() {
            let lines: Vec<&str> = networks.iter().map(|one| one.as_str().unwrap()).collect();
            policy.networks = parse_networks(&lines.join(" ")).unwrap();
        }
        // Past it nobody comes again who shows no way that it allows.
        let ways = [
            (Way::Passkeys, FirstFactor::Passkey),
            (Way::Passwords, FirstFactor::Password),
            (Way::Mail, FirstFactor::MailCode),
            (Way::Providers, FirstFactor::Provider),
        ];
        let first = ways.iter().find(|(way, _)| policy.ways.allows(*way)).unwrap().1;
        let came = Came { factors: Some((first, Some(SecondFactor::Totp))), ..came };
        let change =
            ChangePolicy { policy, expected_version: None, actor: Actor { came, ..actor } };
        change_policy(op, change).map(drop)
    });
    set.await.unwrap();
}
