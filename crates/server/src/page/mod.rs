//! What all pages share: the frame of a signed-in page, the plain one, fields, chips, charts.
//!
//! View structs hold finished strings and booleans: times are in the member's zone and form already.
//! Templates contain no arithmetic and no permission beyond a flag. `docs/` has no copy of the
//! addresses: they stand in the templates, below [`Layout::root`].

pub mod chart;
mod error;
mod field;
mod fragment;
mod hue;
mod named;
mod navigation;

pub use error::{Difference, ErrorPage, StalePage};
pub use field::{Chip, Choice, ChoiceGroup, Field, Select};
pub use fragment::Fragment;
pub(crate) use hue::name_of_hue;
pub use hue::{HueChoice, HueOption};
pub use named::{NamedList, NamedRow};
pub use navigation::{NavigationEntry, NavigationGroup, Place, Shown, navigation};

/// The frame of a page of somebody who is signed in.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each thing that not everybody has")]
pub struct Layout {
    /// The page's name, as in the browser's title.
    pub title: String,
    /// Which page this is: an answer to a form with the same word is swapped in, another is gone to.
    pub page: &'static str,
    /// `/w/` and the workspace; no slash at the end.
    pub root: String,
    /// Where one begins: Today, for support the first page it may open.
    pub home: String,
    /// The folder of assets; no slash at the end.
    pub assets: &'static str,
    /// Of this response's content security policy.
    pub nonce: String,
    /// The session's token against forged requests.
    pub csrf: String,
    /// Now, RFC 3339, by which the browser's clock is set right.
    pub now: String,
    /// The stream that says that something changed.
    pub live_url: String,
    /// The workspace's name.
    pub workspace: String,
    /// The workspaces to switch to, this one included; with one there is nothing to switch.
    pub workspaces: Vec<WorkspaceLink>,
    /// Whether there are others that one may join by oneself.
    pub can_join: bool,
    /// Whether what happened to any thing can be looked at.
    pub sees_history: bool,
    /// Whether what happened to anything at all can: support reads no history unless that was given.
    pub has_history: bool,
    /// Whether the record can.
    pub sees_record: bool,
    /// Where one can go.
    pub navigation: Vec<NavigationGroup>,
    /// Who is signed in.
    pub me: Me,
    /// Sentences above the page.
    pub notices: Vec<Notice>,
    /// Support access that is open, or asked for.
    pub support: Vec<crate::support::view::SupportBar>,
    /// Whether the one who looks has an account here: support has none to sign out of.
    pub has_account: bool,
    /// What was just done, with its undo.
    pub toast: Option<Toast>,
    /// The timer.
    pub timer: crate::timer::view::TimerBar,
}

impl Layout {
    /// The page shows what is recorded: where the reader may see the record, it also hears of what no other
    /// page shows, and of places in the log. To support each look of its own would be news.
    pub(crate) fn live_with_record(mut self) -> Self {
        if self.sees_record && self.has_account {
            self.live_url.push_str("?record=true");
        }
        self
    }
}

/// A page without the frame: sign-in, set-up, errors.
#[derive(Debug, Clone, Default)]
pub struct Plain {
    /// The page's name, as in the browser's title.
    pub title: String,
    /// Which page this is.
    pub page: &'static str,
    /// The folder of assets; no slash at the end.
    pub assets: &'static str,
    /// Of this response's content security policy.
    pub nonce: String,
    /// The token against forged requests; before sign-in that of the visit.
    pub csrf: String,
    /// Sentences above the card.
    pub notices: Vec<Notice>,
    /// What a support session is told on each of its pages.
    pub support: Option<crate::support::view::SupportBar>,
}

/// A workspace one can switch to.
#[derive(Debug, Clone, Default)]
pub struct WorkspaceLink {
    /// Its name.
    pub name: String,
    /// Its Today page.
    pub href: String,
    /// Whether it is the one that is open.
    pub is_current: bool,
}

/// Who is signed in.
#[derive(Debug, Clone, Default)]
pub struct Me {
    /// Their name.
    pub name: String,
    /// One or two capitals.
    pub initials: String,
    /// 1 to 12.
    pub hue: u8,
}

/// How a sentence is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// Something worked.
    #[default]
    Good,
    /// Something should be looked at.
    Warn,
    /// Something did not work.
    Bad,
}

impl Tone {
    /// Its class.
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }

    /// Its icon.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Good => "check",
            Self::Warn | Self::Bad => "alert",
        }
    }

    /// How it is read aloud: at once when it is bad.
    pub fn role(self) -> &'static str {
        match self {
            Self::Good | Self::Warn => "status",
            Self::Bad => "alert",
        }
    }
}

/// A sentence above a page.
#[derive(Debug, Clone, Default)]
pub struct Notice {
    /// How it is meant.
    pub tone: Tone,
    /// The sentence.
    pub text: String,
}

/// What was just done, with its undo.
#[derive(Debug, Clone, Default)]
pub struct Toast {
    /// Such as `Entry deleted.`
    pub text: String,
    /// Where undo is posted to; empty when there is nothing to undo.
    pub undo_url: String,
}

/// A sentence that begins with a capital.
pub(crate) fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next();
    first.into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// Capitals of the first and last word of a name.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn initials_of_names() {
        for (name, initials) in [
            ("Ann Lee", "AL"),
            ("ann", "A"),
            ("Ann van der Berg", "AB"),
            ("", ""),
            (" élodie  ok ", "ÉO"),
        ] {
            assert_eq!(super::initials(name), initials, "{name}");
        }
    }
}
