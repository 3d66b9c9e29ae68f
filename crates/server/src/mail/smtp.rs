//! Mail by SMTP: one connection a letter, encrypted unless the mail server is on this machine.

use std::{error::Error, io, time::Duration};

use anyhow::{Context, ensure};
use app::identity::{ClaimedLetter, Failure, Letter};
use jiff::Timestamp;
use lettre::{
    Address, Message, SmtpTransport, Transport,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        self,
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
    },
};
use rustls::pki_types::{CertificateDer, pem::PemObject};

use super::{NotSent, Relay, Security};
use crate::tls;

/// How long the mail server may take for each step.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Replies about who we are, not about the letter: authentication is missing or wrong (RFC 4954).
/// An operator can put that right, so the letter waits.
const ABOUT_US: [u16; 5] = [530, 534, 535, 538, 454];

/// A mail server and the sender's address.
pub struct Smtp {
    transport: SmtpTransport,
    from: Mailbox,
}

impl Smtp {
    /// Makes ready; connects only when there is a letter. `ca` holds certificates in PEM that are
    /// trusted instead of the public ones.
    ///
    /// Errors: a sender or certificates that cannot be read.
    pub fn open(relay: &Relay, from: &str, ca: Option<&[u8]>) -> anyhow::Result<Self> {
        let from = sender(from).map_err(anyhow::Error::msg)?;
        let tls = match relay.security {
            Security::Plain => Tls::None,
            Security::StartTls => Tls::Required(parameters(&relay.host, ca)?),
            Security::Wrapped => Tls::Wrapper(parameters(&relay.host, ca)?),
        };
        let mut transport = SmtpTransport::builder_dangerous(&relay.host)
            .port(relay.port)
            .tls(tls)
            .timeout(Some(TIMEOUT));
        if let Some((user, password)) = relay.credentials.clone() {
            transport = transport.credentials(Credentials::new(user, password));
        }
        Ok(Self { transport: transport.build(), from })
    }

    /// Hands a letter to the mail server. Its Message-ID is the letter's id, so that a mailbox can
    /// tell when it arrives twice.
    ///
    /// Errors: a [`NotSent`].
    pub fn send(&self, letter: &ClaimedLetter, at: Timestamp) -> Result<(), NotSent> {
        let id = format!("<{}@{}>", letter.id, self.from.email.domain());
        let message = self.message(&letter.letter, id, at).map_err(|why| NotSent {
            failure: Failure::Permanent,
            why: format!("not a mail: {why}"),
        })?;
        self.transport.send(&message).map(drop).map_err(|error| not_sent(&error))
    }

    /// Greets the mail server, and takes leave.
    pub(super) fn pretend(&self) -> Result<(), smtp::Error> {
        self.transport.test_connection().map(drop)
    }

    fn message(&self, letter: &Letter, id: String, at: Timestamp) -> Result<Message, String> {
        let auto = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, recipient(letter)?))
            .subject(letter.subject())
            .date(at.into())
            .message_id(Some(id))
            // RFC 3834: so that nobody's absence is told to us.
            .raw_header(HeaderValue::new(auto, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.body().to_owned())
            .map_err(|_| "its parts do not fit together".to_owned())
    }
}

/// The sender's address, such as `Timeproof <time@example.com>`.
///
/// Errors: a sentence that says what to do.
pub(super) fn sender(text: &str) -> Result<Mailbox, String> {
    text.parse().map_err(|_| {
        format!("--mail-from {text:?} is not an address such as Timeproof <time@example.com>.")
    })
}

/// The local part as typed, the domain in ASCII.
fn recipient(letter: &Letter) -> Result<Address, String> {
    let to = letter.to();
    let local = to.as_str().rsplit_once('@').map(|(local, _)| local);
    let domain = to.normalised().rsplit_once('@').map(|(_, domain)| domain);
    let (Some(local), Some(domain)) = (local, domain) else {
        return Err("no address".to_owned());
    };
    Address::new(local, domain).map_err(|_| "an address that cannot be written to".to_owned())
}

fn parameters(host: &str, ca: Option<&[u8]>) -> anyhow::Result<TlsParameters> {
    let mut tls = TlsParameters::builder(host.to_owned());
    if let Some(pem) = ca {
        ensure!(
            CertificateDer::pem_slice_iter(pem).next().is_some(),
            "There is no certificate in the file of --smtp-ca. It has to hold one in PEM."
        );
        let certificate = Certificate::from_pem(pem).context("--smtp-ca is not a PEM file")?;
        tls = tls.certificate_store(CertificateStore::None).add_root_certificate(certificate);
    }
    tls.build_rustls().context("TLS to the mail server")
}

/// What went wrong, without the mail server's words: those repeat addresses.
fn not_sent(error: &smtp::Error) -> NotSent {
    let code = error.status().map(u16::from);
    let is_final = error.is_permanent() && code.is_none_or(|code| !ABOUT_US.contains(&code));
    let why = match code {
        Some(code) if ABOUT_US.contains(&code) => {
            format!("the mail server does not accept our user or password ({code})")
        }
        Some(code) => format!("the mail server answered {code}"),
        None => without_answer(error),
    };
    NotSent { failure: if is_final { Failure::Permanent } else { Failure::Temporary }, why }
}

fn without_answer(error: &smtp::Error) -> String {
    if error.is_timeout() {
        return TOO_LONG.to_owned();
    }
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(cause) = cause.downcast_ref::<io::Error>() {
            return of_the_line(cause);
        }
        source = cause.source();
    }
    if error.is_tls() {
        return "TLS with the mail server failed; is its certificate right?".to_owned();
    }
    if error.is_client() {
        return lacking(error).to_owned();
    }
    "the mail server cannot be understood".to_owned()
}

const TOO_LONG: &str = "the mail server takes too long";

fn of_the_line(error: &io::Error) -> String {
    if let Some(words) = tls::in_words(error) {
        return format!("the certificate of the mail server: {words}");
    }
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => TOO_LONG.to_owned(),
        kind => format!("the line to the mail server: {kind}"),
    }
}

/// What the mail server does not offer and we need. The library has no kinds for it, only words of
/// its own.
fn lacking(error: &smtp::Error) -> &'static str {
    let words = error.source().map(ToString::to_string).unwrap_or_default();
    let known = [
        ("STARTTLS", "the mail server offers no STARTTLS; smtps:// is TLS from the first byte"),
        ("authentication", "the mail server offers no way to sign in with a password"),
        ("SMTPUTF8", "the mail server takes no address with letters beyond ASCII (SMTPUTF8)"),
        ("8BITMIME", "the mail server takes no letters beyond ASCII (8BITMIME)"),
    ];
    let found = known.into_iter().find(|(word, _)| words.contains(word));
    found.map_or("the mail server lacks something that we need of it", |(_, sentence)| sentence)
}

#[cfg(test)]
mod tests {
    use app::identity::{LetterKind, letters};
    use domain::text::EmailAddress;

    use super::*;

    fn smtp() -> Smtp {
        let relay = Relay::parse("smtp-plain://127.0.0.1:9").unwrap();
        Smtp::open(&relay, "Timeproof <time@example.com>", None).unwrap()
    }

    #[test]
    fn a_letter_as_it_is_sent() {
        let to = EmailAddress::parse("Ann@b\u{fc}cher.example").unwrap();
        let letter = letters::sign_in_code(&to, "ABCDEFGH", "https://t.example", "secret").unwrap();
        let at = "2026-11-20T12:00:00Z".parse().unwrap();
        let message = smtp().message(&letter, "<1@example.com>".to_owned(), at).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        for line in [
            "From: Timeproof <time@example.com>\r\n",
            "To: Ann@xn--bcher-kva.example\r\n",
            "Subject: Your code to sign in to Timeproof\r\n",
            "Date: Fri, 20 Nov 2026 12:00:00 +0000\r\n",
            "Message-ID: <1@example.com>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "\r\n    ABCD-EFGH\r\n",
            "\r\nhttps://t.example/sign-in/link/secret\r\n",
        ] {
            assert!(text.contains(line), "{line:?} in {text}");
        }
    }

    #[test]
    fn nothing_typed_begins_a_header() {
        let to = EmailAddress::parse("ann@example.org").unwrap();
        let subject = "S\u{fc}bject ".repeat(40);
        let body = "\n.\nBcc: eve@example.org\nümläut\n";
        let letter = Letter::new(to, &subject, body).unwrap();
        let at = "2026-11-20T12:00:00Z".parse().unwrap();
        let message = smtp().message(&letter, "<1@example.com>".to_owned(), at).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(!head.contains("Bcc"), "{head}");
        for line in head.split("\r\n") {
            let starts = line.split(':').next().unwrap_or_default();
            let is_header = !starts.is_empty() && starts.chars().all(|c| c.is_ascii_graphic());
            assert!(is_header || line.starts_with(' '), "{line:?}");
        }
    }

    #[test]
    fn a_server_that_is_down_is_a_temporary_failure() {
        let to = EmailAddress::parse("ann@example.org").unwrap();
        let claimed = ClaimedLetter {
            id: domain::ids::LetterId::from_bytes([1; 16]),
            kind: LetterKind::RememberTheft,
            letter: letters::proof_code(&to, "ABCDEFGH").unwrap(),
            failures: 0,
        };
        let at = "2026-11-20T12:00:00Z".parse().unwrap();
        let refused = smtp().send(&claimed, at).unwrap_err();
        assert_eq!(refused.failure, Failure::Temporary);
        assert!(refused.why.contains("connection refused"), "{}", refused.why);
    }

    #[test]
    fn senders() {
        assert!(sender("Timeproof <timeproof@localhost>").is_ok());
        assert!(sender("time@example.com").is_ok());
        for wrong in ["", "time", "Time <time@example.com>\r\nBcc: eve@example.org"] {
            assert!(sender(wrong).is_err(), "{wrong:?}");
        }
    }
}
