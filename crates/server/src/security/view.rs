//! What the page of one's security shows: a view for each section.

use askama::Template;

use crate::page::{Field, Layout, Plain};

pub use super::address::AddressSection;
pub use super::passkey::{PasskeyRow, PasskeySection};
pub use super::password::PasswordSection;
pub use super::providers::{LinkRow, OfferRow, ProvidersSection};
pub use super::qr::Qr;
pub use super::second::{AppRow, SecondSection};
pub use super::sessions::{LoginRow, SessionsSection};

/// How one signs in, and where one is signed in.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "security/page.html")]
pub struct SecurityPage {
    /// The frame.
    pub layout: Layout,
    /// The address one signs in with, and how it is changed.
    pub address: AddressSection,
    /// One's passkeys.
    pub passkey: PasskeySection,
    /// One's password.
    pub password: PasswordSection,
    /// The second step of signing in.
    pub second: SecondSection,
    /// One's accounts at providers.
    pub providers: ProvidersSection,
    /// Where one is signed in.
    pub sessions: SessionsSection,
}

/// What belongs to one's account alone, for who is let in to no workspace.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "security/account.html")]
pub struct AccountPage {
    /// The frame.
    pub layout: Plain,
    /// Why less is shown than in a workspace.
    pub why: &'static str,
    /// The address one signs in with.
    pub address: AddressSection,
    /// Where one is signed in.
    pub sessions: SessionsSection,
}

/// Sets an authenticator app up.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "security/app.html")]
pub struct AppPage {
    /// The frame.
    pub layout: Layout,
    /// Its id.
    pub id: String,
    /// As its person calls it.
    pub name: String,
    /// What it is to scan; empty when that cannot be drawn.
    pub qr: Qr,
    /// The same to be typed, in groups of four.
    pub secret: String,
    /// The same as an address that apps open.
    pub address: String,
    /// Field `code`.
    pub code: Field,
}

/// Recovery codes, shown once.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "security/codes.html")]
pub struct CodesPage {
    /// The frame.
    pub layout: Layout,
    /// The codes.
    pub codes: Vec<String>,
    /// Whether there were others before, which work no longer.
    pub is_renewed: bool,
}
