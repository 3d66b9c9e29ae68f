//! Entries as rows under their days: on Today and on the page of time.

use std::collections::HashSet;

use app::{Names, Op, time_entry::DayPart};
use domain::{
    duration::format_hm,
    ids::{MemberId, TimeEntryId},
};
use jiff::{Timestamp, civil::Date};

use crate::{
    timer::view::{Counting, DayCard, EntryRow},
    wall,
    web::{chip, rfc3339, tag_names},
};

/// A card a day that has entries, newest first; `always` has one though it is empty.
pub(crate) fn cards(
    op: &mut Op,
    names: &Names,
    parts: &[DayPart],
    always: Option<Date>,
) -> Vec<DayCard> {
    let today = op.today();
    let mut days: Vec<Date> = parts.iter().map(|part| part.day).chain(always).collect();
    days.sort_unstable();
    days.dedup();
    let overlapping = overlapping(parts, op.now());
    let mut cards = Vec::new();
    for day in days.into_iter().rev() {
        let of_day: Vec<_> = parts.iter().filter(|part| part.day == day).collect();
        let total: i64 = of_day.iter().map(|part| part.seconds).sum();
        let is_counting = of_day.iter().any(|part| part.entry.is_running() && day == today);
        cards.push(DayCard {
            day: day.to_string(),
            title: day_title(op, day),
            total: format_hm(total),
            counting: is_counting
                .then(|| Counting { started_at: rfc3339(op.now()), base_s: total }),
            entries: of_day.into_iter().map(|part| row(op, names, part, &overlapping)).collect(),
        });
    }
    cards
}

fn day_title(op: &Op, day: Date) -> String {
    let today = op.today();
    if day == today {
        "Today".to_owned()
    } else if today.yesterday().is_ok_and(|yesterday| yesterday == day) {
        "Yesterday".to_owned()
    } else {
        op.me().locale.format_day_long(day)
    }
}

fn row(op: &mut Op, names: &Names, part: &DayPart, overlapping: &HashSet<TimeEntryId>) -> EntryRow {
    let entry = &part.entry;
    let is_counting = entry.is_running() && part.day == op.today();
    let is_own = entry.member == op.me().member;
    let again_id = is_own.then(|| op.new_id::<TimeEntryId>().to_string());
    let member = names.members.get(&entry.member).filter(|_| !is_own);
    EntryRow {
        id: entry.id.to_string(),
        note: entry.note.clone(),
        tags: tag_names(names, entry),
        project: chip(names, entry),
        span: span(op, part),
        duration: format_hm(part.seconds),
        counting: is_counting
            .then(|| Counting { started_at: rfc3339(op.now()), base_s: part.seconds }),
        is_billable: entry.is_billable,
        remark: if overlapping.contains(&entry.id) { "overlaps" } else { "" }.to_owned(),
        member: member.map(|member| member.name.clone()).unwrap_or_default(),
        again_id: again_id.unwrap_or_default(),
    }
}

/// `13:05 – 14:10`; the other day is named where an entry runs over midnight, and the zone where its
/// clock shows another time than the member's own.
fn span(op: &Op, part: &DayPart) -> String {
    let entry = &part.entry;
    let Some(start) = entry.start() else { return String::new() };
    let at = |instant| {
        let time = wall::time(op.me(), &entry.zone, instant);
        let day = wall::local(&entry.zone, instant).date();
        if day == part.day {
            time
        } else {
            format!("{} {time}", op.me().locale.format_day_short(day))
        }
    };
    let stop = entry.stop().map_or_else(|| "now".to_owned(), at);
    let zone = wall::zone_place(op.me(), &entry.zone, start);
    format!("{} – {stop} {zone}", at(start)).trim_end().to_owned()
}

/// Entries that share time with another one of the same member in the list.
fn overlapping(parts: &[DayPart], now: Timestamp) -> HashSet<TimeEntryId> {
    let ends = parts.iter().filter_map(|part| {
        let entry = &part.entry;
        Some((entry.member, entry.start()?, entry.stop().unwrap_or(now), entry.id))
    });
    sharing(ends.collect())
}

/// Whose, from when, until when, which.
type Ends = (MemberId, Timestamp, Timestamp, TimeEntryId);

fn sharing(mut ends: Vec<Ends>) -> HashSet<TimeEntryId> {
    ends.retain(|(_, start, stop, _)| start < stop);
    ends.sort_unstable();
    ends.dedup();
    let mut found = HashSet::new();
    let mut last: Option<(MemberId, Timestamp, TimeEntryId)> = None;
    for (member, start, stop, id) in ends {
        // Of those before it, the one that ends last: whoever overlaps another overlaps that one.
        let shares = last.filter(|(of, end, _)| *of == member && start < *end);
        if let Some((_, _, other)) = shares {
            found.extend([id, other]);
        }
        if shares.is_none_or(|(_, end, _)| end < stop) {
            last = Some((member, stop, id));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(id: u8, member: u8, start: i64, stop: i64) -> Ends {
        let at = |second| Timestamp::from_second(second).unwrap();
        let (member, id) = (MemberId::from_bytes([member; 16]), TimeEntryId::from_bytes([id; 16]));
        (member, at(start), at(stop), id)
    }

    #[test]
    fn those_that_share_time_are_found() {
        for (entries, expected) in [
            (vec![ends(1, 1, 0, 10), ends(2, 1, 10, 20)], vec![]),
            (vec![ends(1, 1, 0, 10), ends(2, 1, 9, 20)], vec![1, 2]),
            (vec![ends(1, 1, 0, 10), ends(2, 2, 5, 20)], vec![]),
            (vec![ends(1, 1, 0, 99), ends(2, 1, 5, 6), ends(3, 1, 50, 60)], vec![1, 2, 3]),
            (vec![ends(1, 1, 0, 10), ends(2, 1, 1, 12), ends(3, 1, 11, 13)], vec![1, 2, 3]),
            (vec![ends(1, 1, 3, 3), ends(2, 1, 0, 5)], vec![]),
        ] {
            let found = sharing(entries);
            let mut found: Vec<u8> = found.into_iter().map(|id| id.as_bytes()[0]).collect();
            found.sort_unstable();
            assert_eq!(found, expected);
        }
    }
}
