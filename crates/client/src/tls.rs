//! TLS: suites whose keys have 256 bits, and no others; as the server has it.

use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::{self, cipher_suite};

/// Of the whole process.
pub(crate) fn provider() -> CryptoProvider {
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

#[cfg(test)]
mod tests {
    #[test]
    fn no_suite_has_a_key_of_128_bits() {
        for suite in super::provider().cipher_suites {
            let name = format!("{:?}", suite.suite());
            assert!(name.contains("AES_256") || name.contains("CHACHA20"), "{name}");
        }
    }
}
