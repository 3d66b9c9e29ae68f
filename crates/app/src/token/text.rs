//! The text of a token.

use domain::ids::WorkspaceId;
use uuid::Uuid;
use vault::{Secret, decode_base64url, encode_base64url, hash_token};

/// What every token begins with, so that scanners of leaked secrets know it.
const PREFIX: &str = "tp1";

/// Bytes of the secret.
pub(super) const SECRET_BYTES: usize = 32;

/// Writes a token.
pub(super) fn write_token(workspace: WorkspaceId, secret: &Secret<Vec<u8>>) -> Secret<String> {
    let workspace = workspace.uuid();
    Secret::new(format!("{PREFIX}_{}_{}", workspace.as_simple(), encode_base64url(secret.expose())))
}

/// Where a token belongs, and the hash its secret is stored as; nothing when it cannot be a token.
///
/// Strict: there is one text for each token.
pub fn parse_token(text: &str) -> Option<(WorkspaceId, [u8; 32])> {
    let (workspace, secret) = text.strip_prefix(PREFIX)?.strip_prefix('_')?.split_once('_')?;
    let is_simple =
        workspace.len() == 32 && workspace.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !is_simple {
        return None;
    }
    let workspace = Uuid::try_parse(workspace).ok()?;
    let secret = Secret::new(decode_base64url(secret).ok()?);
    (secret.expose().len() == SECRET_BYTES)
        .then(|| (WorkspaceId::from_uuid(workspace), hash_token(secret.expose())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let workspace: WorkspaceId = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f".parse().unwrap();
        // Full of the separator's character once encoded.
        let secret = Secret::new(vec![0xff; SECRET_BYTES]);
        let text = write_token(workspace, &secret);
        let begin = "tp1_017f22e279b07cc398c4dc0c0c07398f_";
        assert!(text.expose().starts_with(begin), "{}", text.expose());
        let expected = (workspace, hash_token(secret.expose()));
        assert_eq!(parse_token(text.expose()), Some(expected));
    }

    #[test]
    fn other_texts_are_not_tokens() {
        let workspace = "017f22e279b07cc398c4dc0c0c07398f";
        let secret = encode_base64url(&[7; SECRET_BYTES]);
        let good = format!("tp1_{workspace}_{secret}");
        assert!(parse_token(&good).is_some());
        for bad in [
            String::new(),
            "tp1".to_owned(),
            "tp1__".to_owned(),
            format!("tp2_{workspace}_{secret}"),
            format!(" {good}"),
            format!("{good} "),
            format!("{good}="),
            good.to_uppercase(),
            format!("tp1_{}_{secret}", workspace.to_uppercase()),
            format!("tp1_017f22e2-79b0-7cc3-98c4-dc0c0c07398f_{secret}"),
            format!("tp1_{workspace}_{}", encode_base64url(&[7; 31])),
            format!("tp1_{workspace}_{}", encode_base64url(&[7; 33])),
            format!("tp1_{workspace}"),
        ] {
            assert_eq!(parse_token(&bad), None, "{bad}");
        }
    }
}
