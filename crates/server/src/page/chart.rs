//! The geometry of charts, in whole units of their view box: templates only write it down.

/// Height of the bars' area of the week.
const WEEK_HEIGHT: i64 = 70;

/// Seven days as bars.
#[derive(Debug, Clone, Default)]
pub struct WeekChart {
    /// The days, in order.
    pub bars: Vec<WeekBar>,
}

/// A day of the week.
#[derive(Debug, Clone, Default)]
pub struct WeekBar {
    /// Such as `Mon`.
    pub label: String,
    /// Such as `Monday, 16 November`.
    pub day: String,
    /// Such as `7:35`.
    pub value: String,
    /// Whether it is today.
    pub is_today: bool,
    /// Left edge.
    pub x: i64,
    /// Middle, where the label stands.
    pub middle: i64,
    /// Upper edge.
    pub y: i64,
    /// How high.
    pub height: i64,
}

/// A day to be drawn.
#[derive(Debug, Clone, Default)]
pub struct Day {
    /// Such as `Mon`.
    pub label: String,
    /// Such as `Monday, 16 November`.
    pub day: String,
    /// Its total, as text.
    pub value: String,
    /// Its total.
    pub seconds: i64,
    /// Whether it is today.
    pub is_today: bool,
}

impl WeekChart {
    /// Draws days in a box of 272 by 92; the highest bar is eight hours or more.
    pub fn new(days: Vec<Day>) -> Self {
        let most = days.iter().map(|day| day.seconds).max().unwrap_or(0);
        let most = most.max(8 * 3600);
        let bars = days.into_iter().zip(0_i64..).map(|(day, at)| {
            let height = scaled(day.seconds, most, WEEK_HEIGHT);
            let x = 8 + 38 * at;
            WeekBar {
                label: day.label,
                day: day.day,
                value: day.value,
                is_today: day.is_today,
                x,
                middle: x + 12,
                y: WEEK_HEIGHT + 6 - height,
                height,
            }
        });
        Self { bars: bars.collect() }
    }
}

const LEFT: i64 = 44;
const WIDTH: i64 = 704;
const BOTTOM: i64 = 200;
const HEIGHT: i64 = 176;

/// Days or weeks as stacked bars, in a box of 760 by 226.
#[derive(Debug, Clone, Default)]
pub struct StackedChart {
    /// Lines across with their hours.
    pub lines: Vec<GridLine>,
    /// The bars, in order.
    pub columns: Vec<StackedColumn>,
    /// What the colours mean.
    pub legend: Vec<super::Chip>,
}

/// A line across.
#[derive(Debug, Clone, Default)]
pub struct GridLine {
    /// Where.
    pub y: i64,
    /// Where its text stands.
    pub text_y: i64,
    /// Hours.
    pub label: String,
}

/// A bar.
#[derive(Debug, Clone, Default)]
pub struct StackedColumn {
    /// Below the bar; empty where there is no room.
    pub label: String,
    /// Whether the label stands only where there is twice the room: every other one of them.
    pub is_second: bool,
    /// In the table, such as `16 November`.
    pub name: String,
    /// Its total, as text.
    pub value: String,
    /// Middle, where the label stands.
    pub middle: i64,
    /// Left edge.
    pub x: i64,
    /// How wide.
    pub width: i64,
    /// Its parts, the first at the bottom.
    pub parts: Vec<StackedPart>,
}

/// A part of a bar.
#[derive(Debug, Clone, Default)]
pub struct StackedPart {
    /// 1 to 12.
    pub hue: u8,
    /// Upper edge.
    pub y: i64,
    /// How high, without the gap to the next.
    pub height: i64,
}

/// A bar to be drawn.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// Short, such as `16 Nov`.
    pub label: String,
    /// In full.
    pub name: String,
    /// Its total, as text.
    pub value: String,
    /// Hue and seconds of each part, the first at the bottom.
    pub parts: Vec<(u8, i64)>,
}

impl StackedChart {
    /// Draws bars with a scale that fits the highest.
    pub fn new(columns: Vec<Column>, legend: Vec<super::Chip>) -> Self {
        let totals = columns.iter().map(|column| total(&column.parts));
        let step = step_h(totals.max().unwrap_or(0));
        let most = columns.iter().map(|column| total(&column.parts)).max();
        let steps = (most.unwrap_or(0) + step * 3600 - 1) / (step * 3600);
        let steps = steps.max(1);
        let top_s = steps * step * 3600;
        let lines = (0..=steps).map(|line| {
            let y = BOTTOM - scaled(line, steps, HEIGHT);
            GridLine { y, text_y: y + 4, label: (line * step).to_string() }
        });
        let count = i64::try_from(columns.len()).unwrap_or(i64::MAX).max(1);
        let pitch = (WIDTH / count).clamp(1, 96);
        // One label needs about 52 units.
        let every = (52 + pitch - 1) / pitch;
        let width = (pitch * 11 / 16).max(1);
        let columns = columns.into_iter().zip(0_i64..).map(|(column, at)| {
            let x = LEFT + pitch * at + (pitch - width) / 2;
            StackedColumn {
                label: if at % every == 0 { column.label } else { String::new() },
                is_second: at / every % 2 == 1,
                name: column.name,
                value: column.value,
                middle: x + width / 2,
                x,
                width,
                parts: stack(&column.parts, top_s),
            }
        });
        Self { columns: columns.collect(), lines: lines.collect(), legend }
    }
}

fn stack(parts: &[(u8, i64)], top_s: i64) -> Vec<StackedPart> {
    let mut below = 0;
    let mut stacked = Vec::new();
    for (hue, seconds) in parts {
        let from = scaled(below, top_s, HEIGHT);
        below += seconds;
        let to = scaled(below, top_s, HEIGHT);
        let gap = i64::from(to - from > 3);
        if to > from {
            stacked.push(StackedPart { hue: *hue, y: BOTTOM - to, height: to - from - gap });
        }
    }
    stacked
}

fn total(parts: &[(u8, i64)]) -> i64 {
    parts.iter().map(|(_, seconds)| seconds).sum()
}

/// Whole hours between two lines, so that there are at most six of them.
fn step_h(most_s: i64) -> i64 {
    let fits = |step: &i64| most_s <= step * 6 * 3600;
    let steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
    steps.into_iter().find(fits).unwrap_or(20_000)
}

/// `part` of `whole` in units of `length`, to the nearest; 0 of nothing.
fn scaled(part: i64, whole: i64, length: i64) -> i64 {
    if whole <= 0 {
        return 0;
    }
    (part.max(0).saturating_mul(length) + whole / 2) / whole
}

/// A share in hundredths, for the bar behind a number; at least 1 of what is more than nothing.
pub fn percent(part: i64, whole: i64) -> i64 {
    let share = scaled(part, whole, 100).min(100);
    if part > 0 { share.max(1) } else { share }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week() {
        let day = |seconds| Day { seconds, ..Day::default() };
        let chart = WeekChart::new(vec![day(0), day(4 * 3600), day(8 * 3600)]);
        let heights: Vec<_> = chart.bars.iter().map(|bar| (bar.y, bar.height)).collect();
        assert_eq!(heights, [(76, 0), (41, 35), (6, 70)]);
    }

    #[test]
    fn parts_stack_without_overlap_and_within_the_scale() {
        let column = |parts: &[(u8, i64)]| Column { parts: parts.to_vec(), ..Column::default() };
        let columns = vec![column(&[(1, 20 * 3600), (2, 17 * 3600)]), column(&[(1, 1), (2, 3600)])];
        let chart = StackedChart::new(columns, Vec::new());
        let hours: Vec<_> = chart.lines.iter().map(|line| line.label.as_str()).collect();
        assert_eq!(hours, ["0", "10", "20", "30", "40"]);
        assert_eq!(chart.lines.last().map(|line| line.y), Some(24));
        for column in &chart.columns {
            let mut floor = BOTTOM;
            for part in &column.parts {
                assert!(part.height > 0 && part.y >= BOTTOM - HEIGHT);
                assert!(part.y + part.height <= floor);
                floor = part.y;
            }
        }
    }

    #[test]
    fn a_year_of_days_still_fits() {
        let columns = vec![Column::default(); 366];
        let chart = StackedChart::new(columns, Vec::new());
        assert!(chart.columns.iter().all(|column| column.width >= 1));
        let labels = chart.columns.iter().filter(|c| c.x < LEFT + WIDTH);
        assert_eq!(labels.count(), 366);
    }

    #[test]
    fn shares() {
        assert_eq!(
            [percent(0, 10), percent(1, 1000), percent(5, 10), percent(10, 10), percent(1, 0)],
            [0, 1, 50, 100, 1]
        );
    }
}
