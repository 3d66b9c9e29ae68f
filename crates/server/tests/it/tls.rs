//! TLS: which suites are spoken, and the line to PostgreSQL.

use std::{
    fs::{self, Permissions},
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    sync::Arc,
};

use rustls::{
    CipherSuite, ClientConfig, ClientConnection, RootCertStore, SupportedCipherSuite,
    SupportedProtocolVersion,
    crypto::{
        CryptoProvider,
        aws_lc_rs::{cipher_suite, default_provider},
    },
    pki_types::{CertificateDer, ServerName, pem::PemObject},
    version::{TLS12, TLS13},
};
use testkit::postgres::OwnCluster;

use crate::process::Place;

/// What a client and the server agree on, when the client offers these suites, first those it prefers.
fn agreed(
    place: &Place,
    port: u16,
    version: &'static SupportedProtocolVersion,
    offered: &[SupportedCipherSuite],
) -> Result<CipherSuite, String> {
    let mut roots = RootCertStore::empty();
    let cert = CertificateDer::from_pem_file(place.home().join("cert.pem")).unwrap();
    roots.add(cert).unwrap();
    let provider = CryptoProvider { cipher_suites: offered.to_vec(), ..default_provider() };
    let config = ClientConfig::builder_with_provider(Arc::new(provider));
    let config = config.with_protocol_versions(&[version]).unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let mut tls = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    while tls.is_handshaking() {
        tls.complete_io(&mut stream).map_err(|error| error.to_string())?;
    }
    let suite = tls.negotiated_cipher_suite().unwrap().suite();
    let mut stream = rustls::StreamOwned::new(tls, stream);
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    // The server may close without a goodbye of TLS.
    drop(stream.read_to_end(&mut answer));
    assert!(answer.starts_with(b"HTTP/1.1 200 "));
    Ok(suite)
}

#[test]
fn only_suites_with_256_bits_are_spoken_whatever_a_browser_prefers() {
    let place = Place::sqlite();
    let (server, _) = crate::slow::with_tls(&place, &[]);
    let (aes_128, aes_256) =
        (cipher_suite::TLS13_AES_128_GCM_SHA256, cipher_suite::TLS13_AES_256_GCM_SHA384);
    let chacha = cipher_suite::TLS13_CHACHA20_POLY1305_SHA256;
    let (old_128, old_256) = (
        cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    );
    for (version, offered, expected) in [
        (&TLS13, vec![aes_128, chacha, aes_256], Some(aes_256)),
        (&TLS13, vec![aes_128, chacha], Some(chacha)),
        (&TLS13, vec![aes_128], None),
        (&TLS12, vec![old_128, old_256], Some(old_256)),
        (&TLS12, vec![old_128], None),
    ] {
        let agreed = agreed(&place, server.port, version, &offered);
        assert_eq!(agreed.clone().ok(), expected.map(|s| s.suite()), "{offered:?}: {agreed:?}");
    }
}

/// Gives a cluster a certificate for `localhost`; the file that trusts it.
fn encrypt(place: &Place, cluster: &OwnCluster) -> String {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let data = cluster.cluster().data();
    let owner = fs::metadata(&data).unwrap();
    for (name, text) in
        [("server.crt", made.cert.pem()), ("server.key", made.signing_key.serialize_pem())]
    {
        let file = data.join(name);
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        chown(&file, Some(owner.uid()), Some(owner.gid())).unwrap();
    }
    cluster.cluster().execute("ALTER SYSTEM SET ssl = on");
    cluster.stop("fast");
    cluster.start_again();
    let trusted = place.home().join("database.pem");
    fs::write(&trusted, made.cert.pem()).unwrap();
    trusted.display().to_string()
}

const ENCRYPTED: &str = "SELECT 1 FROM pg_stat_ssl s JOIN pg_stat_activity a ON a.pid = s.pid
     WHERE a.application_name = 'timeproof' AND s.ssl AND s.cipher LIKE '%AES_256%'";
const IN_THE_CLEAR: &str = "SELECT 1 FROM pg_stat_ssl s JOIN pg_stat_activity a ON a.pid = s.pid
     WHERE a.application_name = 'timeproof' AND NOT s.ssl";

#[test]
fn the_line_to_postgresql_is_encrypted_where_it_has_to_be() {
    let cluster = OwnCluster::start();
    let url = cluster.cluster().url().replace("127.0.0.1", "localhost");
    let secure = Place::postgres(&format!("{url}?sslmode=require"));
    let refused = |more: &[&str], words: &str| {
        let ended = secure.run(&[&["serve"], more].concat());
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.log.contains(words), "{words:?} in {ended:?}");
    };
    // A server without TLS is not asked in the clear.
    refused(&[], "server does not support TLS");
    let trusted = encrypt(&secure, &cluster);
    // Nor is one whose certificate nobody vouches for.
    refused(&[], "certificate");
    refused(&["--database-ca", "/nowhere.pem"], "The certificates of PostgreSQL in /nowhere.pem");
    let server = secure.start(&["--database-ca", &trusted]);
    assert_eq!(server.line().ask("GET", "/healthz", &[], b"").unwrap().status, 200);
    assert!(cluster.cluster().execute(ENCRYPTED) > 0);
    assert_eq!(cluster.cluster().execute(IN_THE_CLEAR), 0);
    drop(server);
    // The certificate has to be that of the name.
    let named = format!("{}?sslmode=require", cluster.cluster().url());
    let elsewhere = Place::postgres(&named);
    let ended = elsewhere.run(&["serve", "--database-ca", &trusted]);
    assert!(ended.code == Some(1) && ended.log.contains("certificate"), "{ended:?}");
    // Another machine is not asked in the clear, and the password is not shown.
    let far = Place::postgres("postgres://u:hushhush@db.example.com/d?sslmode=disable");
    let ended = far.run(&["serve"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.log.contains("db.example.com would be asked for everything in the clear"));
    assert!(!ended.log.contains("hushhush"), "{ended:?}");
}

/// A certificate and its key in files, made with these parameters.
pub(crate) fn certificate(
    place: &Place,
    set: impl FnOnce(&mut rcgen::CertificateParams),
) -> [String; 4] {
    let mut parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    set(&mut parameters);
    let key = rcgen::KeyPair::generate().unwrap();
    let made = parameters.self_signed(&key).unwrap();
    let (cert, secret) = (place.home().join("made.pem"), place.home().join("made-key.pem"));
    fs::write(&cert, made.pem()).unwrap();
    fs::write(&secret, key.serialize_pem()).unwrap();
    let shown = |path: std::path::PathBuf| path.display().to_string();
    ["--tls-cert".to_owned(), shown(cert), "--tls-key".to_owned(), shown(secret)]
}

#[test]
fn what_browsers_will_say_against_a_certificate_is_told_at_the_start() {
    let place = Place::sqlite();
    let warnings = |arguments: &[String], more: &[&str]| {
        let arguments = arguments.iter().map(String::as_str).chain(more.iter().copied());
        let server = place.start(&arguments.collect::<Vec<_>>());
        server.warnings().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let good = certificate(&place, |_| ());
    assert_eq!(warnings(&good, &[]), Vec::<String>::new());
    let [elsewhere] = &warnings(&good, &["--public-url", "https://time.example"])[..] else {
        panic!("one warning")
    };
    assert!(
        elsewhere.contains("is not for time.example, the name that people type"),
        "{elsewhere}"
    );
    let old = certificate(&place, |made| made.not_after = rcgen::date_time_ymd(2020, 1, 1));
    assert_eq!(warnings(&old, &[]), ["The certificate of --tls-cert: it has expired."]);
    let early = certificate(&place, |made| made.not_before = rcgen::date_time_ymd(2999, 1, 1));
    assert_eq!(warnings(&early, &[]), ["The certificate of --tls-cert: it is not valid yet."]);
    let authority = certificate(&place, |made| {
        made.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    });
    let [authority] = &warnings(&authority, &[])[..] else { panic!("one warning") };
    assert!(authority.contains("an authority's own (CA:TRUE)"), "{authority}");
}

#[test]
fn what_is_wrong_with_a_file_of_a_certificate_is_said_in_words() {
    let place = Place::sqlite();
    let good = certificate(&place, |_| ());
    let [_, cert, _, key] = &good;
    let pem = fs::read_to_string(cert).unwrap();
    let secret = fs::read_to_string(key).unwrap();
    let refused = |cert_text: &str, key_text: &str, words: &str| {
        fs::write(cert, cert_text).unwrap();
        fs::write(key, key_text).unwrap();
        let arguments: Vec<_> = good.iter().map(String::as_str).chain(["--port", "0"]).collect();
        crate::operator::complained(&place.run(&arguments), words);
    };
    refused(&pem[..pem.len() / 2], &secret, "it is cut short");
    refused("", &secret, "there is no certificate in PEM in it");
    refused(&pem, "", "there is no private key in PEM in it");
    refused(
        &pem,
        &secret.replace("PRIVATE", "ENCRYPTED PRIVATE"),
        "it is encrypted with a password",
    );
    let other = rcgen::KeyPair::generate().unwrap().serialize_pem();
    refused(&pem, &other, "it is not for the private key of --tls-key");
}
