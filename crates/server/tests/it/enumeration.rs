//! T-ENUM (security.md): what a stranger sees of an address is the same whether it is somebody's or
//! nobody's, byte for byte and in time. Somebody is a member of a workspace with a password, to whom mail
//! really goes; or who was, and is disabled now.
//!
//! Each answer of a run is compared with the others of its round. Whether the times can be told apart
//! takes many rounds and a quiet machine: `cargo xtask soak`.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use app::identity::{
    add_membership, claim_due_letters, insert_workspace, mark_sent, mark_workspace_ready,
};
use domain::ids::MemberId;
use serde_json::json;
use store::Statement;
use vault::password::Cost;

use crate::{
    alike::Seen,
    browser::Browser,
    brute::with_passwords,
    cases::Where,
    process::{Place, Running, path_of, rounds},
    statistics::find_difference,
    support::{Api, both},
    visit::{Browser as Page, directory, somebody},
};

/// A form before which nobody is signed in.
struct Door {
    what: &'static str,
    path: &'static str,
    /// Whether the browser has asked for a code before.
    asks_first: bool,
    /// Whether the address is among the fields.
    takes_address: bool,
    fields: &'static str,
    status: u16,
}

const DOORS: [Door; 5] = [
    Door {
        what: "asks for a code",
        path: "/sign-in",
        asks_first: false,
        takes_address: true,
        fields: "way=code",
        status: 200,
    },
    Door {
        what: "tries a password",
        path: "/sign-in",
        asks_first: false,
        takes_address: true,
        fields: "way=password&password=a+wrong+password",
        status: 422,
    },
    Door {
        what: "replaces a password",
        path: "/sign-in/password",
        asks_first: false,
        takes_address: true,
        fields: "current_password=a+wrong+password&new_password=quiet+lamps+over+wet+roofs",
        status: 422,
    },
    Door {
        what: "tries a code",
        path: "/sign-in/code",
        asks_first: true,
        takes_address: true,
        fields: "code=AAAA-AAAA",
        status: 422,
    },
    Door {
        what: "tries a second step that nobody has begun",
        path: "/sign-in/second",
        asks_first: true,
        takes_address: false,
        fields: "code=000000",
        status: 422,
    },
];

/// Whose address it is; equally long, so that the pages are.
const WHO: [&str; 3] = ["known", "ended", "never"];

fn address(who: &str, number: usize) -> String {
    format!("{who}-{number:05}@example.com")
}

/// Knocks at doors, each time from a network that nobody came from.
struct Street<'a> {
    server: &'a Running,
    networks: u32,
}

impl Street<'_> {
    fn knock(&mut self, door: &Door, address: &str) -> (Duration, Seen) {
        self.networks += 1;
        let from = Ipv4Addr::from_bits(0x0b00_0000 + self.networks).to_string();
        let headers = [("Sec-Fetch-Site", "same-origin"), ("X-Forwarded-For", from.as_str())];
        let typed = address.replace('@', "%40");
        let mut browser = Browser::new(self.server);
        browser.send("GET", "/sign-in", &headers, "");
        if door.asks_first {
            let asks = browser.jar.signed(&format!("email={typed}"));
            assert_eq!(browser.send("POST", "/sign-in", &headers, &asks).status, 200);
        }
        let with_address =
            if door.takes_address { format!("email={typed}&") } else { String::new() };
        let body = browser.jar.signed(&format!("{with_address}{}", door.fields));
        let asked = Instant::now();
        let answer = browser.send("POST", door.path, &headers, &body);
        let took = asked.elapsed();
        assert_eq!(answer.status, door.status, "{}: {}", door.what, answer.text());
        let csrf = browser.jar.csrf.clone();
        (took, Seen::over_line(&answer, &[address, &typed, &csrf]))
    }
}

/// Checks of passwords cost the least that is allowed: what is looked for is not hidden behind them.
fn make_checks_cheap(place: &Place) {
    place.with_app(async |app| {
        let cheap = Statement::new(
            "test.cheap",
            "UPDATE instance SET password_memory_kib = $1, password_passes = $2",
        );
        let cost = [i64::from(Cost::FLOOR.memory_kib()), i64::from(Cost::FLOOR.passes())];
        let directory = app.store().directory();
        let written = directory.write(move |tx| tx.execute(&cheap, &cost.map(Into::into)));
        let written: Result<u64, store::StoreError> = written.await;
        assert_eq!(written.unwrap(), 1);
    });
}

/// Half of them are disabled.
fn settle(place: &Place, pairs: usize) {
    place.furnish();
    make_checks_cheap(place);
    let of = |who: &str| (0..pairs).map(|number| address(who, number)).collect::<Vec<_>>();
    let ended = of("ended");
    with_passwords(place, &[of("known"), ended.clone()].concat());
    place.with_app(async |app| {
        for email in ended {
            let email = app::input::address("email", &email).unwrap();
            let request = app.new_request();
            let user = app.find_or_create_person(request, email).await.unwrap();
            app.write_directory(request, move |op| app::identity::disable_person(op, user))
                .await
                .unwrap();
        }
    });
}

/// Every door, turn by turn for the three; who comes after whom changes, as a letter that goes out is felt
/// by who comes next.
fn every_door_is_the_same(place: &Place, engine: &str) {
    let pairs = rounds(3, 2_000);
    settle(place, pairs);
    let proxy = ["--behind-proxy", "127.0.0.0/8", "--public-url", "https://time.example"];
    // So many wrong ones are an attack, whose work would be all that is measured.
    let server = place.start(&[&proxy[..], &["--password-work", "never"]].concat());
    let mut street = Street { server: &server, networks: 0 };
    let mut told_apart = Vec::new();
    for door in &DOORS {
        street.knock(door, &address("first", 0));
        let mut times: [Vec<Duration>; 3] = Default::default();
        for number in 0..pairs {
            let mut seen: [Option<Seen>; 3] = Default::default();
            let mut turns = [0, 1, 2];
            turns.rotate_left(number % 3);
            if number / 3 % 2 == 1 {
                turns.reverse();
            }
            for who in turns {
                let (took, saw) = street.knock(door, &address(WHO[who], number));
                times[who].push(took);
                seen[who] = Some(saw);
            }
            assert_eq!(seen[0], seen[2], "{}: somebody's and nobody's", door.what);
            assert_eq!(seen[1], seen[2], "{}: a disabled one's and nobody's", door.what);
        }
        let [known, ended, never] = times;
        let comparisons = 2 * DOORS.len();
        let (one, other) = (never.clone(), never);
        let (first, second) = (
            format!("{engine}: {}, known", door.what),
            format!("{engine}: {}, disabled", door.what),
        );
        told_apart.extend(find_difference(&first, known, one, comparisons));
        told_apart.extend(find_difference(&second, ended, other, comparisons));
    }
    wrote_to_the_known_alone(place, pairs);
    assert!(told_apart.is_empty(), "{told_apart:#?}");
}

/// The letters of the codes: three to each who is known, and to nobody else.
fn wrote_to_the_known_alone(place: &Place, pairs: usize) {
    let wanted = 3 * pairs;
    let begun = Instant::now();
    let letters = || -> Vec<String> {
        let files = std::fs::read_dir(place.data().join("mail")).unwrap();
        let texts =
            files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap_or_default());
        texts.filter(|text| text.contains("/sign-in/link/")).collect()
    };
    while letters().len() < wanted {
        assert!(begun.elapsed() < Duration::from_mins(5), "{} of {wanted}", letters().len());
        std::thread::yield_now();
    }
    assert!(letters().iter().all(|text| text.contains("known-")));
    assert_eq!(letters().len(), wanted);
}

#[test]
fn enum_every_door_is_the_same_for_everybody_on_sqlite() {
    every_door_is_the_same(&Place::sqlite(), "sqlite");
}

#[test]
fn enum_every_door_is_the_same_for_everybody_on_postgres() {
    every_door_is_the_same(&Place::postgres(testkit::postgres::cluster().url()), "postgres");
}

/// Who invites learns of nobody whether they have an account here: not by the answer, not by the list, not
/// by the page that the invitation leads to. An invitation signs nobody in who has one.
#[test]
fn enum_an_invitation_tells_nobody_who_is_known_here() {
    both(async |api| {
        let addresses = ["known@example.org", "never@example.org"];
        elsewhere(&api, addresses[0]).await;
        let mut seen = Vec::new();
        for address in addresses {
            let body = json!({ "email": address, "role": "member" });
            let invited = api.ask("owner", "POST", "/invitations").json(&body).send().await;
            assert_eq!(invited.status, 201, "{}", invited.text());
            let id = invited.id().to_string();
            let listed = api.ask("owner", "GET", "/invitations").send().await;
            let again = api.ask("owner", "POST", "/invitations").json(&body).send().await;
            assert_eq!(again.status, 409, "{}", again.text());
            let problem = again.json()["request_id"].as_str().unwrap().to_owned();
            let mut browser = Page::new(&api);
            let path = invitation_path(&api, address).await;
            let token = path.rsplit('/').next().unwrap().to_owned();
            let shown = browser.get(&path).await;
            assert_eq!(shown.status, 200, "{}", shown.text());
            let csrf = browser.jar.csrf.clone();
            let own = [address, &id, &problem, &token, &csrf];
            seen.push([invited, listed, again, shown].map(|answer| Seen::of(&answer, &own)));
            // Who reads that mailbox knows whether it has an account: it is asked for, or begun.
            let joined = browser.post(&path, &[("name", "A guest"), ("zone", "UTC")]).await;
            assert_eq!(joined.status, 303, "{}", joined.text());
            assert_eq!(browser.who().await.is_some(), address == addresses[1]);
            // The second list is as long as the first one was.
            api.ask("owner", "DELETE", &format!("/invitations/{id}")).send().await;
        }
        assert_eq!(seen[0], seen[1]);
    });
}

/// Somebody who has an account, in a workspace that the inviting owner has nothing to do with.
async fn elsewhere(api: &Api, address: &str) {
    let (app, workspace) = (&api.world.app, api.world.elsewhere);
    let address = app::input::address("email", address).unwrap();
    let user = app.find_or_create_person(app.new_request(), address).await.unwrap();
    let member = MemberId::from_uuid(api.newcomer_who(Where::Elsewhere, user).await);
    let here = api.world.workspace;
    directory(api, move |op| {
        insert_workspace(op, here)?;
        mark_workspace_ready(op, here)?;
        insert_workspace(op, workspace)?;
        mark_workspace_ready(op, workspace)?;
        add_membership(op, user, workspace, member)
    })
    .await;
}

/// Where the invitation to this address leads.
async fn invitation_path(api: &Api, address: &str) -> String {
    let letters = directory(api, |op| {
        let letters = claim_due_letters(op, 10)?.letters;
        letters.iter().try_for_each(|letter| mark_sent(op, letter.id))?;
        Ok(letters)
    })
    .await;
    let letter = letters.iter().find(|letter| letter.letter.to().as_str() == address).unwrap();
    let link = letter.letter.body().lines().map(str::trim).find(|line| line.starts_with("http"));
    path_of(link.unwrap())
}

/// A code of `tp login` tells nobody anything who is not signed in, and a program that guesses is answered
/// the same whether somebody waits, was refused, or never asked.
#[test]
fn enum_a_program_s_code_tells_nothing() {
    both(async |api| {
        let name = domain::text::Name::parse("tp on wombat").unwrap();
        let grant = directory(&api, move |op| app::identity::start_grant(op, &name)).await;
        let (right, wrong) = (grant.user_code.expose().clone(), "BBBB-BBBB".to_owned());
        let mut seen = Vec::new();
        for code in [&right, &wrong] {
            let mut browser = Page::new(&api);
            let path = format!("/device?user_code={code}");
            let shown = browser.get(&path).await;
            assert_eq!(shown.status, 303, "whoever is not signed in learns nothing");
            let next = serde_urlencoded::to_string([("", path.as_str())]).unwrap();
            let encoded = next.trim_start_matches('=').to_owned();
            let asked = browser.get(shown.header("location")).await;
            assert_eq!(asked.status, 200);
            let csrf = browser.jar.csrf.clone();
            seen.push([shown, asked].map(|answer| Seen::of(&answer, &[&encoded, code, &csrf])));
        }
        assert_eq!(seen[0], seen[1]);
        let denied = directory(&api, {
            let name = domain::text::Name::parse("tp on wombat").unwrap();
            move |op| app::identity::start_grant(op, &name)
        })
        .await;
        let user = somebody(&api, "ann@example.org").await;
        let code = denied.user_code.expose().clone();
        directory(&api, move |op| app::identity::deny_grant(op, &code, user)).await;
        let never = "A".repeat(denied.device_code.expose().len());
        let mut seen = Vec::new();
        for code in [denied.device_code.expose(), &never] {
            let body = json!({ "device_code": code });
            let answer = api.bare("POST", "/device-grants/collect").json(&body).send().await;
            assert_eq!(answer.outcome(), "409 grant.not_valid");
            let request = answer.json()["request_id"].as_str().unwrap().to_owned();
            seen.push(Seen::of(&answer, &[&request]));
        }
        assert_eq!(seen[0], seen[1]);
    });
}
