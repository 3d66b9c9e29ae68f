//! My security and API tokens: what is one's own.

use server::{
    page::{Field, Place, Select},
    security::view::{
        AccountPage, AddressSection, AppPage, AppRow, CodesPage, LinkRow, LoginRow, OfferRow,
        PasskeyRow, PasskeySection, PasswordSection, ProvidersSection, Qr, SecondSection,
        SecurityPage, SessionsSection,
    },
    token::view::{TokenRow, TokensOfPage, TokensPage},
};

use super::{html, layout, plain::plain_layout};

pub(super) fn own() -> Vec<(&'static str, String)> {
    vec![
        ("security", html(&security())),
        ("security-account", html(&account())),
        ("security-first", html(&security_at_first())),
        ("security-app", html(&app())),
        ("security-codes", html(&codes())),
        ("tokens", html(&tokens())),
        ("tokens-of", html(&tokens_of())),
    ]
}

fn security() -> SecurityPage {
    let login = |id: &str, name: &str, remark: &str, is_current| LoginRow {
        dom: format!("session-{id}"),
        end: format!("security/sessions/{id}/end"),
        name: name.to_owned(),
        remark: remark.to_owned(),
        is_current,
    };
    let logins = vec![
        login(
            "s1",
            "Firefox on Linux",
            "from 203.0.113.7, with a code from a mail, since 20 November, last used just now",
            true,
        ),
        login(
            "s2",
            "Safari on iPhone",
            "from 2001:db8:1234:5678::/64, by itself, as a remembered browser, since 3 November, \
             last used yesterday, stays signed in",
            false,
        ),
        login(
            "f3",
            "An unknown browser, remembered",
            "signs in by itself until 3 December, last did so yesterday",
            false,
        ),
    ];
    SecurityPage {
        layout: layout("My security", "security", Place::Security),
        address: AddressSection {
            root: "/w/northwind".to_owned(),
            email: "ann@example.org".to_owned(),
            remark: "It is this one since today at 13:05. With the link in the mail that went to the one \
                     before, that can be taken back until 24 November at 12:55."
                .to_owned(),
            waiting: "ann.van.der.berg@a-rather-long-domain.example".to_owned(),
            until: "today at 13:27".to_owned(),
            code: Field::new("ABCD-EFGH").with_error("This code is wrong. 4 tries are left."),
            mail_note: "No mail server is configured: the mail is in the server’s terminal, and in the \
                        “mail” folder of its data."
                .to_owned(),
            ..AddressSection::default()
        },
        providers: ProvidersSection {
            links: vec![LinkRow {
                id: "l1".to_owned(),
                name: "Larch ID".to_owned(),
                remark: "Since 3 November at 09:14 · last used 20 November at 17:02".to_owned(),
            }],
            offers: vec![OfferRow { label: "Google".to_owned(), ..OfferRow::default() }],
        },
        password: PasswordSection {
            has_one: true,
            since: "3 November at 09:14".to_owned(),
            is_off_elsewhere: true,
            shows_form: true,
            asks_current: true,
            offers_begin: true,
            begin: "Show by a code that it is you".to_owned(),
            hint:
                "At least 15 characters. Four or five words that nobody would expect together are \
                   easy to keep and hard to guess."
                    .to_owned(),
            end_others: true,
            current_error: "This is not your password.".to_owned(),
            new_error: "15 characters are needed, 3 more than this. Add a word or two.".to_owned(),
            ..PasswordSection::default()
        },
        passkey: passkeys(),
        sessions: SessionsSection { root: "/w/northwind".to_owned(), logins },
        second: second(true),
    }
}

/// Two, one of them being renamed.
fn passkeys() -> PasskeySection {
    let row = |id: &str, name: &str, remark: &str| PasskeyRow {
        id: id.to_owned(),
        name: name.to_owned(),
        remark: remark.to_owned(),
        new_name: Field::new(name),
        is_open: false,
    };
    let renamed = row("k1", "My laptop", "since 20 November, last used today at 13:05");
    let elsewhere = "since 3 November. Works at time.example.org only, and not here";
    PasskeySection {
        is_possible: true,
        passkeys: vec![
            PasskeyRow {
                new_name: Field::new("").with_error("A name is needed."),
                is_open: true,
                ..renamed
            },
            row(
                "k2",
                "A key with a name as long as people give to what they keep for years",
                elsewhere,
            ),
        ],
        shows_form: true,
        asked: "You can still sign in in other ways without it: whoever reads your mailbox can too.",
        change: "Ask for it always",
        wants_always: true,
        name: Field::new("My device"),
        error: "This passkey is added already. Choose another device.".to_owned(),
        ..PasskeySection::default()
    }
}

/// With an app, and a reset that was announced; or as it is at first.
fn second(has_app: bool) -> SecondSection {
    let app = AppRow {
        id: "a1".to_owned(),
        name: "My phone".to_owned(),
        remark: "since 20 November, last used today at 13:05".to_owned(),
    };
    SecondSection {
        apps: if has_app { vec![app] } else { Vec::new() },
        codes: "9 of 10 are left".to_owned(),
        offers_mail: !has_app,
        has_mail: !has_app,
        can_add: true,
        name: Field::new("My tablet"),
        reset: if has_app { "tomorrow at 13:17".to_owned() } else { String::new() },
        is_off_elsewhere: has_app,
    }
}

/// Outside of any workspace.
fn account() -> AccountPage {
    let SecurityPage { address, sessions, .. } = security();
    let new = Field::new("ann").with_error("An e-mail address has an @ in it.");
    AccountPage {
        layout: plain_layout("My security", "security"),
        why: "No workspace lets you in from here right now, so this is what belongs to your account \
              alone.",
        address: AddressSection { root: String::new(), waiting: String::new(), new, ..address },
        sessions: SessionsSection { root: String::new(), ..sessions },
    }
}

fn security_at_first() -> SecurityPage {
    SecurityPage {
        layout: layout("My security", "security", Place::Security),
        passkey: PasskeySection {
            is_possible: true,
            offers_begin: true,
            begin: "Add a passkey",
            ..PasskeySection::default()
        },
        second: second(false),
        ..security()
    }
}

fn app() -> AppPage {
    let address = "otpauth://totp/Timeproof:ann%40example.org?secret=JBSWY3DPEHPK3PXP";
    AppPage {
        layout: layout("Set up an app", "security", Place::Security),
        id: "a1".to_owned(),
        name: "My phone".to_owned(),
        qr: Qr { size: 41, path: "M4 4h7v1h-7zM12 4h2v1h-2zM30 4h7v1h-7z".to_owned() },
        secret: "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP".to_owned(),
        address: address.to_owned(),
        code: Field::new("123").with_error("This is not the code of this app."),
    }
}

fn codes() -> CodesPage {
    let code = "0123-4567-89AB-CDEF".to_owned();
    CodesPage {
        layout: layout("Your recovery codes", "security", Place::Security),
        codes: vec![code; 10],
        is_renewed: true,
    }
}

fn tokens_of() -> TokensOfPage {
    let token = |id: &str, name: &str, remark: &str, is_expired| TokenRow {
        id: id.to_owned(),
        name: name.to_owned(),
        scope: "all that they may".to_owned(),
        remark: remark.to_owned(),
        is_expired,
    };
    let program = "a program let in, such as tp · until 21 February 2027 · last used today";
    TokensOfPage {
        layout: layout("API tokens of Olu Ade", "tokens-of", Place::People),
        id: "m2".to_owned(),
        name: "Olu Ade".to_owned(),
        tokens: vec![
            token("b1", "tp on the laptop with the long name", program, false),
            token("b2", "Nightly export", "until 1 November 2026 · not used yet", true),
        ],
    }
}

fn tokens() -> TokensPage {
    let token = |id: &str, name: &str, remark: &str, is_expired| TokenRow {
        id: id.to_owned(),
        name: name.to_owned(),
        scope: "reads, and changes my own time".to_owned(),
        remark: remark.to_owned(),
        is_expired,
    };
    TokensPage {
        layout: layout("API tokens", "tokens", Place::Tokens),
        tokens: vec![
            token("a1", "tp on kitchen-laptop", "until 21 February 2027 · last used today", false),
            token(
                "a2",
                "Nightly export",
                "until 1 November 2026 · last used 30 October from 203.0.113.7 · only from 203.0.113.0/24",
                true,
            ),
        ],
        secret: "tpt_0193f2c4e1aa7c33b1d2_Yb3nXr0c7pQe2uVw9sKd4mZt6aLhGf1J".to_owned(),
        name: Field::default(),
        scope: Select::of(
            [
                ("read", "Read"),
                ("track", "Read, and change my time"),
                ("full", "Do all that I may"),
            ],
            "track",
        ),
        networks: Field::new("203.0.113.0/33")
            .with_error("“203.0.113.0/33” is no range of addresses. Write such as 203.0.113.0/24."),
        expires: Select::of(
            [("30", "In 30 days"), ("90", "In 90 days"), ("366", "In a year")],
            "90",
        ),
    }
}
