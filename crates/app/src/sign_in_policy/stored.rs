//! A policy as the database has it.

use domain::sign_in_policy::{
    LongestSession, SecondFactorRule, SignInPolicy, Ways, parse_networks,
};

use crate::{Error, Op, field};

/// The columns of the workspace. Its address ranges stay sealed until somebody has to be held against
/// them: most workspaces have none, and each request reads this.
#[derive(Debug, Clone)]
pub(crate) struct StoredPolicy {
    pub(crate) ways: Ways,
    pub(crate) second_factor: SecondFactorRule,
    pub(crate) networks_sealed: Option<Vec<u8>>,
    pub(crate) allows_remembering: bool,
    pub(crate) longest_session: LongestSession,
    /// Raised by every change; also what the ranges are sealed with as their revision.
    pub(crate) version: i64,
}

impl StoredPolicy {
    /// Whether it lets everybody in, however they come.
    pub(super) fn is_open(&self) -> bool {
        self.ways == Ways::all()
            && self.second_factor == SecondFactorRule::Optional
            && self.networks_sealed.is_none()
            && self.allows_remembering
            && self.longest_session.seconds().is_none()
    }

    /// Opens it.
    pub(super) fn open(&self, op: &Op) -> Result<SignInPolicy, Error> {
        let networks = match &self.networks_sealed {
            None => Vec::new(),
            Some(sealed) => {
                let workspace = op.workspace();
                let text = op.open(field::POLICY_NETWORKS, workspace, self.version, sealed)?;
                let read = parse_networks(&text);
                read.map_err(|error| Error::bug(format!("stored address ranges: {error}")))?
            }
        };
        Ok(SignInPolicy {
            ways: self.ways,
            second_factor: self.second_factor,
            networks,
            allows_remembering: self.allows_remembering,
            longest_session: self.longest_session,
        })
    }

    /// Seals a policy as its next version.
    pub(super) fn seal(op: &Op, policy: &SignInPolicy, version: i64) -> Result<Self, Error> {
        let networks_sealed = match networks_text(policy).as_str() {
            "" => None,
            text => {
                let (key, workspace) = (op.settings().text_key, op.workspace());
                Some(op.seal(key, field::POLICY_NETWORKS, workspace, version, text)?)
            }
        };
        Ok(Self {
            ways: policy.ways,
            second_factor: policy.second_factor,
            networks_sealed,
            allows_remembering: policy.allows_remembering,
            longest_session: policy.longest_session,
            version,
        })
    }
}

/// Its address ranges, one a line.
pub(super) fn networks_text(policy: &SignInPolicy) -> String {
    let lines: Vec<_> = policy.networks.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
