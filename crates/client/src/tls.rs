//! TLS: suites whose keys have 256 bits, and no others; as the server has it.

use std::io;

use rustls::CertificateError;
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

/// What is wrong with the server's certificate, if it is that.
pub(crate) fn in_words(error: &io::Error) -> Option<String> {
    let error = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    let rustls::Error::InvalidCertificate(why) = error else { return None };
    Some(match why {
        CertificateError::UnknownIssuer => {
            "nobody who is trusted here vouches for the server's certificate; name the certificate \
             of its authority with --ca-file"
                .to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the server's certificate is for another name".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the server's certificate has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet".to_owned()
        }
        CertificateError::Other(other) if other.to_string().contains(AUTHORITY_AS_SERVER) => {
            "the server's certificate is an authority's own (CA:TRUE), which is none for a server; \
             have the authority sign one for the server"
                .to_owned()
        }
        why => format!("the server's certificate is not accepted: {why}"),
    })
}

/// How the library calls a certificate of an authority where a server's has to be; it has no kind of
/// its own for it.
const AUTHORITY_AS_SERVER: &str = "CaUsedAsEndEntity";

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
