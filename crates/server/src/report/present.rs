//! The report as the page shows it: rows, colours, bars.

use std::collections::HashMap;

use app::{
    Me, Names,
    report::{Group, GroupBy, StackPart, Summary},
};
use domain::{
    duration::format_hm,
    ids::{ClientId, MemberId, ProjectId},
    period::{Period, week_of},
};
use jiff::{ToSpan, civil::Date};
use uuid::Uuid;

use super::view::ReportRow;
use crate::{
    page::{
        Chip,
        chart::{Column, StackedChart, percent},
    },
    web::hue_of_member,
};

/// The colour of time without a client, and of groups that are too many for a colour of their own.
const GREY: u8 = 12;

/// Colours that stand for one group each.
const MOST_COLOURS: usize = 11;

/// Longer ranges have a bar a week.
const MOST_DAY_BARS: i64 = 31;

/// The colour of each group of the first level: its own where it is still free, else the next.
pub(super) fn colours(groups: &[Group], by: GroupBy, names: &Names) -> HashMap<Option<Uuid>, u8> {
    let mut colours: HashMap<Option<Uuid>, u8> = HashMap::new();
    let named = groups.iter().filter(|group| group.id.is_some()).take(MOST_COLOURS);
    for group in named {
        let own = group.id.map_or(GREY, |id| own_colour(id, by, names));
        let is_free = |hue: &u8| *hue != GREY && !colours.values().any(|taken| taken == hue);
        let next = (0..GREY).map(|step| (own + step).saturating_sub(1) % GREY + 1).find(is_free);
        colours.insert(group.id, next.unwrap_or(GREY));
    }
    colours
}

/// A member's colour, or for a client that of its oldest project.
fn own_colour(id: Uuid, by: GroupBy, names: &Names) -> u8 {
    match by {
        GroupBy::MemberProject => hue_of_member(MemberId::from_uuid(id).uuid()),
        GroupBy::ClientProject => {
            let client = ClientId::from_uuid(id);
            let projects = names.projects.values().filter(|one| one.client == Some(client));
            let oldest = projects.min_by_key(|project| project.id);
            oldest.map_or(GREY, |project| hue(project.hue))
        }
    }
}

/// A stored colour.
pub(crate) fn hue(number: i64) -> u8 {
    u8::try_from(number).unwrap_or(GREY)
}

/// A row a group, followed by its parts; `entries_of` a member, a project or both is an address.
pub(super) fn rows(
    summary: &Summary,
    colours: &HashMap<Option<Uuid>, u8>,
    names: &Names,
    by: GroupBy,
    entries_of: impl Fn(Option<Uuid>, Option<Uuid>) -> String,
) -> Vec<ReportRow> {
    let row = |group: &Group, hue, is_part, href| ReportRow {
        name: group.name.clone(),
        href,
        hue,
        is_part,
        total: format_hm(group.seconds),
        share: format!("{} %", percent(group.seconds, summary.total_s)),
        percent: percent(group.seconds, summary.total_s),
        billable: or_dash(group.billable_s),
    };
    let mut rows = Vec::new();
    for outer in &summary.groups {
        let grey = if outer.id.is_some() { GREY } else { 0 };
        let member = outer.id.filter(|_| by == GroupBy::MemberProject);
        let hue_of_outer = colours.get(&outer.id).copied().unwrap_or(grey);
        let href = member.map(|_| entries_of(member, None)).unwrap_or_default();
        rows.push(row(outer, hue_of_outer, false, href));
        for inner in &outer.groups {
            let project = inner.id.and_then(|id| names.projects.get(&ProjectId::from_uuid(id)));
            let href = inner.id.map(|_| entries_of(member, inner.id)).unwrap_or_default();
            rows.push(row(inner, project.map_or(0, |project| hue(project.hue)), true, href));
        }
    }
    rows
}

fn or_dash(seconds: i64) -> String {
    if seconds > 0 { format_hm(seconds) } else { "–".to_owned() }
}

/// What the bars are.
pub(super) fn chart_title(period: Period) -> &'static str {
    if period.days() <= MOST_DAY_BARS { "Hours a day" } else { "Hours a week" }
}

/// A bar a day, or a week for longer ranges, stacked in the order of the groups.
pub(super) fn chart(
    me: &Me,
    summary: &Summary,
    parts: &[StackPart],
    colours: &HashMap<Option<Uuid>, u8>,
) -> StackedChart {
    let bars = bars(me, summary.period);
    let place = |group: &Option<Uuid>| {
        summary.groups.iter().position(|one| one.id == *group && colours.contains_key(group))
    };
    let columns = bars.into_iter().map(|bar| {
        // What has no colour of its own stands together, above the others.
        let mut stack: Vec<i64> = vec![0; summary.groups.len() + 1];
        let inside = parts.iter().filter(|part| bar.first <= part.day && part.day <= bar.last);
        for part in inside {
            let at = place(&part.group).unwrap_or(summary.groups.len());
            if let Some(seconds) = stack.get_mut(at) {
                *seconds += part.seconds;
            }
        }
        let hues = summary.groups.iter().map(|group| colours.get(&group.id).copied());
        let hues = hues.map(|hue| hue.unwrap_or(GREY)).chain([GREY]);
        Column {
            label: bar.label,
            name: bar.name,
            value: format_hm(stack.iter().sum()),
            parts: hues.zip(stack).collect(),
        }
    });
    StackedChart::new(columns.collect(), legend(&summary.groups, colours))
}

fn legend(groups: &[Group], colours: &HashMap<Option<Uuid>, u8>) -> Vec<Chip> {
    let coloured = groups
        .iter()
        .filter_map(|group| Some(Chip::new(group.name.clone(), *colours.get(&group.id)?)));
    let mut rest = groups.iter().filter(|group| !colours.contains_key(&group.id));
    let grey = match (rest.next(), rest.next()) {
        (None, _) => None,
        (Some(one), None) => Some(one.name.clone()),
        (Some(_), Some(_)) => Some("Others".to_owned()),
    };
    coloured.chain(grey.map(|name| Chip::new(name, GREY))).collect()
}

/// A bar's days and words.
struct Bar {
    first: Date,
    last: Date,
    label: String,
    name: String,
}

fn bars(me: &Me, period: Period) -> Vec<Bar> {
    let locale = me.locale;
    if period.days() <= MOST_DAY_BARS {
        let bar = |day| Bar {
            first: day,
            last: day,
            label: locale.format_day_short(day),
            name: locale.format_day_long(day),
        };
        return period.iter().map(bar).collect();
    }
    let (first, _) = week_of(period.first(), me.week_start);
    let weeks = std::iter::successors(Some(first), |week| week.checked_add(7.days()).ok());
    let weeks = weeks.take_while(|week| *week <= period.last());
    let bar = |week: Date| Bar {
        first: week,
        last: week.saturating_add(6.days()),
        label: locale.format_day_short(week.max(period.first())),
        name: format!("Week of {}", locale.format_date(week)),
    };
    weeks.map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(id: u128, seconds: i64) -> Group {
        let id = (id > 0).then(|| Uuid::from_u128(id));
        Group { id, name: String::new(), seconds, billable_s: 0, groups: Vec::new() }
    }

    #[test]
    fn no_two_groups_have_the_same_colour() {
        let mut groups: Vec<_> = (1..=14).map(|id| group(id * 12, 60)).collect();
        groups.push(group(0, 60));
        let colours = colours(&groups, GroupBy::MemberProject, &Names::default());
        let mut hues: Vec<_> = colours.values().copied().collect();
        hues.sort_unstable();
        assert_eq!(hues, (1..=11).collect::<Vec<_>>());
        assert_eq!(legend(&groups, &colours).len(), 12);
    }
}
