//! What the program is told from outside: variables, folders, the name of the machine.

use std::io::IsTerminal;
use std::path::PathBuf;

use crate::failure::Failure;

/// What the environment says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment {
    /// `TP_URL`: the server, instead of the one signed in to.
    pub(crate) url: Option<String>,
    /// `TP_TOKEN`: the token, instead of the one signed in with.
    pub(crate) token: Option<String>,
    /// `TP_CA_FILE`: certificates to trust instead of the web's.
    pub(crate) ca_file: Option<PathBuf>,
    /// Where `config.toml` lies.
    pub(crate) config_folder: PathBuf,
    /// Where the spool and what is known of the workspace lie.
    pub(crate) state_folder: PathBuf,
    /// Whether the output may have colours.
    pub(crate) has_colours: bool,
    /// What this machine is called.
    pub(crate) machine_name: String,
}

impl Environment {
    /// Errors: no home folder is known.
    pub(crate) fn read() -> Result<Self, Failure> {
        let (config_folder, state_folder) = match folder("TP_CONFIG_DIR") {
            Some(both) => (both.clone(), both),
            None => (
                under_home("XDG_CONFIG_HOME", ".config")?,
                under_home("XDG_DATA_HOME", ".local/share")?,
            ),
        };
        let is_dumb = variable("TERM").is_some_and(|term| term == "dumb");
        Ok(Self {
            url: variable("TP_URL"),
            token: variable("TP_TOKEN"),
            ca_file: folder("TP_CA_FILE"),
            config_folder,
            state_folder,
            has_colours: std::io::stdout().is_terminal()
                && variable("NO_COLOR").is_none()
                && !is_dumb,
            machine_name: machine_name(),
        })
    }
}

/// A variable that is set to something.
#[expect(
    clippy::disallowed_methods,
    reason = "the only place of this program that reads the environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

fn folder(name: &str) -> Option<PathBuf> {
    variable(name).map(PathBuf::from)
}

fn under_home(name: &str, usual: &str) -> Result<PathBuf, Failure> {
    // The specification says that a relative path there is to be ignored.
    let base = folder(name).filter(|path| path.is_absolute());
    let base = base.or_else(|| Some(folder("HOME")?.join(usual)));
    base.map(|base| base.join("timeproof")).ok_or_else(|| {
        Failure::usage("No home folder is known. Set HOME, or TP_CONFIG_DIR to a folder of yours.")
    })
}

fn machine_name() -> String {
    let from_kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    from_kernel
        .or_else(|| variable("HOSTNAME"))
        .or_else(|| variable("COMPUTERNAME"))
        .map(|name| name.trim().chars().take(60).collect::<String>())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "a computer".to_owned())
}
