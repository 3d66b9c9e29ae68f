//! Keep out who does not come in as the policy asks.

use domain::sign_in_policy::{SecondFactorRule, SignInPolicy, Unmet};

use crate::{Actor, Credential, Error, Op, actor::Came};

/// Refuses an actor who does not meet the sign-in policy; what is missing, for one who stays at the
/// door. Programs are asked only from where they come: what made their token was asked when it was made.
///
/// Errors: [`Error::KeptOut`].
pub(crate) fn let_in(op: &Op, actor: Actor) -> Result<Option<Unmet>, Error> {
    let stored = &op.settings().policy;
    if stored.is_open() {
        return Ok(None);
    }
    let met = match actor.credential {
        Credential::System(_) | Credential::Approval(_) => Ok(()),
        Credential::Token(_) => stored.open(op)?.check_network(actor.came.from),
        Credential::Session(_) | Credential::UnprovenSession(_) => {
            check_session(&stored.open(op)?, actor.came)
        }
    };
    match met {
        Ok(()) => Ok(None),
        // From another address nothing about the account puts it right.
        Err(unmet) if actor.came.stays_at_door && unmet != Unmet::Network => Ok(Some(unmet)),
        Err(unmet) => Err(Error::KeptOut(unmet)),
    }
}

/// Whether a session meets a policy. Of one that is not known how it was opened, nothing is believed.
pub(super) fn check_session(policy: &SignInPolicy, came: Came) -> Result<(), Unmet> {
    let Some((first, second)) = came.factors else {
        policy.check_network(came.from)?;
        return match policy.second_factor {
            _ if !policy.allows_mail => Err(Unmet::MailForbidden),
            _ if !policy.allows_passwords => Err(Unmet::PasswordForbidden),
            SecondFactorRule::Optional => Ok(()),
            SecondFactorRule::Required => Err(Unmet::SecondFactor),
            SecondFactorRule::Strong => Err(Unmet::StrongSecondFactor),
        };
    };
    policy.check(first, second, came.from)
}
