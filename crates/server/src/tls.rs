//! TLS: suites whose keys have 256 bits, and no others.
//!
//! With what the library offers by itself, browsers get AES with 128 bits: it goes by the client's
//! order. Here the server's holds, AES first.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use rustls::{
    ServerConfig,
    crypto::{
        CryptoProvider,
        aws_lc_rs::{self, cipher_suite},
    },
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
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

/// How pages are served, with a certificate chain and its key in PEM.
///
/// Errors: files that cannot be read, or do not belong together.
pub(crate) fn server(cert: &Path, key: &Path) -> anyhow::Result<ServerConfig> {
    let chain = || format!("The certificate of --tls-cert {}", cert.display());
    let certificates = CertificateDer::pem_file_iter(cert).with_context(chain)?;
    let certificates = certificates.collect::<Result<Vec<_>, _>>().with_context(chain)?;
    let secret = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("The private key of --tls-key {}", key.display()))?;
    let config = ServerConfig::builder_with_provider(Arc::new(provider()));
    let config = config.with_safe_default_protocol_versions().context("TLS")?.with_no_client_auth();
    let mut config = config.with_single_cert(certificates, secret).with_context(chain)?;
    config.ignore_client_order = true;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
