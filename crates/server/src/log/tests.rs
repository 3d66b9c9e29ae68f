use app::clock::FixedClock;
use serde_json::Value;

use super::*;

/// What would be on the terminal.
#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Screen {
    fn lines(&self) -> Vec<Value> {
        lines(&String::from_utf8(self.0.lock().unwrap().clone()).unwrap())
    }
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

struct Desk {
    home: tempfile::TempDir,
    screen: Screen,
    clock: Arc<FixedClock>,
    log: Arc<Log>,
}

impl Desk {
    fn new(filter: &str) -> Self {
        let screen = Screen::default();
        let clock = Arc::new(FixedClock::new("2026-11-23T23:59:59.5Z".parse().unwrap()));
        let filter = filter.parse().unwrap();
        let log = Log::new(filter, Arc::<FixedClock>::clone(&clock), Box::new(screen.clone()));
        Self { home: tempfile::tempdir().unwrap(), screen, clock, log: Arc::new(log) }
    }

    /// What happens while this log hears it.
    fn hear(&self, work: impl FnOnce()) {
        let all = self.log.filter.clone().with_target(SECURITY, LevelFilter::INFO);
        let layers = tracing_subscriber::registry().with(all).with(Lines(Arc::clone(&self.log)));
        tracing::subscriber::with_default(layers, work);
    }

    fn folder(&self) -> PathBuf {
        self.home.path().join("logs")
    }

    fn keep(&self) {
        self.log.keep(Some(&self.folder()), Box::new(|_| 0x0123_4567_89ab_cdef));
    }

    fn file(&self, name: &str) -> Vec<Value> {
        lines(&std::fs::read_to_string(self.folder().join(name)).unwrap_or_default())
    }
}

#[test]
fn a_line_has_time_level_fields_and_target_and_no_field_that_is_not_known() {
    let desk = Desk::new("info");
    desk.hear(|| {
        tracing::warn!(letter = 7, why = %"550 ann@example.org", password = "x", pin = 1, "not sent");
        tracing::debug!("not asked for");
    });
    let [line] = &desk.screen.lines()[..] else { panic!("{:?}", desk.screen.lines()) };
    assert_eq!(line["timestamp"], "2026-11-23T23:59:59.500000Z");
    assert_eq!(
        (line["level"].as_str(), line["target"].as_str()),
        (Some("WARN"), Some(module_path!()))
    );
    let fields = &line["fields"];
    assert_eq!((&fields["message"], &fields["letter"]), (&"not sent".into(), &7.into()));
    let why = fields["why"].as_str().unwrap();
    assert!(why.starts_with("550 <mail:") && !why.contains("ann"), "{why}");
    assert_eq!((&fields["password"], &fields["pin"]), (&"…".into(), &"…".into()));
    assert!(!desk.folder().exists(), "no file before the instance is open");
}

#[test]
fn security_has_a_file_of_its_own_and_is_on_the_terminal_where_something_is_wrong() {
    let desk = Desk::new("warn");
    desk.keep();
    desk.hear(|| {
        tracing::info!(target: SECURITY, what = "session.opened", "happened");
        tracing::error!(target: SECURITY, detail = "x", "damaged");
        tracing::warn!("slow");
        tracing::info!("not asked for");
    });
    desk.clock.set("2026-11-24T00:00:00Z".parse().unwrap());
    desk.hear(|| tracing::info!(target: SECURITY, what = "session.ended", "happened"));
    let words = |lines: Vec<Value>| -> Vec<String> {
        let words = lines.iter().map(|line| line["fields"]["message"].as_str().unwrap().to_owned());
        words.collect()
    };
    assert_eq!(words(desk.file("security-2026-11-23.jsonl")), ["happened", "damaged"]);
    assert_eq!(words(desk.file("security-2026-11-24.jsonl")), ["happened"]);
    assert_eq!(words(desk.file("app-2026-11-23.jsonl")), ["slow"]);
    assert_eq!(words(desk.screen.lines()), ["damaged", "slow"]);
}

#[test]
fn without_files_what_is_about_security_is_on_the_terminal() {
    let desk = Desk::new("off");
    desk.hear(|| {
        tracing::info!(target: SECURITY, what = "session.opened", "happened");
        tracing::error!("not asked for");
    });
    assert_eq!(desk.screen.lines().len(), 1);
}

#[test]
fn a_full_disk_is_told_once_and_loses_nothing_about_security() {
    let desk = Desk::new("info");
    // In the place of the folder: nobody can write there.
    std::fs::write(desk.folder(), "").unwrap();
    desk.keep();
    let say = |what| tracing::info!(target: SECURITY, what, "happened");
    desk.hear(|| {
        say("a");
        say("b");
    });
    let shown = desk.screen.lines();
    let words: Vec<_> = shown.iter().map(|line| line["fields"]["what"].as_str()).collect();
    assert_eq!(words, [None, Some("a"), Some("b")]);
    assert!(shown[0]["fields"]["message"].as_str().unwrap().contains("cannot be written"));
    std::fs::remove_file(desk.folder()).unwrap();
    desk.hear(|| say("c"));
    assert_eq!(desk.file("security-2026-11-23.jsonl").len(), 1);
    let shown = desk.screen.lines();
    assert!(shown[3]["fields"]["message"].as_str().unwrap().ends_with("not there: 2"), "{shown:?}");
}

#[tokio::test]
async fn a_line_says_for_which_request_it_is() {
    let desk = Desk::new("info");
    let request = RequestId::from_bytes([7; 16]);
    of_request(request, async {
        desk.hear(|| {
            tracing::info!("of a request");
            tracing::info!(request_id = "another", "of its own");
        });
    })
    .await;
    desk.hear(|| tracing::info!("of none"));
    let shown = desk.screen.lines();
    let ids: Vec<_> = shown.iter().map(|line| line["fields"]["request_id"].as_str()).collect();
    assert_eq!(ids, [Some(request.to_string().as_str()), Some("another"), None]);
}

#[test]
fn the_hash_of_an_address_is_that_of_the_instance_once_it_is_open() {
    let desk = Desk::new("info");
    let hear = || desk.hear(|| tracing::info!(error = ?("ann@example.org", "x"), "refused"));
    hear();
    desk.keep();
    hear();
    hear();
    let shown = desk.screen.lines();
    let errors: Vec<_> = shown.iter().map(|line| line["fields"]["error"].to_string()).collect();
    assert_ne!(errors[0], errors[1]);
    assert_eq!(errors[1], errors[2]);
    assert!(errors[1].contains("<mail:0123456789>"), "{}", errors[1]);
}

/// A field that is not in the list would be left out, and nobody would notice before they need it.
#[test]
fn every_field_that_our_crates_write_is_known() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut seen = 0;
    for name in ["app", "server", "store", "vault"] {
        let mut folders = vec![crates.join(name).join("src")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|end| end == "rs")
                    && !path.ends_with("log/tests.rs")
                {
                    for field in written_in(&std::fs::read_to_string(&path).unwrap()) {
                        assert!(
                            line::FIELDS.contains(&field.as_str()),
                            "{field}: {}",
                            path.display()
                        );
                        seen += 1;
                    }
                }
            }
        }
    }
    assert!(seen > 60, "{seen} fields were found");
}

/// The names of the fields in calls of `tracing`.
fn written_in(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for level in ["error", "warn", "info", "debug", "trace"] {
        for call in source.split(&format!("tracing::{level}!(")).skip(1) {
            // Before the words, or the end of a call without any.
            let fields = call.split(" \"").next().unwrap().split(");").next().unwrap();
            for field in fields.split(',').map(str::trim).filter(|field| !field.starts_with('"')) {
                let name = field.split(['=', ':']).next().unwrap().trim();
                let name = name.trim_start_matches(['%', '?', '\n']).trim();
                let is_name = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                if is_name && !name.is_empty() && name != "target" {
                    found.push(name.to_owned());
                }
            }
        }
    }
    found
}
