//! Templates: nothing inline, so that the content security policy can be strict, and nothing
//! unescaped, so that what a person typed stays text.

use super::{Problem, SourceFile, line_of};

pub(crate) fn check(file: &SourceFile) -> Vec<Problem> {
    let mut problems = unescaped(file);
    let html = without_comments(&without_template_code(&file.text));
    let mut at = 0;
    while let Some(tag) = next_tag(&html, at) {
        let line = line_of(&html, tag.start);
        let mut problem = |what: String| problems.push(Problem::new(&file.path, line, what));
        for (name, value) in &tag.attributes {
            if name == "style" {
                problem("a style attribute: use a class".to_owned());
            } else if name.starts_with("on") {
                problem(format!("an inline handler {name}: use data-behaviour"));
            } else if name.starts_with("hx-on") {
                problem(format!("{name} needs eval, which the policy forbids"));
            } else if value.trim_start().to_ascii_lowercase().starts_with("javascript:") {
                problem(format!("a script in the attribute {name}"));
            }
        }
        if tag.name == "style" {
            problem("an inline style sheet".to_owned());
        }
        at = tag.end;
        if tag.name == "script" {
            let rest = html.get(at..).unwrap_or_default();
            let length = rest.to_ascii_lowercase().find("</script").unwrap_or(rest.len());
            let inline = rest.get(..length).is_some_and(|code| !code.trim().is_empty());
            if inline || !tag.attributes.iter().any(|(name, _)| name == "src") {
                problem("an inline script: put it into a module".to_owned());
            }
            at += length;
        }
    }
    problems
}

/// `{{ note|safe }}`: only the type `Fragment` may hold finished HTML.
fn unescaped(file: &SourceFile) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, _) in file.text.match_indices('|') {
        let filter = file.text.get(at + 1..).unwrap_or_default().trim_start();
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if filter.strip_prefix("safe").is_some_and(ends) {
            let line = line_of(&file.text, at);
            problems.push(Problem::new(&file.path, line, "|safe: only a Fragment is unescaped"));
        }
    }
    problems
}

/// Blanks out what lies between the template's own brackets; lines and positions stay.
fn without_template_code(text: &str) -> String {
    let marks = [("{%", "%}"), ("{{", "}}"), ("{#", "#}")];
    marks.into_iter().fold(text.to_owned(), |text, (open, close)| blank(&text, open, close))
}

fn without_comments(text: &str) -> String {
    blank(text, "<!--", "-->")
}

fn blank(text: &str, open: &str, close: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        let (inside, after) = after.split_once(close).unwrap_or((after, ""));
        kept.push_str(before);
        let blanks = |text: &str| text.chars().map(|c| if c == '\n' { c } else { ' ' }).collect();
        let blanked: [String; 3] = [blanks(open), blanks(inside), blanks(close)];
        kept.extend(blanked);
        rest = after;
    }
    kept.push_str(rest);
    kept
}

struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
    start: usize,
    end: usize,
}

/// The next opening tag at or after a byte position.
fn next_tag(html: &str, from: usize) -> Option<Tag> {
    let mut from = from;
    loop {
        let start = from + html.get(from..)?.find('<')?;
        let rest = html.get(start + 1..)?;
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            from = start + 1;
            continue;
        }
        let name_end =
            rest.find(|c: char| c.is_whitespace() || c == '>' || c == '/').unwrap_or(rest.len());
        let (attributes, length) = attributes(rest.get(name_end..)?);
        return Some(Tag {
            name: rest.get(..name_end)?.to_ascii_lowercase(),
            attributes,
            start,
            end: start + 1 + name_end + length,
        });
    }
}

/// Names and values up to the end of the tag, and how many bytes they take.
fn attributes(text: &str) -> (Vec<(String, String)>, usize) {
    let mut found = Vec::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        if c == '>' {
            return (found, at + 1);
        }
        if c.is_whitespace() || c == '/' {
            continue;
        }
        let mut name = c.to_ascii_lowercase().to_string();
        while let Some((_, c)) =
            characters.next_if(|(_, c)| !c.is_whitespace() && !matches!(c, '=' | '>' | '/'))
        {
            name.push(c.to_ascii_lowercase());
        }
        while characters.next_if(|(_, c)| c.is_whitespace()).is_some() {}
        let mut value = String::new();
        if characters.next_if(|(_, c)| *c == '=').is_some() {
            while characters.next_if(|(_, c)| c.is_whitespace()).is_some() {}
            if let Some((_, quote)) = characters.next_if(|(_, c)| matches!(c, '"' | '\'')) {
                value.extend(characters.by_ref().map(|(_, c)| c).take_while(|c| *c != quote));
            } else {
                while let Some((_, c)) =
                    characters.next_if(|(_, c)| !c.is_whitespace() && *c != '>')
                {
                    value.push(c);
                }
            }
        }
        found.push((name, value));
    }
    (found, text.len())
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn found(text: &str) -> Vec<usize> {
        let file = fixture("crates/server/src/timer/running.html", text);
        check(&file).into_iter().map(|problem| problem.line).collect()
    }

    #[test]
    fn what_is_refused() {
        for text in [
            "<p style=\"color: red\">",
            "<button onclick=\"go()\">",
            "<button\n  {% if a > b %}disabled{% endif %} ONCLICK = 'go()'>",
            "<div hx-on:click=\"go()\">",
            "<script>go()</script>",
            "<script src=\"/a.js\">go()</script>",
            "<script type=\"application/json\">{}</script>",
            "<style>p { color: red }</style>",
            "<a href=\"javascript:go()\">",
            "{{ note|safe }}",
            "{{ note | safe }}",
        ] {
            assert_eq!(found(text).len(), 1, "{text}");
        }
        assert_eq!(found("<p>\n<!-- a\n comment -->\n{# b #}\n<p style=''>"), [5]);
    }

    #[test]
    fn what_is_fine() {
        for text in [
            "<script type=\"module\" src=\"/assets/timer.js\"></script>",
            "<a href=\"/w/{{ slug }}\" class=\"on {% if one < two %}open{% endif %}\">on=off</a>",
            "<input name=\"onset\" value='a style=\"b\" onclick=\"c\"' data-style=\"d\">",
            "<!-- <p style=\"x\"> --><p>5 < 6 and onward=yes</p>",
            "{{ note|safely }} <option selected>One</option>",
        ] {
            assert_eq!(found(text), [0; 0], "{text}");
        }
    }
}
