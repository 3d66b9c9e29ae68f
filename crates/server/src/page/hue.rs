//! The choice of a colour.

/// The colour that is chosen, 1 to 12; 0 for none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HueChoice(pub u8);

/// A colour to choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HueOption {
    /// 1 to 12.
    pub number: u8,
    /// For people who do not see it.
    pub name: &'static str,
    /// Whether it is the one.
    pub is_chosen: bool,
}

const NAMES: [&str; 12] = [
    "Red", "Orange", "Amber", "Lime", "Green", "Teal", "Cyan", "Blue", "Indigo", "Violet", "Pink",
    "Grey",
];

/// What a colour is called, by its number.
pub(crate) fn name_of_hue(number: u8) -> Option<&'static str> {
    NAMES.get(usize::from(number).checked_sub(1)?).copied()
}

impl HueChoice {
    /// All twelve.
    pub fn hues(self) -> impl Iterator<Item = HueOption> {
        (1_u8..).zip(NAMES).map(move |(number, name)| HueOption {
            number,
            name,
            is_chosen: number == self.0,
        })
    }
}
