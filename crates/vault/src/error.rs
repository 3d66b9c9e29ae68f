//! The one error of the primitives.

/// The cryptographic library refused an operation, or an unwrapped key failed its check.
///
/// Says nothing more on purpose: why a primitive refused is of use to an attacker only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cryptographic library refused the operation")]
pub struct CryptoError;

impl From<aws_lc_rs::error::Unspecified> for CryptoError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self
    }
}
