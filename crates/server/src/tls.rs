//! TLS: suites whose keys have 256 bits, and no others.
//!
//! With what the library offers by itself, browsers get AES with 128 bits: it goes by the client's
//! order. Here the server's holds, AES first.

use std::{io, path::Path, sync::Arc, time::Duration};

use anyhow::{Context, anyhow, bail};
use jiff::Timestamp;
use rustls::{
    CertificateError, InconsistentKeys, RootCertStore, ServerConfig,
    client::{verify_server_cert_signed_by_trust_anchor, verify_server_name},
    crypto::{
        CryptoProvider,
        aws_lc_rs::{self, cipher_suite},
    },
    pki_types::{
        CertificateDer, PrivateKeyDer, ServerName, UnixTime,
        pem::{self, PemObject},
    },
    server::ParsedCertificate,
};

/// Of the whole process: the pages, mail, PostgreSQL.
pub fn provider() -> CryptoProvider {
    CryptoProvider {
        cipher_suites: vec![
            cipher_suite::TLS13_AES_256_GCM_SHA384,
            cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
            cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            cipher_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            cipher_suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ],
        ..aws_lc_rs::default_provider()
    }
}

/// How pages are served, with a certificate chain and its key in PEM; and the certificate that browsers
/// look at.
///
/// Errors: files that cannot be read, or do not belong together.
pub(crate) fn server(
    cert: &Path,
    key: &Path,
) -> anyhow::Result<(ServerConfig, CertificateDer<'static>)> {
    let chain = || format!("The certificate of --tls-cert {}", cert.display());
    let certificates = certificates(cert).with_context(chain)?;
    let first = certificates.first().cloned();
    let first = first.ok_or_else(|| anyhow!("there is no certificate in PEM in it"));
    let first = first.with_context(chain)?;
    let secret = private_key(key)
        .with_context(|| format!("The private key of --tls-key {}", key.display()))?;
    let config = ServerConfig::builder_with_provider(Arc::new(provider()));
    let config = config.with_safe_default_protocol_versions().context("TLS")?.with_no_client_auth();
    let config = config.with_single_cert(certificates, secret).map_err(|error| match error {
        rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            anyhow!("it is not for the private key of --tls-key {}", key.display())
        }
        error => error.into(),
    });
    let mut config = config.with_context(chain)?;
    config.ignore_client_order = true;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok((config, first))
}

fn certificates(file: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let found = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    found.map_err(|error| in_plain_words(error, "certificate"))
}

fn private_key(file: &Path) -> anyhow::Result<PrivateKeyDer<'static>> {
    let error = match PrivateKeyDer::from_pem_file(file) {
        Ok(key) => return Ok(key),
        Err(error) => error,
    };
    // One with a password is of a kind that is not looked for, or its lines are no base64.
    if std::fs::read(file).is_ok_and(|text| text.windows(9).any(|part| part == b"ENCRYPTED")) {
        bail!(
            "it is encrypted with a password, which nobody could type at a start. Write it without: \
             openssl pkey -in {} -out key.pem",
            file.display()
        );
    }
    Err(in_plain_words(error, "private key"))
}

fn in_plain_words(error: pem::Error, what: &str) -> anyhow::Error {
    match error {
        pem::Error::MissingSectionEnd { .. } => {
            anyhow!("it is cut short: a part of it begins and does not end")
        }
        pem::Error::NoItemsFound => anyhow!("there is no {what} in PEM in it"),
        error => error.into(),
    }
}

/// What browsers will say against a certificate for this host, in sentences; not whom they trust.
pub(crate) fn complaints(
    certificate: &CertificateDer<'_>,
    host: &str,
    now: Timestamp,
) -> Vec<String> {
    let Ok(parsed) = ParsedCertificate::try_from(certificate) else {
        return vec!["The certificate of --tls-cert cannot be understood.".to_owned()];
    };
    let Ok(since) = Duration::try_from(now.as_duration()) else {
        return vec![
            "The clock of this machine is before 1970: no certificate is valid then.".into(),
        ];
    };
    let (mut complaints, now) = (Vec::new(), UnixTime::since_unix_epoch(since));
    let algorithms = provider().signature_verification_algorithms.all;
    let roots = RootCertStore::empty();
    let checked = verify_server_cert_signed_by_trust_anchor(&parsed, &roots, &[], now, algorithms);
    if let Err(rustls::Error::InvalidCertificate(why)) = checked
        && !matches!(why, CertificateError::UnknownIssuer)
    {
        complaints.push(format!("The certificate of --tls-cert: {}.", of_certificate(&why)));
    }
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_for_host =
        ServerName::try_from(bare).is_ok_and(|name| verify_server_name(&parsed, &name).is_ok());
    if !is_for_host {
        complaints.push(format!(
            "The certificate of --tls-cert is not for {bare}, the name that people type: browsers will \
             refuse it."
        ));
    }
    complaints
}

/// What is wrong with the certificate of another server, if it is that.
pub(crate) fn in_words(error: &io::Error) -> Option<String> {
    match error.get_ref()?.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(why) => Some(of_certificate(why)),
        _ => None,
    }
}

fn of_certificate(why: &CertificateError) -> String {
    match why {
        CertificateError::UnknownIssuer => {
            "nobody who is trusted here vouches for it (unknown authority)".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another name".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "it has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet".to_owned()
        }
        CertificateError::Other(other) if other.to_string().contains(AUTHORITY_AS_SERVER) => {
            "it is an authority's own (CA:TRUE), and none for a server".to_owned()
        }
        why => format!("it is not accepted: {why}"),
    }
}

/// How the library calls a certificate of an authority where a server's has to be; it has no kind of
/// its own for it.
const AUTHORITY_AS_SERVER: &str = "CaUsedAsEndEntity";
