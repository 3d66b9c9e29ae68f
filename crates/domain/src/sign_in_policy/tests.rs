use proptest::prelude::*;

use super::*;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/ways-in.md");

/// The policies of the table, each with its heading.
fn policies() -> Vec<(&'static str, SignInPolicy)> {
    let without =
        |way| SignInPolicy { ways: Ways::all().with(way, false), ..SignInPolicy::default() };
    let rule = |second_factor| SignInPolicy { second_factor, ..SignInPolicy::default() };
    // From where nobody of the table comes.
    let networks = parse_networks("203.0.113.0/24").unwrap();
    vec![
        ("as delivered", SignInPolicy::default()),
        ("no passwords", without(Way::Passwords)),
        ("no mail", without(Way::Mail)),
        ("no passkeys", without(Way::Passkeys)),
        ("no providers", without(Way::Providers)),
        ("second factor", rule(SecondFactorRule::Required)),
        ("strong second factor", rule(SecondFactorRule::Strong)),
        ("other addresses", SignInPolicy { networks, ..SignInPolicy::default() }),
    ]
}

fn words(first: FirstFactor) -> &'static str {
    match first {
        FirstFactor::MailCode => "code from a mail",
        FirstFactor::MailLink => "link from a mail",
        FirstFactor::Password => "password",
        FirstFactor::Passkey => "passkey",
        FirstFactor::Provider => "provider",
        FirstFactor::Invitation => "link of an invitation",
        FirstFactor::PrintedLink => "link printed by the operator",
    }
}

fn second_words(second: Option<SecondFactor>) -> &'static str {
    match second {
        None => "–",
        Some(SecondFactor::Totp) => "authenticator app",
        Some(SecondFactor::RecoveryCode) => "recovery code",
        Some(SecondFactor::MailCode) => "code from a mail",
        Some(SecondFactor::Passkey) => "passkey",
        Some(SecondFactor::Provider) => "asked for by the provider",
    }
}

fn seconds() -> impl Iterator<Item = Option<SecondFactor>> {
    [None].into_iter().chain(SecondFactor::ALL.iter().copied().map(Some))
}

fn row(first: &str, second: &str, cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.collect();
    format!("| {first} | {second} | {} |", cells.join(" | "))
}

fn printed_table() -> String {
    let names = policies().into_iter().map(|(name, _)| name.to_owned());
    let mut lines = vec![row("first", "second", names)];
    lines.push(format!("|{}", "---|".repeat(policies().len() + 2)));
    for first in FirstFactor::ALL {
        for second in seconds() {
            let cells = policies().into_iter().map(|(_, policy)| {
                let met = policy.check(*first, second, None);
                met.map_or_else(Unmet::as_str, |()| "yes").to_owned()
            });
            lines.push(row(words(*first), second_words(second), cells));
        }
    }
    lines.join("\n") + "\n"
}

#[test]
fn the_table_is_in_the_docs() {
    const BEGIN: &str = "<!-- printed by the tests of domain::sign_in_policy -->\n";
    const END: &str = "<!-- end -->\n";
    let text = std::fs::read_to_string(GOLDEN).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (found, after) = rest.split_once(END).unwrap();
    let printed = printed_table();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(GOLDEN, format!("{before}{BEGIN}{printed}{END}{after}")).unwrap();
        return;
    }
    assert!(printed == found, "ways in changed: run with UPDATE_GOLDEN=1 and review the diff");
}

#[test]
fn a_mail_after_a_mail_is_one_factor() {
    let required =
        SignInPolicy { second_factor: SecondFactorRule::Required, ..SignInPolicy::default() };
    for first in [FirstFactor::MailCode, FirstFactor::MailLink, FirstFactor::Invitation] {
        let twice = required.check(first, Some(SecondFactor::MailCode), None);
        assert_eq!(twice, Err(Unmet::SecondFactor), "{first}");
        assert_eq!(required.check(first, Some(SecondFactor::Totp), None), Ok(()), "{first}");
    }
}

#[test]
fn a_passkey_is_two_factors_and_a_provider_is_believed_for_its_own_sign_ins_alone() {
    let strong =
        SignInPolicy { second_factor: SecondFactorRule::Strong, ..SignInPolicy::default() };
    assert_eq!(strong.check(FirstFactor::Passkey, None, None), Ok(()));
    let asked = Some(SecondFactor::Provider);
    for first in FirstFactor::ALL {
        let is_in = strong.check(*first, asked, None).is_ok();
        assert_eq!(is_in, matches!(first, FirstFactor::Provider | FirstFactor::Passkey), "{first}");
        assert_eq!(strong.check(*first, Some(SecondFactor::Passkey), None), Ok(()), "{first}");
    }
}

#[test]
fn every_way_is_forbidden_by_itself() {
    for way in Way::ALL {
        let ways = Ways::all().with(*way, false);
        let policy = SignInPolicy { ways, ..SignInPolicy::default() };
        for first in FirstFactor::ALL {
            let met = policy.check(*first, None, None);
            let expected = if first.way() == Some(*way) { Err(way.forbidden()) } else { Ok(()) };
            assert_eq!(met, expected, "{first} without {way}");
        }
    }
    let nothing = SignInPolicy { ways: Ways::NONE, ..SignInPolicy::default() };
    assert!(nothing.locks_everybody_out() && !SignInPolicy::default().locks_everybody_out());
}

#[test]
fn ranges_are_read_as_people_write_them() {
    let shown = |text: &str| {
        parse_networks(text)
            .map(|networks| networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(shown(""), Ok(String::new()));
    assert_eq!(
        shown(" 192.0.2.17 ,\n 10.1.2.3/8;10.0.0.0/8"),
        Ok("192.0.2.17/32 10.0.0.0/8".into())
    );
    assert_eq!(shown("::ffff:192.0.2.0/120"), Ok("192.0.2.0/24".into()));
    assert_eq!(shown("2001:db8::/129"), Err(NetworksError::Unreadable("2001:db8::/129".into())));
    for wrong in ["office", "10.0.0.0/33", "10.0.0/8", "1.2.3.4/", "300.1.1.1"] {
        assert_eq!(shown(wrong), Err(NetworksError::Unreadable(wrong.into())));
    }
    let many: Vec<String> = (0..51).map(|n| format!("10.0.{n}.0/24")).collect();
    assert_eq!(shown(&many.join(" ")), Err(NetworksError::TooMany));
}

#[test]
fn an_address_is_the_same_however_it_is_written() {
    let networks = parse_networks("192.0.2.0/24 2001:db8::/32").unwrap();
    let policy = SignInPolicy { networks, ..SignInPolicy::default() };
    let at = |text: &str| policy.check_network(Some(text.parse().unwrap())).is_ok();
    assert!(at("192.0.2.200") && at("::ffff:192.0.2.200") && at("2001:db8::5"));
    assert!(!at("192.0.3.1") && !at("::ffff:192.0.3.1") && !at("2001:db9::"));
    assert_eq!(
        policy.check_network(None),
        Err(Unmet::Network),
        "from nowhere is from none of them"
    );
}

fn any_first() -> impl Strategy<Value = FirstFactor> {
    proptest::sample::select(FirstFactor::ALL)
}

fn any_second() -> impl Strategy<Value = Option<SecondFactor>> {
    proptest::option::of(proptest::sample::select(SecondFactor::ALL))
}

fn any_policy() -> impl Strategy<Value = SignInPolicy> {
    let rule = proptest::sample::select(SecondFactorRule::ALL);
    (0..16_u8, rule).prop_map(|(bits, second_factor)| SignInPolicy {
        ways: Ways(bits),
        second_factor,
        networks: Vec::new(),
    })
}

proptest! {
    #[test]
    fn a_stricter_policy_lets_nobody_in_whom_a_looser_one_refuses(
        policy in any_policy(), first in any_first(), second in any_second(),
    ) {
        let loose = SignInPolicy::default();
        prop_assert!(loose.check(first, second, None).is_ok());
        let fewer = Way::ALL.iter().map(|way| policy.ways.with(*way, false));
        let stricter = fewer
            .map(|ways| SignInPolicy { ways, ..policy.clone() })
            .chain([SignInPolicy { second_factor: SecondFactorRule::Strong, ..policy.clone() }]);
        for stricter in stricter {
            let is_in = stricter.check(first, second, None).is_ok();
            prop_assert!(!is_in || policy.check(first, second, None).is_ok());
        }
    }

    #[test]
    fn a_strong_second_factor_is_missing_nowhere(policy in any_policy(), first in any_first()) {
        let unmet = policy.check(first, Some(SecondFactor::Totp), None);
        let is_second = matches!(unmet, Err(Unmet::SecondFactor | Unmet::StrongSecondFactor));
        prop_assert!(!is_second);
    }

    #[test]
    fn reading_what_is_written_gives_the_same(texts in proptest::collection::vec(any::<(u32, u8)>(), 0..9)) {
        let texts: Vec<String> = texts.iter().map(|(address, prefix)| {
            format!("{}/{}", std::net::Ipv4Addr::from_bits(*address), prefix % 33)
        }).collect();
        let networks = parse_networks(&texts.join(" ")).unwrap();
        let written: Vec<String> = networks.iter().map(ToString::to_string).collect();
        prop_assert_eq!(parse_networks(&written.join("\n")).unwrap(), networks);
    }

    #[test]
    fn nothing_that_is_typed_panics(text in "\\PC{0,80}") {
        let _ = parse_networks(&text);
    }
}

#[test]
fn what_keeps_out_more_is_stricter() {
    let of = |networks: &str| SignInPolicy {
        networks: parse_networks(networks).unwrap(),
        ..SignInPolicy::default()
    };
    let stricter = |after: &SignInPolicy, before: &SignInPolicy| after.is_stricter_than(before);
    let open = SignInPolicy::default();
    assert!(!stricter(&open, &open));
    for way in Way::ALL {
        let without = SignInPolicy { ways: Ways::all().with(*way, false), ..open.clone() };
        assert!(stricter(&without, &open) && !stricter(&open, &without), "{way}");
    }
    let rule = |second_factor| SignInPolicy { second_factor, ..SignInPolicy::default() };
    let [optional, required, strong] =
        [SecondFactorRule::Optional, SecondFactorRule::Required, SecondFactorRule::Strong]
            .map(rule);
    assert!(stricter(&required, &optional) && stricter(&strong, &required));
    assert!(!stricter(&required, &strong) && !stricter(&optional, &required));
    for (after, before, expected) in [
        ("192.0.2.0/24", "", true),
        ("", "192.0.2.0/24", false),
        ("192.0.2.0/24", "192.0.2.7", false),
        ("192.0.2.7", "192.0.2.0/24", true),
        ("192.0.2.0/24 2001:db8::/32", "192.0.2.0/24", false),
        ("192.0.2.0/24", "192.0.2.0/24 2001:db8::/32", true),
        ("192.0.2.0/25 192.0.2.128/25", "192.0.2.0/24", false),
        ("198.51.100.0/24", "192.0.2.0/24", true),
    ] {
        assert_eq!(stricter(&of(after), &of(before)), expected, "{before} -> {after}");
    }
    // One thing more lenient makes up for none that is stricter.
    let both = SignInPolicy { ways: Ways::all().with(Way::Mail, false), ..optional };
    assert!(stricter(&both, &strong));
}
