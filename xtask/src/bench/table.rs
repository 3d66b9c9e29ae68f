//! Tables, for the terminal and for `docs/performance.md`.

/// A table with a sentence about how its figures were made.
pub(super) struct Table {
    title: String,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    notes: Vec<String>,
}

impl Table {
    pub(super) fn new(title: &str, head: &[&str]) -> Self {
        let head = head.iter().map(ToString::to_string).collect();
        Self { title: title.to_owned(), head, rows: Vec::new(), notes: Vec::new() }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub(super) fn note(&mut self, sentence: impl Into<String>) {
        self.notes.push(sentence.into());
    }

    /// As a section of a document, or as columns.
    pub(super) fn render(&self, is_markdown: bool) -> String {
        let mut text = if is_markdown {
            format!("## {}\n\n", self.title)
        } else {
            format!("{}\n", self.title)
        };
        let widths = self.widths();
        line(&mut text, &self.head, &widths, is_markdown);
        if is_markdown {
            let rules = widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>();
            line(&mut text, &rules, &widths, true);
        }
        for row in &self.rows {
            line(&mut text, row, &widths, is_markdown);
        }
        text.push('\n');
        for note in &self.notes {
            text.push_str(note);
            text.push('\n');
        }
        text
    }

    fn widths(&self) -> Vec<usize> {
        let width = |at: usize| {
            let cells = self.rows.iter().chain([&self.head]).filter_map(|row| row.get(at));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0).max(3)
        };
        (0..self.head.len()).map(width).collect()
    }
}

fn line(text: &mut String, cells: &[String], widths: &[usize], is_markdown: bool) {
    let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
    let joined = padded.collect::<Vec<_>>().join(if is_markdown { " | " } else { "   " });
    let line =
        if is_markdown { format!("| {joined} |") } else { format!("  {}", joined.trim_end()) };
    if is_markdown || !line.trim().is_empty() {
        text.push_str(&line);
        text.push('\n');
    }
}

/// `12345.6` → `12,346`
pub(super) fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Microseconds as milliseconds.
pub(super) fn ms(microseconds: f64) -> String {
    format!("{:.2} ms", microseconds / 1e3)
}

/// Whether a goal was reached, in a word.
pub(super) fn verdict(is_reached: bool) -> &'static str {
    if is_reached { "reached" } else { "**missed**" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_tables() {
        assert_eq!(whole(999.4), "999");
        assert_eq!(whole(1_234_567.0), "1,234,567");
        let mut table = Table::new("Two", &["a", "long"]);
        table.row(["1".to_owned(), "2".to_owned()]);
        table.note("So it is.");
        let expected = "## Two\n\n| a   | long |\n| --- | ---- |\n| 1   | 2    |\n\nSo it is.\n";
        assert_eq!(table.render(true), expected);
        assert_eq!(table.render(false), "Two\n  a     long\n  1     2\n\nSo it is.\n");
    }
}
