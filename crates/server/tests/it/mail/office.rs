//! A real SMTP server as a process.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use serde_json::{Value, json};

/// Nothing that a test waits for takes longer.
const PATIENCE: Duration = Duration::from_mins(1);

/// A mail server; killed when dropped.
pub(crate) struct PostOffice {
    child: Child,
    said: Receiver<Value>,
    pub(crate) port: u16,
}

/// A certificate for `localhost`, signed by an authority of its own.
pub(super) struct Certificate {
    pub(super) authority: PathBuf,
    cert: PathBuf,
    key: PathBuf,
}

impl PostOffice {
    /// Opens on a free port, without TLS.
    pub(crate) fn open() -> Self {
        Self::open_with(json!({ "port": 0 }))
    }

    /// Opens on this port.
    pub(super) fn open_at(port: u16) -> Self {
        Self::open_with(json!({ "port": port }))
    }

    /// With STARTTLS, or with TLS from the first byte; for `user:password` alone.
    pub(super) fn open_tls(certificate: &Certificate, implicit: bool, auth: &str) -> Self {
        Self::open_with(json!({
            "port": 0, "cert": certificate.cert, "key": certificate.key, "implicit": implicit,
            "auth": auth,
        }))
    }

    fn open_with(options: Value) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/mail/server.py");
        let mut command = Command::new(python());
        command.arg(script).arg(options.to_string()).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (say, said) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if say.send(serde_json::from_str(&line).unwrap()).is_err() {
                    break;
                }
            }
        });
        let first: Value = said.recv_timeout(PATIENCE).expect("the mail server starts");
        let port = u16::try_from(first["port"].as_u64().unwrap()).unwrap();
        Self { child, said, port }
    }

    /// The next mail: `to`, `sender`, `text`, `tls`, `user`.
    pub(super) fn mail(&self) -> Value {
        self.said.recv_timeout(PATIENCE).expect("a mail")
    }

    /// Whether a mail has come that was not looked at.
    pub(super) fn has_mail(&self) -> bool {
        self.said.try_recv().is_ok()
    }
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Certificate {
    /// Makes one, with its files in `folder`.
    pub(super) fn make(folder: &Path) -> Self {
        let mut root = rcgen::CertificateParams::new(Vec::new()).unwrap();
        root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let root_key = rcgen::KeyPair::generate().unwrap();
        let authority = root.self_signed(&root_key).unwrap();
        let issuer = rcgen::Issuer::new(root, root_key);
        let key = rcgen::KeyPair::generate().unwrap();
        let leaf = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let cert = leaf.signed_by(&key, &issuer).unwrap();
        let put = |name: &str, pem: String| {
            let path = folder.join(name);
            std::fs::write(&path, pem).unwrap();
            path
        };
        Self {
            authority: put("authority.pem", authority.pem()),
            cert: put("mail-cert.pem", cert.pem()),
            key: put("mail-key.pem", key.serialize_pem()),
        }
    }
}

/// A python that has aiosmtpd: the one of `cargo xtask test`, else one below `target`.
#[expect(clippy::disallowed_methods, reason = "tests are configured by their environment")]
fn python() -> PathBuf {
    if let Ok(python) = std::env::var("TIMEPROOF_TEST_PYTHON") {
        return python.into();
    }
    let target = Path::new(env!("CARGO_BIN_EXE_timeproof")).ancestors().nth(2).unwrap();
    let tools = target.join("test-tools");
    std::fs::create_dir_all(&tools).unwrap();
    let gate = std::fs::File::create(tools.join("python.lock")).unwrap();
    gate.lock().unwrap();
    let python = tools.join("python/bin/python");
    let has = |python: &Path| {
        let asked = Command::new(python).args(["-c", "import aiosmtpd"]).status();
        asked.is_ok_and(|status| status.success())
    };
    if !has(&python) {
        let run = |command: &mut Command| assert!(command.status().unwrap().success());
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(tools.join("python")));
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "aiosmtpd==1.4.6"]));
    }
    python
}
