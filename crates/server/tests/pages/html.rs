//! The rules of all pages, read off the text of a page.

/// What is wrong with a page.
pub(crate) fn problems(page: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if !page.trim_start().starts_with("<!doctype html>") {
        problems.push("no doctype".to_owned());
    }
    for word in [" style=", "<style", " onclick", "javascript:", "{{", "{%"] {
        if page.contains(word) {
            problems.push(format!("contains {word}"));
        }
    }
    if page.matches("<h1").count() != 1 {
        problems.push(format!("{} h1", page.matches("<h1").count()));
    }
    if page.matches("<main").count() != 1 {
        problems.push("not one main".to_owned());
    }
    problems.extend(forms(page));
    problems.extend(ids(page));
    problems
}

/// Every form that posts has the token.
fn forms(page: &str) -> Vec<String> {
    let forms = page.split("<form").skip(1);
    forms
        .map(|form| form.split("</form").next().unwrap_or_default())
        .filter(|form| form.contains("method=\"post\"") && !form.contains("name=\"csrf\""))
        .map(|form| format!("a form without csrf: {}", form.chars().take(120).collect::<String>()))
        .collect()
}

/// Ids are unique, and what refers to one finds it.
fn ids(page: &str) -> Vec<String> {
    let ids = values(page, " id=\"");
    let mut problems = Vec::new();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    for pair in sorted.windows(2) {
        if let [first, second] = pair
            && first == second
        {
            problems.push(format!("the id {first} twice"));
        }
    }
    for mark in [
        " for=\"",
        " aria-describedby=\"",
        " aria-labelledby=\"",
        " aria-controls=\"",
        " list=\"",
        " data-copies=\"",
    ] {
        for value in values(page, mark) {
            for id in value.split(' ').filter(|id| !ids.contains(id)) {
                problems.push(format!("{mark}{id} leads nowhere"));
            }
        }
    }
    problems
}

fn values<'a>(page: &'a str, mark: &str) -> Vec<&'a str> {
    page.split(mark).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}
