//! A throw-away PostgreSQL cluster, started by the first test that needs it.
//!
//! Tests run as processes of their own (nextest), so the cluster is shared by a file lock: the first
//! one starts it in a folder below `/var/tmp` that belongs to the user `postgres`, later ones find
//! it. It listens on loopback only, with fsync off except where a test asks for a durable one, and
//! stops by itself when no test process is left: a watching shell polls the lock's shared holders.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

const BIN: &str = "/usr/lib/postgresql/15/bin";

/// A running cluster, held for as long as the process lives.
pub struct Cluster {
    url: String,
    _held: File,
}

impl Cluster {
    /// `postgres://postgres@127.0.0.1:PORT/postgres`.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// The shared cluster of this run.
///
/// # Panics
/// When PostgreSQL 15 is not installed or does not start.
pub fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| start(Path::new("/var/tmp/timeproof-test-pg"), false))
}

/// Starts (or finds) the cluster below `root`.
///
/// # Panics
/// As [`cluster`].
pub fn start(root: &Path, is_durable: bool) -> Cluster {
    std::fs::create_dir_all(root).expect("folder of the test cluster");
    // Whoever holds the gate starts the cluster; everyone holds the users' lock shared.
    let mut gate = lock_file(&root.join("gate"));
    gate.lock().expect("gate");
    let users = lock_file(&root.join("users"));
    let data = root.join("data");
    let url = match running(&mut gate, &data) {
        Some(url) => url,
        None => {
            let port = free_port();
            launch(root, &data, port, is_durable);
            let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
            gate.set_len(0)
                .and_then(|()| gate.seek(SeekFrom::Start(0)))
                .expect("gate");
            gate.write_all(url.as_bytes()).expect("gate");
            url
        }
    };
    users.lock_shared().expect("users");
    gate.unlock().expect("gate");
    Cluster { url, _held: users }
}

fn lock_file(path: &Path) -> File {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o666)
        .open(path)
        .expect("lock file")
}

/// The address written in the gate, if a server still answers there.
fn running(gate: &mut File, data: &Path) -> Option<String> {
    let mut url = String::new();
    gate.seek(SeekFrom::Start(0)).ok()?;
    gate.read_to_string(&mut url).ok()?;
    if url.is_empty() || !data.join("postmaster.pid").exists() {
        return None;
    }
    // The driver blocks on a runtime of its own, which panics inside that of a test.
    let answer = std::thread::spawn(move || {
        let client = ::postgres::Client::connect(&url, ::postgres::NoTls);
        client.ok().map(|_| url)
    });
    answer.join().ok().flatten()
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("address").port()
}

/// PostgreSQL refuses to run as root: it runs as the user `postgres`, in a folder it owns.
fn launch(root: &Path, data: &Path, port: u16, is_durable: bool) {
    let safety = if is_durable {
        ""
    } else {
        "-c fsync=off -c full_page_writes=off"
    };
    let script = format!(
        "set -e
         rm -rf {data}
         {BIN}/initdb -D {data} -U postgres --auth=trust -E UTF8 --locale=C >/dev/null
         {BIN}/pg_ctl -D {data} -l {root}/log -w -o \"-p {port} -c listen_addresses=127.0.0.1 \
           -c unix_socket_directories= -c max_connections=300 -c max_locks_per_transaction=256 \
           -c shared_buffers=64MB {safety}\" start >/dev/null",
        data = data.display(),
        root = root.display(),
    );
    run_as_postgres(root, &script);
    // Stops the cluster once no test process holds the users' lock for five seconds.
    let watch = format!(
        "while sleep 5; do flock -n {root}/users true && exec {BIN}/pg_ctl -D {data} -m immediate stop; done",
        root = root.display(),
        data = data.display(),
    );
    let mut watcher = shell_as_postgres(&watch);
    watcher
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    std::os::unix::process::CommandExt::process_group(&mut watcher, 0);
    // It outlives this process on purpose, so nobody here waits for it.
    std::mem::forget(watcher.spawn().expect("the watching shell"));
}

fn run_as_postgres(root: &Path, script: &str) {
    if is_root() {
        let owned = Command::new("chown")
            .arg("-R")
            .arg("postgres")
            .arg(root)
            .status();
        assert!(owned.expect("chown").success(), "the test cluster's folder");
    }
    let status = shell_as_postgres(script)
        .stdin(Stdio::null())
        .status()
        .expect("a shell");
    assert!(
        status.success(),
        "PostgreSQL 15 did not start; is postgresql-15 installed?"
    );
}

fn shell_as_postgres(script: &str) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", "sh", "-c", script]);
        command
    } else {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    };
    command.current_dir("/");
    command
}

fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().any(|line| line.starts_with("Uid:\t0\t"))
}

/// Where the log of the shared cluster is.
pub fn log_file() -> PathBuf {
    PathBuf::from("/var/tmp/timeproof-test-pg/log")
}
