//! Clients that say nothing, too little, too much or nonsense.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};

use crate::{
    line::Line,
    process::{Owner, Place, Running},
};

/// A client that says too little is cut by then.
const CUT: Duration = Duration::from_secs(15);

const TICK: Duration = Duration::from_secs(1);

/// Says a piece a second, and listens; how long the server bore it.
fn borne(mut stream: impl Read + Write, pieces: &[u8]) -> Duration {
    let began = Instant::now();
    let mut pieces = pieces.chunks(1);
    let mut heard = [0; 4096];
    while began.elapsed() < CUT * 2 {
        if let Some(piece) = pieces.next()
            && stream.write_all(piece).and_then(|()| stream.flush()).is_err()
        {
            break;
        }
        // Waits for a tick at most.
        match stream.read(&mut heard) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if is_silence(&error) => {}
            Err(_) => break,
        }
    }
    began.elapsed()
}

fn is_silence(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(TICK)).unwrap();
    stream.set_write_timeout(Some(TICK)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Says something at once, then a byte a second of something else.
fn after(mut stream: impl Read + Write, first: &str, slowly: &str) -> Duration {
    stream.write_all(first.as_bytes()).unwrap();
    stream.flush().unwrap();
    borne(stream, slowly.as_bytes())
}

/// Asks for the same large file again and again and reads nothing.
fn deaf(mut stream: TcpStream) -> Duration {
    let began = Instant::now();
    let asset = format!("/assets/{}/fonts/inter.woff2", server::assets::folder());
    let request = format!("GET {asset} HTTP/1.1\r\nHost: localhost\r\n\r\n").repeat(64);
    while began.elapsed() < CUT * 2 {
        match stream.write(request.as_bytes()) {
            Ok(_) => {}
            Err(error) if is_silence(&error) => {}
            Err(_) => break,
        }
    }
    began.elapsed()
}

#[test]
fn a_client_that_says_too_little_is_cut_within_fifteen_seconds() {
    let place = Place::sqlite();
    let owner = place.furnish();
    let server = place.start(&[]);
    let port = server.port;
    let body_head = |length: usize| {
        format!(
            "POST /api/v1/workspaces/{}/clients HTTP/1.1\r\nHost: localhost\r\nAuthorization: \
             Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n",
            owner.workspace, owner.token
        )
    };
    let form_head = "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n\
                     Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \
                     500\r\n\r\n";
    let chunked = "POST /api/v1/device-grants HTTP/1.1\r\nHost: localhost\r\nContent-Type: \
                   application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    let unwanted = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n";
    let endless = "X-Header: ".to_owned() + &"x".repeat(1000);
    let line = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";
    // The preface of HTTP/2 and empty settings.
    let h2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let settings = "\0\0\0\x04\0\0\0\0\0";
    let slow = "x".repeat(1000);
    let cases: Vec<(&str, Box<dyn Fn() -> Duration + Send + Sync>)> = vec![
        ("silence", Box::new(|| borne(connect(port), b""))),
        ("a first line a byte a second", Box::new(|| after(connect(port), "", line))),
        ("headers a byte a second", Box::new(|| after(connect(port), line, &endless))),
        ("no end of headers", Box::new(|| after(connect(port), line, ""))),
        ("a body a byte a second", Box::new(|| after(connect(port), &body_head(1000), &slow))),
        ("no body", Box::new(|| after(connect(port), &body_head(1000), ""))),
        ("no form", Box::new(|| after(connect(port), form_head, ""))),
        ("a form a byte a second", Box::new(|| after(connect(port), form_head, &slow))),
        ("no chunks", Box::new(|| after(connect(port), chunked, ""))),
        ("a body nobody wants", Box::new(|| after(connect(port), unwanted, &slow))),
        ("silence after an answer", Box::new(|| after(connect(port), &format!("{line}\r\n"), ""))),
        ("half of HTTP/2's first word", Box::new(|| after(connect(port), &h2[..12], ""))),
        ("HTTP/2's first word", Box::new(|| after(connect(port), h2, ""))),
        ("HTTP/2 and silence", Box::new(|| after(connect(port), &format!("{h2}{settings}"), ""))),
        ("a client that never reads", Box::new(|| deaf(connect(port)))),
    ];
    all_cut(&cases);
    // It still serves.
    assert_eq!(server.line().ask("GET", "/healthz", &[], b"").unwrap().status, 200);
}

#[test]
fn a_client_that_says_too_little_above_tls_is_cut_within_fifteen_seconds() {
    let place = Place::sqlite();
    let (server, trusted) = with_tls(&place, &[]);
    let port = server.port;
    let tls = || shake_hands(port, &trusted);
    let line = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";
    let hello = "\x16\x03\x01\x02\x00\x01\x00\x01\u{7c}\x03\x03";
    let cases: Vec<(&str, Box<dyn Fn() -> Duration + Send + Sync>)> = vec![
        ("silence", Box::new(|| borne(connect(port), b""))),
        ("half a handshake", Box::new(|| after(connect(port), hello, ""))),
        (
            "a handshake a byte a second",
            Box::new(|| after(connect(port), hello, &"\0".repeat(500))),
        ),
        ("silence after the handshake", Box::new(|| borne(tls(), b""))),
        ("a first line a byte a second", Box::new(|| after(tls(), "", line))),
        ("headers a byte a second", Box::new(|| after(tls(), line, &"X".repeat(500)))),
        ("silence after an answer", Box::new(|| after(tls(), &format!("{line}\r\n"), ""))),
    ];
    all_cut(&cases);
    let mut stream = tls();
    stream.write_all(format!("{line}Connection: close\r\n\r\n").as_bytes()).unwrap();
    let mut answer = Vec::new();
    // The server may close without a goodbye of TLS.
    drop(stream.read_to_end(&mut answer));
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

type Case<'a> = (&'a str, Box<dyn Fn() -> Duration + Send + Sync + 'a>);

fn all_cut(cases: &[Case<'_>]) {
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = cases.iter().map(|(name, case)| (name, scope.spawn(case))).collect();
        running.into_iter().map(|(name, case)| (*name, case.join().unwrap())).collect()
    });
    let late: Vec<_> = outcomes.iter().filter(|(_, borne)| *borne >= CUT).collect();
    println!("{outcomes:#?}");
    assert!(late.is_empty(), "{late:?}");
}

/// A certificate for `localhost` that is signed by itself, and its key: their files.
pub(crate) fn certify(place: &Place) -> [String; 2] {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = [("cert.pem", made.cert.pem()), ("key.pem", made.signing_key.serialize_pem())];
    files.map(|(name, text)| {
        let file = place.home().join(name);
        std::fs::write(&file, text).unwrap();
        file.display().to_string()
    })
}

/// A server with a certificate of its own, and what trusts it.
pub(crate) fn with_tls(place: &Place, more: &[&str]) -> (Running, Arc<ClientConfig>) {
    let [cert, key] = certify(place);
    let server = place.start(&[&["--tls-cert", &cert, "--tls-key", &key], more].concat());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&cert).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions().unwrap();
    (server, Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

pub(crate) fn shake_hands(
    port: u16,
    trusted: &Arc<ClientConfig>,
) -> StreamOwned<ClientConnection, TcpStream> {
    let name = ServerName::try_from("localhost").unwrap();
    let mut tls = ClientConnection::new(Arc::clone(trusted), name).unwrap();
    let mut stream = connect(port);
    while tls.is_handshaking() {
        match tls.complete_io(&mut stream) {
            Ok(_) => {}
            Err(error) if is_silence(&error) => {}
            Err(error) => panic!("no handshake: {error}"),
        }
    }
    StreamOwned::new(tls, stream)
}

const HUNDRED_MB: usize = 100 * 1024 * 1024;

#[test]
fn a_body_of_100_mb_is_refused_without_being_read() {
    let place = Place::sqlite();
    let owner = place.furnish();
    let server = place.start(&[]);
    let bearer =
        format!("Authorization: Bearer {}\r\nContent-Type: application/json\r\n", owner.token);
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let length = format!("Content-Length: {HUNDRED_MB}\r\n");
    let chunked = "Transfer-Encoding: chunked\r\n";
    let clients = format!("/api/v1/workspaces/{}/clients", owner.workspace);
    let grants = "/api/v1/device-grants";
    let json = "Content-Type: application/json\r\n";
    for (path, headers, expected) in [
        (clients.as_str(), format!("{bearer}{length}"), 413),
        (&clients, format!("{bearer}{chunked}"), 413),
        // Nobody need be signed in to be refused.
        (&clients, format!("{json}{length}"), 413),
        (grants, format!("{json}{length}"), 413),
        (grants, format!("{json}{chunked}"), 413),
        ("/sign-in", format!("{form}{length}Sec-Fetch-Site: same-origin\r\n"), 413),
        ("/sign-in", format!("{form}{chunked}Sec-Fetch-Site: same-origin\r\n"), 413),
        ("/healthz", length.clone(), 405),
    ] {
        let mut line = server.line();
        let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        line.say(head.as_bytes()).unwrap();
        let sent = pour(&mut line, headers.contains(chunked));
        let answer = line.head();
        let status = answer.as_ref().map(|answer| answer.status);
        assert_eq!(status.ok(), Some(expected), "{path} {headers}: {answer:?}");
        // The kernel's buffers take a few megabytes before anybody says no.
        assert!(sent < HUNDRED_MB / 5, "{path}: {sent} bytes were taken");
    }
    assert_eq!(server.line().ask("GET", "/healthz", &[], b"").unwrap().status, 200);
}

/// Sends up to 100 MB of what could be a JSON text; how much was taken.
fn pour(line: &mut Line, is_chunked: bool) -> usize {
    let piece = vec![b' '; 65_536];
    let chunk = [b"10000\r\n".as_slice(), &piece, b"\r\n"].concat();
    let mut sent = 0;
    while sent < HUNDRED_MB {
        let said = if is_chunked { line.say(&chunk) } else { line.say(&piece) };
        if said.is_err() {
            break;
        }
        sent += piece.len();
    }
    sent
}

/// Hung up on without a word.
const HUNG_UP: &[u16] = &[];

#[test]
fn nonsense_is_refused_and_harms_nobody() {
    let place = Place::sqlite();
    let server = place.start(&[]);
    let many = |count: usize| -> String {
        (0..count).fold(String::new(), |all, at| format!("{all}X-{at}: 1\r\n"))
    };
    let get = |rest: &str| format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{rest}\r\n");
    let long =
        |length: usize| format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "a".repeat(length));
    let cases: Vec<(&str, Vec<u8>, &[u16])> = vec![
        ("63 headers", get(&many(62)).into(), &[200]),
        ("65 headers", get(&many(64)).into(), &[431]),
        ("1,000 headers", get(&many(1_000)).into(), &[431]),
        ("a header of 100 kB", get(&format!("X: {}\r\n", "a".repeat(100_000))).into(), &[431]),
        ("a path of 8 KiB", long(8 * 1024 + 1).into(), &[414]),
        ("a path of 60 kB", long(60_000).into(), &[414, 431]),
        ("a path of 1 MB", long(1_000_000).into(), &[400, 414, 431]),
        ("two lengths", get("Content-Length: 1\r\nContent-Length: 2\r\n").into(), &[400]),
        ("a length below nothing", get("Content-Length: -1\r\n").into(), &[400]),
        (
            "a length and chunks",
            // hyper believes the chunks and closes the connection, as RFC 9112 (6.3) allows.
            b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: \
              chunked\r\n\r\n0\r\n\r\n"
                .to_vec(),
            &[403],
        ),
        ("a NUL in a header", get("X: a\0b\r\n").into(), &[400]),
        ("a bare line feed in a header", get("X: a\rb\r\n").into(), &[400]),
        ("no version", b"GET /healthz\r\n\r\nxxxxxxxxxxxxx".to_vec(), &[400]),
        ("bytes", (0..=255).cycle().take(4_096).collect(), &[400]),
        ("another protocol", b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n".to_vec(), HUNG_UP),
        ("a path that is not UTF-8", b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(), &[400, 404]),
        ("a path of percent signs", b"GET /w/%ff%fe%/today HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(), &[400, 303, 404]),
        ("a path up", b"GET /assets/x/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(), &[404]),
        ("an unknown method", b"BREW /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(), &[405]),
        ("a cookie of 50 kB", get(&format!("Cookie: {}\r\n", "a=b; ".repeat(10_000))).into(), &[200, 431]),
    ];
    for (name, bytes, expected) in cases {
        let mut line = server.line();
        // The server may hang up in the middle.
        drop(line.say(&bytes));
        match line.head() {
            Ok(answer) => assert!(expected.contains(&answer.status), "{name}: {}", answer.status),
            Err(error) => assert_eq!(expected, HUNG_UP, "{name}: no answer ({error})"),
        }
        assert_eq!(server.line().ask("GET", "/healthz", &[], b"").unwrap().status, 200, "{name}");
    }
}

#[test]
fn idle_connections_do_not_stop_a_request() {
    let place = Place::sqlite();
    let owner = place.furnish();
    let server = place.start(&[]);
    let began = Instant::now();
    let mut idle = Vec::new();
    for number in 0..500 {
        let mut stream = connect(server.port);
        if number % 2 == 0 {
            stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Half: ").unwrap();
        }
        idle.push(stream);
    }
    let asked = Instant::now();
    assert_eq!(answer_of(&server, &owner), 200);
    let took = asked.elapsed();
    println!("500 idle connections in {:?}, then an answer in {took:?}", asked - began);
    assert!(took < Duration::from_secs(2), "{took:?}");
    drop(idle);
}

fn answer_of(server: &Running, owner: &Owner) -> u16 {
    let path = format!("/workspaces/{}/time-entries", owner.workspace);
    server.line().api(&owner.token, "GET", &path, None).unwrap().status
}
