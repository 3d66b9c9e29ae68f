//! A server that is told to stop: whoever holds a connection, or a mail server that says nothing,
//! holds no stop and no update up.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use crate::{
    browser::Browser,
    live::{AT_LAST, Stream, signed_in},
    process::Place,
};

#[test]
fn an_open_tab_does_not_hold_the_server_up() {
    let place = Place::sqlite();
    let owner = place.furnish();
    let mut server = place.start(&[]);
    let browser = signed_in(&mut server, &owner);
    let stream = Stream::open(&server, &browser, owner.workspace);
    let began = Instant::now();
    assert!(server.terminate());
    assert!(began.elapsed() < AT_LAST, "{:?}", began.elapsed());
    assert_eq!(stream.end(), None, "it ends as a stream does, and the page comes back by itself");
}

#[test]
fn the_second_ctrl_c_stops_it_at_once() {
    let place = Place::sqlite();
    let mut server = place.start(&[]);
    // Its body never comes, and a stop would wait for it.
    let mut line = server.line();
    let head = "POST /api/v1/device-grants HTTP/1.1\r\nHost: localhost\r\nContent-Type: \
                application/json\r\nContent-Length: 500\r\n\r\n{";
    line.say(head.as_bytes()).unwrap();
    // Until it is being answered.
    std::thread::sleep(Duration::from_secs(1));
    let began = Instant::now();
    server.signal("INT");
    std::thread::sleep(Duration::from_secs(1));
    assert!(server.is_up(), "it waits for those who are being answered");
    server.signal("INT");
    assert!(server.wait());
    assert!(began.elapsed() < AT_LAST, "{:?}", began.elapsed());
}

#[test]
fn a_mail_server_that_says_nothing_does_not_hold_it_up() {
    let place = Place::sqlite();
    place.furnish();
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("smtp-plain://{}", mute.local_addr().unwrap());
    let mut server = place.start(&["--smtp", &address]);
    let mut browser = Browser::new(&server);
    browser.get("/sign-in");
    assert_eq!(browser.post("/sign-in", &[("email", "owner@example.com")]).status, 200);
    let (_held, _) = mute.accept().unwrap();
    let began = Instant::now();
    assert!(server.terminate());
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
}
