//! How often one network may ask for codes, by the addresses that requests really come from.

use std::{net::SocketAddr, sync::Arc};

use app::identity::claim_due_letters;
use clap::Parser;
use server::{
    config::Config,
    router::router,
    state::{Providers, Server},
};

use crate::{
    support::{Api, both},
    visit::{Browser, HOUR, directory, somebody, wait_s},
};

/// `MOST_OF_NETWORK` of the policy: attempts of a network in an hour.
const MOST: usize = 20;

/// The same world behind a server with these flags.
fn with_flags(mut api: Api, flags: &[&str]) -> Api {
    #[derive(Parser)]
    struct Arguments {
        #[command(flatten)]
        config: Config,
    }
    let flags = std::iter::once("timeproof").chain(flags.iter().copied());
    let config = Arguments::parse_from(flags).config;
    config.check().unwrap();
    api.router = router(Server::new(api.world.app.clone(), Arc::new(config), Providers::default()));
    api
}

/// Asks for a code from an address, through whoever is at the other end of the line.
async fn ask(api: &Api, peer: &str, forwarded: &str, email: &str) {
    let mut browser = Browser::new(api);
    let peer: SocketAddr = peer.parse().unwrap();
    browser.way = Some((peer, forwarded.to_owned()));
    assert_eq!(browser.get("/sign-in").await.status, 200);
    let answer = browser.post("/sign-in", &[("email", email)]).await;
    // The same page for everybody, whatever becomes of it.
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// How many letters went out since the last look.
async fn letters(api: &Api) -> usize {
    directory(api, |op| claim_due_letters(op, 50)).await.letters.len()
}

#[test]
fn behind_a_proxy_networks_are_those_of_the_clients() {
    both(async |api| {
        somebody(&api, "ann@example.org").await;
        let flags = ["--behind-proxy", "10.0.0.0/8", "--public-url", "https://time.example.com"];
        let api = with_flags(api, &flags);
        let proxy = "10.0.0.1:40000";
        // From all over one /64, for addresses that nobody has, with lies to the left.
        for number in 0..MOST {
            let from = format!("192.0.2.{number}, 2001:db8:1:2:{number:x}::{number:x}");
            ask(&api, proxy, &from, &format!("nobody{number}@example.org")).await;
        }
        assert_eq!(letters(&api).await, 0);
        ask(&api, proxy, "198.51.100.1, 2001:db8:1:2:ffff::1", "ann@example.org").await;
        assert_eq!(letters(&api).await, 0, "that network has asked enough");
        // The next network, and one that the other only claimed to be, have asked nothing yet.
        ask(&api, proxy, "2001:db8:1:3::1", "ann@example.org").await;
        assert_eq!(letters(&api).await, 1);
        ask(&api, proxy, "192.0.2.7", "ann@example.org").await;
        assert_eq!(letters(&api).await, 1);
        wait_s(&api, HOUR + 1);
        ask(&api, proxy, "2001:db8:1:2::1", "ann@example.org").await;
        assert_eq!(letters(&api).await, 1, "an hour later it may again");
    });
}

#[test]
fn without_a_proxy_nobody_says_where_they_come_from() {
    both(async |api| {
        somebody(&api, "ann@example.org").await;
        for number in 0..MOST {
            let (peer, claimed) =
                (format!("198.51.100.7:{}", 40_000 + number), format!("192.0.2.{number}"));
            ask(&api, &peer, &claimed, &format!("nobody{number}@example.org")).await;
        }
        ask(&api, "198.51.100.7:50000", "192.0.2.99", "ann@example.org").await;
        assert_eq!(letters(&api).await, 0);
        ask(&api, "198.51.100.8:50000", "198.51.100.7", "ann@example.org").await;
        assert_eq!(letters(&api).await, 1);
    });
}
