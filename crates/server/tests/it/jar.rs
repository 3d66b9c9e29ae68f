//! What a browser keeps from one page to the next: its cookies, and the token of the forms.

/// The cookies and the token of one browser.
#[derive(Debug, Clone, Default)]
pub(crate) struct Jar {
    /// Names and values, as the server set them.
    pub(crate) cookies: Vec<(String, String)>,
    /// Of the last page with a form.
    pub(crate) csrf: String,
    /// The cookies as they were set, with their attributes.
    pub(crate) set: Vec<String>,
}

impl Jar {
    /// All of them, as they are sent.
    pub(crate) fn header(&self) -> String {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    pub(crate) fn put(&mut self, name: &str, value: &str) {
        self.cookies.retain(|(found, _)| found != name);
        self.cookies.push((name.to_owned(), value.to_owned()));
    }

    /// Takes what an answer sets, one `Set-Cookie`.
    pub(crate) fn take(&mut self, set: &str) {
        self.set.push(set.to_owned());
        let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
        if set.contains("Max-Age=0") {
            self.cookies.retain(|(found, _)| found != name);
        } else {
            self.put(name, value);
        }
    }

    /// Takes the token of a page's forms, when it has any.
    pub(crate) fn read(&mut self, html: &str) {
        let found =
            ["name=\"csrf\" value=\"", "name=\"csrf\" content=\""].iter().find_map(|begin| {
                let rest = &html[html.find(begin)? + begin.len()..];
                Some(rest[..rest.find('"')?].to_owned())
            });
        if let Some(csrf) = found {
            self.csrf = csrf;
        }
    }

    /// A form's body with the token before it.
    pub(crate) fn signed(&self, body: &str) -> String {
        format!("csrf={}&{body}", self.csrf)
    }
}
