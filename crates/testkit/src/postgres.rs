//! A throw-away PostgreSQL cluster, started by the first test that needs it.
//!
//! Tests run as processes of their own (nextest), so the cluster is shared by a file lock: the first
//! one starts it in a folder below `/var/tmp` that belongs to the user `postgres`, later ones find
//! it. It listens on loopback only, with fsync off except where a test asks for a durable one, and
//! stops by itself when no test process is left: a watching shell looks for holders of the lock. It
//! does so behind the gate through which every test comes: a cluster that stops is found by nobody,
//! and the next one starts when it has ended.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

const BIN: &str = "/usr/lib/postgresql/15/bin";

/// Ports that are tried: each can be taken by another test just before it is used.
const MOST_TRIES: usize = 5;

/// A running cluster, held for as long as the process lives.
pub struct Cluster {
    url: String,
    data: PathBuf,
    _held: File,
}

impl Cluster {
    /// `postgres://postgres@127.0.0.1:PORT/postgres`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where its data is.
    pub fn data(&self) -> PathBuf {
        self.data.clone()
    }

    /// Writes everything into its files.
    ///
    /// # Panics
    /// When it fails.
    pub fn checkpoint(&self) {
        self.execute("CHECKPOINT");
    }

    /// Waits until no transaction is open in the schemas whose names begin so: the server goes on with a
    /// commit whose client was killed.
    ///
    /// # Panics
    /// When it cannot be asked.
    pub fn wait_for_quiet(&self, prefix: &str) {
        let open = format!(
            "SELECT 1 FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
             JOIN pg_namespace n ON n.oid = c.relnamespace WHERE starts_with(n.nspname, '{prefix}_')"
        );
        while self.execute(&open) > 0 {}
    }

    /// Runs a statement as the superuser, on a line of its own; how many rows it gave or changed.
    ///
    /// # Panics
    /// When it fails.
    pub fn execute(&self, sql: &str) -> u64 {
        let (url, sql) = (self.url.clone(), sql.to_owned());
        // The driver blocks on a runtime of its own, which panics inside that of a test.
        let ran = std::thread::spawn(move || {
            let mut client = ::postgres::Client::connect(&url, ::postgres::NoTls)?;
            client.execute(&sql, &[])
        });
        ran.join().expect("a statement").expect("a statement")
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

/// The shared cluster of this run that writes to the disk before it answers: for kill tests.
///
/// # Panics
/// As [`cluster`].
pub fn durable_cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| start(Path::new("/var/tmp/timeproof-test-pg-durable"), true))
}

/// A durable cluster of one test, which may stop it.
pub struct OwnCluster {
    root: PathBuf,
    cluster: Cluster,
}

impl OwnCluster {
    /// Starts one.
    ///
    /// # Panics
    /// As [`cluster`].
    pub fn start() -> Self {
        let root = tempfile::Builder::new()
            .prefix("timeproof-test-pg-own-")
            .tempdir_in("/var/tmp")
            .expect("folder of the test cluster")
            .keep();
        let cluster = start_for(&root, true, &root);
        Self { root, cluster }
    }

    /// The cluster itself.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Stops it: `fast` ends its lines politely, `immediate` is as good as a crash.
    ///
    /// # Panics
    /// When it does not stop.
    pub fn stop(&self, mode: &str) {
        let data = &self.cluster.data;
        let script = format!("{BIN}/pg_ctl -D {} -w -m {mode} stop >/dev/null", data.display());
        run_as_postgres(&self.root, &script);
    }

    /// Starts it again after [`OwnCluster::stop`].
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&self) {
        let port = self.cluster.url.rsplit(':').next().and_then(|rest| rest.split('/').next());
        let port = port.and_then(|port| port.parse().ok()).expect("a port in the address");
        run_as_postgres(&self.root, &start_script(&self.root, &self.cluster.data, port, true));
    }
}

impl Drop for OwnCluster {
    fn drop(&mut self) {
        let (bin, data) = (BIN, &self.cluster.data);
        let script = format!("{bin}/pg_ctl -D {} -w -m immediate stop", data.display());
        let mut stop = shell_as_postgres(&script);
        stop.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // It may be stopped already; the folder is only in the way.
        drop(stop.status());
        drop(std::fs::remove_dir_all(&self.root));
    }
}

/// Starts (or finds) the cluster below `root`.
///
/// # Panics
/// As [`cluster`].
pub fn start(root: &Path, is_durable: bool) -> Cluster {
    start_for(root, is_durable, &root.join("data"))
}

/// As [`start`]; `leftover` is removed once it has stopped without anybody to tidy up, as after a test
/// that was killed.
fn start_for(root: &Path, is_durable: bool, leftover: &Path) -> Cluster {
    std::fs::create_dir_all(root).expect("folder of the test cluster");
    // Whoever holds the gate starts the cluster; everyone holds the users' lock shared.
    let mut gate = lock_file(&root.join("gate"));
    gate.lock().expect("gate");
    let users = lock_file(&root.join("users"));
    let data = root.join("data");
    let url = match running(&mut gate, &data) {
        Some(url) => url,
        None => {
            // First, so that what a test that is killed here has begun is removed too.
            watch(root, &data, leftover);
            let port = launch(root, &data, is_durable);
            let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
            gate.set_len(0).and_then(|()| gate.seek(SeekFrom::Start(0))).expect("gate");
            gate.write_all(url.as_bytes()).expect("gate");
            url
        }
    };
    users.lock_shared().expect("users");
    gate.unlock().expect("gate");
    Cluster { url, data, _held: users }
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
        let answer = ::postgres::Client::connect(&url, ::postgres::NoTls);
        // One with no room for another connection is not one that stopped.
        let is_full = |error: &::postgres::Error| {
            error.code() == Some(&::postgres::error::SqlState::TOO_MANY_CONNECTIONS)
        };
        let is_there = answer.as_ref().map_or_else(is_full, |_| true);
        is_there.then_some(url)
    });
    answer.join().ok().flatten()
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("address").port()
}

/// PostgreSQL refuses to run as root: it runs as the user `postgres`, in a folder it owns. One that
/// runs there without an answer is stopped first. Its port.
fn launch(root: &Path, data: &Path, is_durable: bool) -> u16 {
    let script = format!(
        "set -e
         if [ -e {data}/postmaster.pid ]; then {BIN}/pg_ctl -D {data} -w -m immediate stop || :; fi
         rm -rf {data}
         {BIN}/initdb -D {data} -U postgres --auth=trust -E UTF8 --locale=C >/dev/null",
        data = data.display(),
    );
    run_as_postgres(root, &script);
    // Other tests draw ports too: it is drawn at the last moment, and again when it was taken.
    let starts = |port: &u16| {
        let script = start_script(root, data, *port, is_durable);
        is_run_as_postgres(root, &script)
    };
    let port = std::iter::repeat_with(free_port).take(MOST_TRIES).find(starts);
    port.expect("PostgreSQL 15 did not start: see the log beside its data")
}

/// Stops it, by a shell of its own, when nobody uses it any more.
fn watch(root: &Path, data: &Path, leftover: &Path) {
    let mut watcher = shell_as_postgres(&watch_script(root, data, leftover));
    watcher.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    std::os::unix::process::CommandExt::process_group(&mut watcher, 0);
    // It outlives this process on purpose, so nobody here waits for it.
    std::mem::forget(watcher.spawn().expect("the watching shell"));
}

/// Stops the cluster once no test process held the users' lock on three looks in a row: between two
/// tests, and while one is busy on SQLite, there is often none for a moment.
///
/// Both locks are held until it has stopped: see [`start`].
fn watch_script(root: &Path, data: &Path, leftover: &Path) -> String {
    format!(
        "unused=0
         while sleep 5; do
             [ -e {root}/users ] || exit 0
             if flock -n {root}/users true; then unused=$((unused + 1)); else unused=0; fi
             if [ $unused -ge 3 ]; then
                 flock {root}/gate flock -n {root}/users sh -c '
                     {BIN}/pg_ctl -D {data} -w -m immediate stop
                     {BIN}/pg_ctl -D {data} status || rm -rf {leftover}'
                 [ -e {data} ] || exit 0
                 unused=0
             fi
         done",
        root = root.display(),
        data = data.display(),
        leftover = leftover.display(),
    )
}

fn start_script(root: &Path, data: &Path, port: u16, is_durable: bool) -> String {
    let safety = if is_durable { "" } else { "-c fsync=off -c full_page_writes=off" };
    format!(
        "{BIN}/pg_ctl -D {data} -l {root}/log -w -o \"-p {port} -c listen_addresses=127.0.0.1 \
           -c unix_socket_directories= -c max_connections=300 -c max_locks_per_transaction=256 \
           -c shared_buffers=64MB {safety}\" start >/dev/null",
        data = data.display(),
        root = root.display(),
    )
}

fn run_as_postgres(root: &Path, script: &str) {
    let is_run = is_run_as_postgres(root, script);
    assert!(is_run, "PostgreSQL 15 did not start; is postgresql-15 installed?");
}

fn is_run_as_postgres(root: &Path, script: &str) -> bool {
    if is_root() {
        // Not what is below `data`: PostgreSQL makes it itself, and files come and go there.
        let ours = [root.to_path_buf(), root.join("gate"), root.join("users")];
        let owned = Command::new("chown").arg("postgres").args(ours).status();
        assert!(owned.expect("chown").success(), "the test cluster's folder");
    }
    let status = shell_as_postgres(script).stdin(Stdio::null()).status().expect("a shell");
    status.success()
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
