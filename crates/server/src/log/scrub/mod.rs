//! The last stage before anything is written to a log: what looks like a secret is not in it.
//!
//! Nothing that reaches this place should hold one; the types of this program see to that. This finds
//! what came another way, such as the words of an error of a foreign crate: card numbers, tokens, codes,
//! what follows `password=` or `Cookie:`, and e-mail addresses, which become a keyed hash, so that two
//! lines about one address can be told to be about one. Control characters become pictures of themselves:
//! no line of a log begins in the middle of another one.
//!
//! Each rule looks at the whole text for itself, in one pass, and marks characters; what is marked is
//! replaced at the end. A mark covers whole words, so that what is left of a word cannot look like
//! something else: to scrub a text twice changes nothing. There is no regular expression on purpose: they
//! cost more to build than all of this.

mod addresses;
mod cards;
mod values;
mod words;

use std::{borrow::Cow, ops::Range};

use app::security::AddressHash;

/// Stands for what was left out.
pub(crate) const LEFT_OUT: char = '…';

/// The most characters of one text that are looked at; the others are left out.
const LONGEST: usize = 32 * 1024;

/// Signs that tell what something is, as forms write them.
const ENCODED: [(&str, &str); 3] = [("%40", "@"), ("%3D", "="), ("%3d", "=")];

/// Takes secrets out of texts.
pub(crate) struct Scrubber {
    hash: AddressHash,
}

impl Scrubber {
    /// With the hash of addresses.
    pub(crate) fn new(hash: AddressHash) -> Self {
        Self { hash }
    }

    /// The text without secrets and without control characters.
    pub(crate) fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if is_plain(text) || words::is_whole_id(text) {
            return Cow::Borrowed(text);
        }
        let decoded = decoded(text);
        let mut chars: Vec<char> = decoded.chars().take(LONGEST + 1).collect();
        if chars.len() > LONGEST {
            cut(&mut chars);
        }
        let mut marks = Marks::new(&chars);
        values::mark(&chars, &mut marks);
        let addresses = addresses_beside(&marks, &chars);
        words::mark(&chars, &mut marks);
        cards::mark(&chars, &mut marks);
        for (address, is_one) in &addresses {
            set(&mut marks.hit, address.clone(), !is_one);
        }
        marks.spread(&chars);
        Cow::Owned(self.write(&chars, &marks, addresses))
    }

    /// A number, unless it is that of a card.
    pub(crate) fn keeps_number(digits: &str) -> bool {
        !cards::is_card(digits)
    }

    fn write(&self, chars: &[char], marks: &Marks, addresses: Vec<Address>) -> String {
        let mut text = String::with_capacity(chars.len());
        let mut at = 0;
        let ones = addresses.into_iter().filter_map(|(address, is_one)| is_one.then_some(address));
        let mut ones = ones.peekable();
        while let Some(c) = chars.get(at) {
            while ones.next_if(|address| address.start < at).is_some() {}
            if let Some(address) = ones.next_if(|address| address.start == at) {
                at = address.end;
                let address: String = chars.get(address).unwrap_or_default().iter().collect();
                let hash = (self.hash)(&folded(&address)) >> 24;
                text.extend(["<mail:", &format!("{hash:010x}"), ">"]);
            } else if marks.is_hit(at) {
                text.push(LEFT_OUT);
                while marks.is_hit(at) {
                    at += 1;
                }
            } else {
                text.push(picture(*c));
                at += 1;
            }
        }
        text
    }
}

/// As forms write it: whoever reads a line finds the address, or the password, and so does this.
fn decoded(text: &str) -> Cow<'_, str> {
    if ENCODED.iter().any(|(form, _)| text.contains(form)) {
        let decode = |text: String, (form, sign): &(&str, &str)| text.replace(form, sign);
        Cow::Owned(ENCODED.iter().fold(text.to_owned(), decode))
    } else {
        Cow::Borrowed(text)
    }
}

/// Where an address stands, and whether it is shown as its hash: not within what is left out.
type Address = (Range<usize>, bool);

fn addresses_beside(values: &Marks, chars: &[char]) -> Vec<Address> {
    let found = addresses::find(chars).into_iter();
    found
        .map(|(address, is_one)| {
            let is_in_value = address.clone().any(|at| values.is_hit(at));
            (address, is_one && !is_in_value)
        })
        .collect()
}

/// Spellings of one address are one.
fn folded(address: &str) -> String {
    address.to_lowercase()
}

/// Whether nothing in a text can be anything: most words of the program are such.
fn is_plain(text: &str) -> bool {
    let mut letters = 0_u32;
    text.bytes().all(|byte| {
        letters = if byte.is_ascii_alphabetic() { letters + 1 } else { 0 };
        letters < 8 && matches!(byte, b' ' | b',' | b'.' | b'a'..=b'z' | b'A'..=b'Z')
    })
}

/// Cuts a text that is too long before the word in which it is cut, so that no half of a word is left.
fn cut(chars: &mut Vec<char>) {
    let at = chars.iter().take(LONGEST).rposition(|c| c.is_whitespace()).unwrap_or(0);
    chars.truncate(at);
    chars.push(LEFT_OUT);
}

/// A control character as its picture, and what turns the direction of a line as a box.
fn picture(c: char) -> char {
    let shown = match u32::from(c) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code),
        0x7f => Some('\u{2421}'),
        0x80..=0x9f | 0x200e | 0x200f | 0x2028..=0x202e | 0x2066..=0x2069 | 0xfeff => {
            Some('\u{fffd}')
        }
        _ => Some(c),
    };
    shown.unwrap_or('\u{fffd}')
}

/// Whether a line ends here, also in a text that was scrubbed before.
fn ends_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{240a}' | '\u{240d}')
}

/// What words consist of: what is between two others is looked at as one.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

/// The words of a text, in their order.
fn words_of(chars: &[char]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while !is_word(*chars.get(at)?) {
            at += 1;
        }
        let start = at;
        while chars.get(at).copied().is_some_and(is_word) {
            at += 1;
        }
        Some(start..at)
    })
}

/// Which characters are left out, and which are ids that stay.
struct Marks {
    hit: Vec<bool>,
    id: Vec<bool>,
}

impl Marks {
    fn new(chars: &[char]) -> Self {
        Self { hit: vec![false; chars.len()], id: vec![false; chars.len()] }
    }

    fn hit(&mut self, range: Range<usize>) {
        set(&mut self.hit, range, true);
    }

    fn keep(&mut self, range: Range<usize>) {
        set(&mut self.id, range, true);
    }

    fn is_hit(&self, at: usize) -> bool {
        self.hit.get(at).copied().unwrap_or_default()
    }

    fn is_id(&self, at: usize) -> bool {
        self.id.get(at).copied().unwrap_or_default()
    }

    /// Leaves out the whole of each word of which a part is left out, but for ids in it.
    fn spread(&mut self, chars: &[char]) {
        for word in words_of(chars) {
            let mut is_hit = false;
            for at in word.clone().chain(word.rev()) {
                if self.is_id(at) {
                    is_hit = self.is_hit(at);
                } else {
                    is_hit |= self.is_hit(at);
                    if is_hit {
                        self.hit(at..at + 1);
                    }
                }
            }
        }
    }
}

fn set(flags: &mut [bool], range: Range<usize>, to: bool) {
    if let Some(flags) = flags.get_mut(range) {
        flags.fill(to);
    }
}

#[cfg(test)]
mod tests;
