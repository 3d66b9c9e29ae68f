//! A browser without a window: cookies, forms with their token, the headers browsers send.

use serde_urlencoded::to_string;

use crate::{
    jar::Jar,
    line::{Answer, Line},
    process::{Letter, Running, path_of},
};

/// A browser of one person.
pub(crate) struct Browser {
    port: u16,
    line: Line,
    pub(crate) jar: Jar,
}

impl Browser {
    pub(crate) fn new(server: &Running) -> Self {
        Self { port: server.port, line: server.line(), jar: Jar::default() }
    }

    /// A browser at another address, over this line.
    pub(crate) fn over(line: Line, server: &Running) -> Self {
        Self { port: server.port, line, jar: Jar::default() }
    }

    /// A browser of a server that is known by its port alone.
    pub(crate) fn at(port: u16) -> Self {
        Self { port, line: Line::open(port).unwrap(), jar: Jar::default() }
    }

    /// Another connection to the same server.
    pub(crate) fn line_of_its_own(&self) -> Line {
        Line::open(self.port).unwrap()
    }

    /// What browsers call our own site.
    pub(crate) fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    pub(crate) fn cookie(&self) -> String {
        self.jar.header()
    }

    /// The value of the cookie whose name begins so.
    pub(crate) fn value(&self, begin: &str) -> Option<&str> {
        let is_it = |name: &str| name.trim_start_matches("__Host-").starts_with(begin);
        self.jar.cookies.iter().find(|(name, _)| is_it(name)).map(|(_, value)| value.as_str())
    }

    /// Exactly these headers, and the cookies.
    pub(crate) fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let cookie = self.cookie();
        let mut all = headers.to_vec();
        if !cookie.is_empty() {
            all.push(("Cookie", &cookie));
        }
        if !body.is_empty() {
            all.push(("Content-Type", "application/x-www-form-urlencoded"));
        }
        // A connection that was closed meanwhile is opened again, as browsers do.
        let answer = self.line.ask(method, path, &all, body.as_bytes()).or_else(|_| {
            self.line = Line::open(self.port)?;
            self.line.ask(method, path, &all, body.as_bytes())
        });
        let answer = answer.unwrap();
        self.note(&answer);
        answer
    }

    /// As [`Browser::send`], where the answer to HEAD has a length and no body.
    pub(crate) fn send_without_body(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        if method != "HEAD" {
            return self.send(method, path, headers, "");
        }
        let cookie = self.cookie();
        let mut head = format!("HEAD {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n");
        for (name, value) in headers {
            head = format!("{head}{name}: {value}\r\n");
        }
        let mut line = Line::open(self.port).unwrap();
        line.say(format!("{head}\r\n").as_bytes()).unwrap();
        let answer = line.head().unwrap();
        self.note(&answer);
        answer
    }

    /// Opens a page.
    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[("Sec-Fetch-Site", "none")], "")
    }

    /// Sends the form of the last page.
    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = self.jar.signed(&to_string(fields).unwrap());
        let origin = self.origin();
        let headers = [("Sec-Fetch-Site", "same-origin"), ("Origin", origin.as_str())];
        self.send("POST", path, &headers, &body)
    }

    /// Asks for a code, and gives the answer.
    pub(crate) fn ask_for_code(&mut self, email: &str) -> Answer {
        self.get("/sign-in");
        self.post("/sign-in", &[("email", email)])
    }

    /// Signs in with a code from the mail; where it leads to.
    pub(crate) fn sign_in(&mut self, server: &mut Running, email: &str) -> Letter {
        assert_eq!(self.ask_for_code(email).status, 200);
        let letter = server.letter();
        let entered = self.post("/sign-in/code", &[("code", &letter.code())]);
        assert_eq!(entered.status, 303, "{}", entered.text());
        letter
    }

    /// Sets the first workspace up; its address below `/w/`.
    pub(crate) fn set_up(&mut self, server: &mut Running, words: [&str; 3]) -> String {
        let link = server.hear("Set up: ").expect("a set-up link");
        let today = self.set_up_by(&link, words);
        let root = today.strip_suffix("/today").unwrap().to_owned();
        assert_eq!(self.get(&format!("{root}/today")).status, 200);
        root
    }

    /// Sets a workspace up by a printed link; where it leads to.
    pub(crate) fn set_up_by(&mut self, link: &str, words: [&str; 3]) -> String {
        let place = self.get(&path_of(link)).header("location").to_owned();
        assert_eq!(self.get(&place).status, 200);
        let [workspace, name, email] = words;
        let fields = [
            ("workspace", workspace),
            ("name", name),
            ("email", email),
            ("zone", "Europe/Berlin"),
            ("week_start", "monday"),
        ];
        let done = self.post(&place, &fields);
        assert_eq!(done.status, 303, "{}", done.text());
        done.header("location").to_owned()
    }

    fn note(&mut self, answer: &Answer) {
        let set = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
        set.for_each(|(_, value)| self.jar.take(value));
        self.jar.read(&answer.text());
    }
}
