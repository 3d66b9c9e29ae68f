//! Pages without the frame.

use app::identity::Strong;
use domain::sign_in_policy::{Way, Ways};
use server::{
    assets,
    identity::view::{
        CodePage, ConfirmLinkPage, DevicePage, DeviceProgram, JoinPage, Kept, NewPasswordPage,
        OfferedWays, OnwardPage, ProofPage, ProviderPage, ProviderWay, SecondPage, SetUpPage,
        SignInPage, SignedOutPage,
    },
    page::{ErrorPage, Field, Plain, Select, WorkspaceLink},
    support::view::SupportBar,
    workspace::view::ChooseWorkspacePage,
};

use super::{html, week_start, zones};

pub(super) fn plain_layout(title: &str, page: &'static str) -> Plain {
    Plain {
        title: title.to_owned(),
        page,
        assets: assets::folder(),
        nonce: "bm9uY2U".to_owned(),
        csrf: "token".to_owned(),
        notices: Vec::new(),
        support: None,
    }
}

pub(super) fn plain() -> Vec<(&'static str, String)> {
    let mail_note = "No mail server is set up: the mail is in the terminal of the server, and in \
                     data/mail for 24 hours.";
    let device = |program: Option<DeviceProgram>, done: &str| DevicePage {
        layout: plain_layout("Confirm a program", "device"),
        user_code: Field::new("WDJB-MJHT"),
        program,
        done: done.to_owned(),
    };
    let link = |name: &str| WorkspaceLink {
        name: name.to_owned(),
        href: "/w/1/today".to_owned(),
        is_current: false,
    };
    let error = |status| {
        let page = ErrorPage::of(status, plain_layout("", ""), "0193f2c4-e1aa");
        html(&page)
    };
    let door = || {
        html(&ErrorPage {
            heading: "This workspace keeps you out for now".to_owned(),
            text: "You signed in without a second factor.".to_owned(),
            again: "/w/1/today".to_owned(),
            remedy: "/w/1/security".to_owned(),
            ..ErrorPage::of(403, plain_layout("", ""), "0193f2c4-e1aa")
        })
    };
    let support = SupportBar {
        text: "You look into this workspace as support (Mara) until 14:05, to read only."
            .to_owned(),
        end_url: "/w/1/support/s2/end".to_owned(),
        more_url: String::new(),
    };
    let not_given = || {
        html(&ErrorPage {
            heading: "This was not given to you".to_owned(),
            text: "The owner let you see: Time; Reports, to read only. Ask for more with “timeproof support \
                   ask”. How people sign in, their tokens and their profiles are never given."
                .to_owned(),
            ..ErrorPage::of(
                403,
                Plain { support: Some(support.clone()), ..plain_layout("", "") },
                "0193f2c4-e1aa",
            )
        })
    };
    vec![
        ("door", door()),
        ("not-given", not_given()),
        (
            "sign-in",
            html(&SignInPage {
                layout: plain_layout("Sign in", "sign-in"),
                next: "/w/1/today".to_owned(),
                email: Field::new("ann").with_error("An e-mail address has an @ in it."),
                remember: true,
                providers: vec![ProviderWay {
                    label: "Larch & Sons ID".to_owned(),
                    path: "/sign-in/provider/instance/p1".to_owned(),
                }],
                ..SignInPage::default()
            }),
        ),
        (
            "provider",
            html(&ProviderPage {
                layout: plain_layout("Sign in with Larch & Sons ID", "provider"),
                label: "Larch & Sons ID".to_owned(),
                host: "id.larch.example".to_owned(),
                action: "/sign-in/provider/instance/p1".to_owned(),
                next: "/w/1/today".to_owned(),
            }),
        ),
        (
            "onward",
            html(&OnwardPage {
                layout: plain_layout("On to Larch & Sons ID", "onward"),
                label: "Larch & Sons ID".to_owned(),
                host: "id.larch.example".to_owned(),
                href: "https://id.larch.example/authorize".to_owned(),
                connects: true,
            }),
        ),
        (
            "sign-in-password",
            html(&SignInPage {
                layout: plain_layout("Sign in", "sign-in"),
                email: Field::new("ann@example.org"),
                uses_password: true,
                password_error: "This e-mail and this password do not go together, or there were too \
                                 many tries. Wait a while before the next one, or let us send you a \
                                 code."
                    .to_owned(),
                ..SignInPage::default()
            }),
        ),
        (
            "sign-in-passkey",
            html(&SignInPage {
                layout: plain_layout("Sign in", "sign-in"),
                has_passkeys: true,
                passkey_error: "This passkey is not known here. It may have been removed, or belong to \
                                somebody else."
                    .to_owned(),
                ..SignInPage::default()
            }),
        ),
        (
            "sign-in-passkey-only",
            html(&SignInPage {
                layout: plain_layout("Sign in", "sign-in"),
                next: "/w/1/today".to_owned(),
                ways: OfferedWays::new(Ways::NONE.with(Way::Passkeys, true)),
                has_passkeys: true,
                ..SignInPage::default()
            }),
        ),
        (
            "sign-in-password-only",
            html(&SignInPage {
                layout: plain_layout("Sign in", "sign-in"),
                next: "/w/1/today".to_owned(),
                ways: OfferedWays::new(Ways::NONE.with(Way::Passwords, true)),
                ..SignInPage::default()
            }),
        ),
        (
            "new-password",
            html(&NewPasswordPage {
                layout: plain_layout("Choose another password", "new-password"),
                email: "ann@example.org".to_owned(),
                new_error: "This is the password you have. Choose another one.".to_owned(),
                guidance: "Four or five words that nobody would expect together are easy to keep and \
                           hard to guess.",
                ..NewPasswordPage::default()
            }),
        ),
        (
            "code",
            html(&CodePage {
                layout: plain_layout("Code", "code"),
                email: "ann@example.org".to_owned(),
                code: Field::default(),
                mail_note: mail_note.to_owned(),
                ..CodePage::default()
            }),
        ),
        (
            "second",
            html(&SecondPage {
                layout: plain_layout("One more step", "second"),
                strong: Strong { has_app: true, has_passkey: false },
                code: Field::new("123 456").with_error("This code is wrong. 4 tries are left."),
                ..SecondPage::default()
            }),
        ),
        (
            "second-passkey",
            html(&SecondPage {
                layout: plain_layout("One more step", "second"),
                strong: Strong { has_app: false, has_passkey: true },
                passkey_error: "This passkey is not known here.".to_owned(),
                ..SecondPage::default()
            }),
        ),
        (
            "second-mail",
            html(&SecondPage {
                layout: plain_layout("One more step", "second"),
                is_by_mail: true,
                mail_note: mail_note.to_owned(),
                ..SecondPage::default()
            }),
        ),
        (
            "second-over",
            html(&SecondPage {
                layout: plain_layout("One more step", "second"),
                is_over: true,
                code: Field::default().with_error("Ten minutes are over."),
                ..SecondPage::default()
            }),
        ),
        (
            "confirm-link",
            html(&ConfirmLinkPage {
                layout: plain_layout("Sign in", "confirm-link"),
                heading: "Sign in as ann@example.org".to_owned(),
                text: "The link works once, and only in this browser window.".to_owned(),
                action: "/sign-in/link".to_owned(),
                token: "secret".to_owned(),
                button: "Sign in".to_owned(),
            }),
        ),
        (
            "set-up",
            html(&SetUpPage {
                layout: plain_layout("Set up", "set-up"),
                action: "/set-up".to_owned(),
                token: "secret".to_owned(),
                zone: Field::new("Europe/Berlin"),
                zones: zones(),
                week_start: week_start(),
                ..SetUpPage::default()
            }),
        ),
        (
            "join",
            html(&JoinPage {
                layout: plain_layout("Join", "join"),
                action: "/join".to_owned(),
                                workspace: "Larch & Sons".to_owned(),
                text: "Ann van der Berg invited you as a member.".to_owned(),
                email: "rosa@example.org".to_owned(),
                zone: Field::new("Europe/Madrid"),
                zones: zones(),
                ..JoinPage::default()
            }),
        ),
        ("device", html(&device(None, ""))),
        (
            "device-confirm",
            html(&device(
                Some(DeviceProgram {
                    name: "tp on kitchen-laptop".to_owned(),
                    workspaces: Select::of([("1", "Larch & Sons"), ("2", "Harbour Studio")], "1"),
                    lives: Select::of([("7", "A week"), ("90", "90 days")], "90"),
                    asked: "a minute ago".to_owned(),
                }),
                "",
            )),
        ),
        ("device-done", html(&device(None, "It is in"))),
        (
            "choose",
            html(&ChooseWorkspacePage {
                layout: plain_layout("Choose a workspace", "choose"),
                workspaces: vec![link("Larch & Sons"), link("Harbour Studio")],
                ..ChooseWorkspacePage::default()
            }),
        ),
        (
            "proof",
            html(&ProofPage {
                mail_note: mail_note.to_owned(),
                ..ProofPage::code(
                    plain_layout("Is it you?", "proof"),
                    &Kept::default(),
                    None,
                    Field::new("WDJB").with_error("This code is wrong. 4 tries are left."),
                )
            }),
        ),
        (
            "proof-app",
            html(&ProofPage::strong(
                plain_layout("Is it you?", "proof"),
                &Kept::default(),
                Strong { has_app: true, has_passkey: false },
                None,
                Field::default(),
            )),
        ),
        (
            "proof-passkey",
            html(&ProofPage {
                passkey_error: "This did not work. Try again.".to_owned(),
                ..ProofPage::strong(
                    plain_layout("Is it you?", "proof"),
                    &Kept::default(),
                    Strong { has_app: false, has_passkey: true },
                    None,
                    Field::default(),
                )
            }),
        ),
        ("signed-out", html(&SignedOutPage { layout: plain_layout("Signed out", "signed-out") })),
        ("error-404", error(404)),
        ("error-403", error(403)),
        ("error-429", error(429)),
        ("error-503", error(503)),
    ]
}
