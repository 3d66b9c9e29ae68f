//! The real program as a process, on databases of its own.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread::JoinHandle,
    time::Duration,
};

use app::{
    Actor, App, Credential, SetUpWorkspace,
    actor::Scope,
    identity::Origin,
    operator::{OpenRunBook, add_operator, authenticate_operator, open_run_book},
    token::{CreateToken, create_token},
};
use clap::Parser;
use domain::{
    ids::WorkspaceId,
    period::WeekStart,
    preference::{Currency, Locale},
    text::Name,
};
use serde_json::Value;
use server::{commands::serve, config::Config};
use tempfile::TempDir;
use uuid::Uuid;
use vault::{Random, SystemRandom};

use crate::line::Line;

/// A server that does not answer by then does not start.
const START: Duration = Duration::from_mins(1);

/// How often a random test goes round: the small count, or the large one of `TIMEPROOF_SOAK`; that may
/// itself be a count above one, which is then the most.
#[expect(clippy::disallowed_methods, reason = "tests are configured by their environment")]
pub(crate) fn rounds(few: usize, many: usize) -> usize {
    let soak = std::env::var("TIMEPROOF_SOAK").unwrap_or_default();
    match soak.parse() {
        Ok(most) if most > 1 => many.min(most),
        _ if soak.is_empty() => few,
        _ => many,
    }
}

/// Databases, keys and a log.
pub(crate) struct Place {
    home: TempDir,
    postgres: Option<(String, String)>,
}

/// A workspace with an owner who has a token.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    pub(crate) workspace: WorkspaceId,
    pub(crate) token: String,
}

impl Owner {
    /// All entries that a query finds, by id; each once, or the test fails.
    pub(crate) fn entries(&self, line: &mut Line, query: &str) -> BTreeMap<Uuid, Value> {
        let mut found = BTreeMap::new();
        let base = format!("/workspaces/{}/time-entries?{query}limit=200", self.workspace);
        let mut path = base.clone();
        loop {
            let page = line.api(&self.token, "GET", &path, None).unwrap();
            assert_eq!(page.status, 200, "{}", page.text());
            let page = page.json();
            for entry in page["items"].as_array().unwrap() {
                let id: Uuid = entry["id"].as_str().unwrap().parse().unwrap();
                assert!(found.insert(id, entry.clone()).is_none(), "{id} is there twice");
            }
            match &page["next_cursor"] {
                Value::String(cursor) => path = format!("{base}&cursor={cursor}"),
                _ => return found,
            }
        }
    }
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        Self { home: tempfile::tempdir().unwrap(), postgres: None }
    }

    /// Databases with a prefix of their own on a cluster.
    pub(crate) fn postgres(url: &str) -> Self {
        let mut random = [0; 6];
        SystemRandom.fill(&mut random);
        let prefix = random.iter().fold("h".to_owned(), |text, b| format!("{text}{b:02x}"));
        Self { postgres: Some((url.to_owned(), prefix)), ..Self::sqlite() }
    }

    /// How the names of its schemas begin, on PostgreSQL.
    pub(crate) fn prefix(&self) -> Option<&str> {
        self.postgres.as_ref().map(|(_, prefix)| prefix.as_str())
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// Everything that the program logged, at every start.
    pub(crate) fn log(&self) -> PathBuf {
        self.home.path().join("log")
    }

    /// A folder for other files of the test.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The program, called in the home folder.
    pub(crate) fn program(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_timeproof"));
        command.current_dir(self.home());
        command
    }

    /// The data folder is named as most people do, by where they are.
    fn arguments(&self, more: &[&str]) -> Vec<String> {
        self.arguments_for("data", more)
    }

    fn arguments_for(&self, data: &str, more: &[&str]) -> Vec<String> {
        let mut arguments = vec!["--data".to_owned(), data.to_owned()];
        if let Some((url, prefix)) = &self.postgres {
            arguments.extend(["--database-url".to_owned(), url.clone()]);
            arguments.extend(["--database-prefix".to_owned(), prefix.clone()]);
        }
        arguments.extend(more.iter().map(ToString::to_string));
        arguments
    }

    /// The databases opened in this process, while no server runs on them.
    pub(crate) fn with_app<T>(&self, work: impl AsyncFnOnce(App) -> T) -> T {
        #[derive(Parser)]
        struct Arguments {
            #[command(flatten)]
            config: Config,
        }
        let program = std::iter::once("timeproof".to_owned());
        let data = self.data().display().to_string();
        let arguments = self.arguments_for(&data, &[]);
        let config = Arguments::parse_from(program.chain(arguments)).config;
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async { work(serve::open(&config).await.unwrap()).await })
    }

    /// Sets a workspace up and gives its owner a token; and opens a run-book, so that commands of the
    /// operator reach it.
    pub(crate) fn furnish(&self) -> Owner {
        let owner = self.set_up();
        self.open_run_book("Somebody of the tests");
        owner
    }

    /// Adds an operator who opens a run-book; their secret.
    pub(crate) fn open_run_book(&self, name: &str) -> String {
        self.with_app(async |app| {
            let name = Name::parse(name).unwrap();
            let open = move |op: &mut app::DirectoryOp| {
                let secret = add_operator(op, &name)?;
                let operator = authenticate_operator(op, &name, secret.expose())?;
                let (reason, ticket) = (Name::parse("A test"), Name::parse("TEST-1"));
                let (reason, ticket) = (reason.unwrap(), ticket.unwrap());
                open_run_book(op, &OpenRunBook { operator, reason, ticket })?;
                Ok(secret.expose().clone())
            };
            app.write_directory(app.new_request(), open).await.unwrap()
        })
    }

    /// Sets a workspace up and gives its owner a token.
    pub(crate) fn set_up(&self) -> Owner {
        self.with_app(async |app| {
            let command = SetUpWorkspace {
                name: Name::parse("A workspace").unwrap(),
                owner_name: Name::parse("The owner").unwrap(),
                owner_address: app::input::address("email", "owner@example.com").unwrap(),
                zone: app::input::zone("zone", "Europe/Berlin").unwrap(),
                week_start: WeekStart::Monday,
                locale: Locale::EnGb,
                currency: Currency::EUR,
                origin: Origin::default(),
            };
            let set_up = app.set_up_workspace(app.new_request(), command).await.unwrap();
            let (workspace, _, member) = set_up;
            let actor = Actor::new(Credential::System(member), app.new_request());
            let created = app.write(actor, workspace, |op| {
                let name = Name::parse("A program").unwrap();
                let command = CreateToken {
                    id: None,
                    name,
                    scope: Scope::Full,
                    expires_in_days: 30,
                    networks: Vec::new(),
                    body: None,
                };
                create_token(op, command)
            });
            let token = created.await.unwrap().secret.expose().clone();
            Owner { workspace, token }
        })
    }

    /// Runs a command of the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with("data", arguments)
    }

    /// As [`Place::run`], as an operator with this secret.
    pub(crate) fn run_as(&self, secret: &str, arguments: &[&str]) -> Ended {
        let mut command = self.program();
        command.env("TIMEPROOF_OPERATOR_SECRET", secret);
        let ended = command.args(self.arguments_for("data", arguments)).stdin(Stdio::null());
        let ended = ended.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ended { code: ended.status.code(), said: text(ended.stdout), log: text(ended.stderr) }
    }

    /// As [`Place::run`], with another data folder.
    pub(crate) fn run_with(&self, data: &str, arguments: &[&str]) -> Ended {
        let mut command = self.program();
        let ended = command.args(self.arguments_for(data, arguments)).stdin(Stdio::null());
        let ended = ended.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ended { code: ended.status.code(), said: text(ended.stdout), log: text(ended.stderr) }
    }

    /// A place whose data is a folder that a command made, as SQLite files.
    pub(crate) fn at(data: &Path) -> Self {
        let home = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(data, home.path().join("data")).unwrap();
        Self { home, postgres: None }
    }

    /// Starts the program and waits until it serves.
    pub(crate) fn start(&self, more: &[&str]) -> Running {
        self.start_by(self.program(), more)
    }

    /// Starts it by a command that the program's arguments can be added to, [`Place::program`] or a
    /// subcommand of it.
    pub(crate) fn start_by(&self, mut command: Command, more: &[&str]) -> Running {
        let port = free_port();
        let log = File::options().create(true).append(true).open(self.log()).unwrap();
        command
            .args(self.arguments(more))
            .args(["--port", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log);
        let mut child = command.spawn().unwrap();
        let (say, said) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let reader = std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if say.send(line).is_err() {
                    break;
                }
            }
        });
        let mut running = Running { child, port, said, heard: Vec::new(), reader: Some(reader) };
        if running.hear("Listening on ").is_none() {
            let log = std::fs::read_to_string(self.log()).unwrap_or_default();
            panic!("the server did not start: {:?} {log}", running.child.try_wait());
        }
        running
    }
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) said: String,
    pub(crate) log: String,
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A letter on the terminal.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) body: String,
}

/// The code in a letter: `ABCD-EFGH`.
pub(crate) fn code_in(letter: &str) -> String {
    let mut lines = letter.lines().map(str::trim);
    lines.find(|line| line.len() == 9 && line.as_bytes()[4] == b'-').unwrap().to_owned()
}

impl Letter {
    /// Whether it tells of something that happened to an account.
    pub(crate) fn is_notice(&self) -> bool {
        self.body.lines().any(|line| line.starts_with("    When:     "))
    }

    /// The code in it.
    pub(crate) fn code(&self) -> String {
        code_in(&self.body)
    }

    /// The path of the link in it.
    pub(crate) fn path(&self) -> String {
        let mut lines = self.body.lines().map(str::trim);
        let link = lines.find(|line| line.starts_with("http")).unwrap();
        path_of(link)
    }
}

/// A link without scheme and host.
pub(crate) fn path_of(link: &str) -> String {
    let rest = link.split_once("://").unwrap().1;
    rest[rest.find('/').unwrap()..].to_owned()
}

/// A running server; killed when dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) port: u16,
    said: Receiver<String>,
    heard: Vec<String>,
    reader: Option<JoinHandle<()>>,
}

impl Running {
    /// What follows `begin` on the next line on the terminal that begins so; none when the server
    /// ends, or is silent for a minute.
    pub(crate) fn hear(&mut self, begin: &str) -> Option<String> {
        loop {
            let line = self.said.recv_timeout(START).ok()?;
            self.heard.push(line.clone());
            if let Some(rest) = line.strip_prefix(begin) {
                return Some(rest.to_owned());
            }
        }
    }

    /// What follows `begin` on a line that was heard until now.
    pub(crate) fn heard(&self, begin: &str) -> Option<String> {
        self.heard.iter().find_map(|line| line.strip_prefix(begin)).map(str::to_owned)
    }

    /// The warnings among the lines that were heard until now.
    pub(crate) fn warnings(&self) -> Vec<&str> {
        self.heard.iter().filter_map(|line| line.strip_prefix("Warning: ")).collect()
    }

    /// The next letter that would have gone out by mail, but for notices of what happened to an account.
    pub(crate) fn letter(&mut self) -> Letter {
        loop {
            let letter = self.any_letter();
            if !letter.is_notice() {
                return letter;
            }
        }
    }

    /// The next letter that would have gone out by mail.
    pub(crate) fn any_letter(&mut self) -> Letter {
        let to = self.hear("To: ").expect("a letter");
        let subject = self.hear("Subject: ").expect("a letter");
        let mut body = String::new();
        loop {
            let line = self.said.recv_timeout(START).expect("the letter's end");
            if line == "----" {
                return Letter { to, subject, body };
            }
            body.push_str(&line);
            body.push('\n');
        }
    }

    pub(crate) fn line(&self) -> Line {
        Line::open(self.port).unwrap()
    }

    /// SIGKILL: nothing of the program runs any more when this returns.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    /// Asks it to stop; everything that it said on the terminal.
    pub(crate) fn end_with_words(mut self) -> Vec<String> {
        assert!(self.terminate());
        // Its end of the pipe is closed.
        let rest: Vec<_> = self.said.iter().collect();
        [std::mem::take(&mut self.heard), rest].concat()
    }

    /// Asks it to stop, and waits until it has; whether it ended well.
    pub(crate) fn terminate(&mut self) -> bool {
        self.signal("TERM");
        self.wait()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Waits until it has ended; whether it ended well.
    pub(crate) fn wait(&mut self) -> bool {
        self.child.wait().unwrap().success()
    }

    /// Whether it still runs.
    pub(crate) fn is_up(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    fn end(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
        if let Some(reader) = self.reader.take() {
            drop(reader.join());
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}
