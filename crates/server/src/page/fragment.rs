//! Finished HTML inside a page.

use std::fmt;

use askama::{Template, filters::HtmlSafe};

/// Finished HTML: the only thing a page does not escape, and only a rendered template makes one.
#[derive(Debug, Clone, Default)]
pub struct Fragment(String);

impl Fragment {
    /// Renders a template to be put into another.
    ///
    /// Errors: those of the template.
    pub fn of(template: &impl Template) -> Result<Self, askama::Error> {
        template.render().map(Self)
    }
}

impl fmt::Display for Fragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Fragment {}
