//! Fields of forms: what was typed, and what is wrong with it, in a sentence.

/// A field of text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    /// What stands in it; after an error what was typed.
    pub value: String,
    /// What is wrong, in a sentence; empty when nothing is.
    pub error: String,
}

impl Field {
    /// A field with nothing wrong.
    pub fn new(value: impl Into<String>) -> Self {
        Self { value: value.into(), error: String::new() }
    }

    /// The same with what is wrong.
    #[must_use]
    pub fn with_error(mut self, error: impl Into<String>) -> Self {
        self.error = error.into();
        self
    }
}

/// A choice of one among several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Select {
    /// Choices by group; a group without a label stands by itself.
    pub groups: Vec<ChoiceGroup>,
    /// What is wrong, in a sentence; empty when nothing is.
    pub error: String,
}

impl Select {
    /// Choices without groups, from value and label.
    pub fn of<V, L>(choices: impl IntoIterator<Item = (V, L)>, selected: &str) -> Self
    where
        V: Into<String>,
        L: Into<String>,
    {
        let choices = choices.into_iter().map(|(value, label)| {
            let value = value.into();
            Choice { is_selected: value == selected, value, label: label.into() }
        });
        Self {
            groups: vec![ChoiceGroup { choices: choices.collect(), ..ChoiceGroup::default() }],
            error: String::new(),
        }
    }

    /// What stands for a value; the value itself where it is none of the choices.
    pub(crate) fn label_of(&self, value: &str) -> String {
        let found = self.choices().find(|choice| choice.value == value);
        found.map_or_else(|| value.to_owned(), |choice| choice.label.clone())
    }

    /// What stands for the choice that is selected; empty where none is.
    pub(crate) fn selected_label(&self) -> String {
        let found = self.choices().find(|choice| choice.is_selected);
        found.map(|choice| choice.label.clone()).unwrap_or_default()
    }

    fn choices(&self) -> impl Iterator<Item = &Choice> {
        self.groups.iter().flat_map(|group| &group.choices)
    }

    /// Chooses what has this value, and nothing else.
    pub(crate) fn choose(&mut self, value: &str) {
        for choice in self.groups.iter_mut().flat_map(|group| &mut group.choices) {
            choice.is_selected = choice.value == value;
        }
    }
}

/// Choices under one label.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChoiceGroup {
    /// Such as the client of the projects; may be empty.
    pub label: String,
    /// For tasks, the id of their project; else empty.
    pub project: String,
    /// The choices.
    pub choices: Vec<Choice>,
}

/// One of several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// Whether it is the one.
    pub is_selected: bool,
}

/// A thing with its colour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chip {
    /// Such as `Northwind ▸ Planning`.
    pub label: String,
    /// 1 to 12.
    pub hue: u8,
}

impl Chip {
    /// A thing with its colour.
    pub fn new(label: impl Into<String>, hue: u8) -> Self {
        Self { label: label.into(), hue }
    }
}
