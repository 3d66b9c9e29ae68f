//! T-ANOM: twenty attacks, of which at least nineteen are told, and thirty days of work with one false alarm
//! at most.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// Who: the number of a member; the workspace is nobody.
type Who = Option<u32>;

/// A workspace whose days are counted as the program counts them.
#[derive(Default, Clone)]
struct Days {
    counts: BTreeMap<(Measure, Who, i64), u32>,
    told: Vec<(i64, Measure, Who)>,
}

impl Days {
    fn note(&mut self, day: i64, who: u32, measure: Measure, times: u32) {
        for who in [Some(who), None] {
            let whose = if who.is_some() { Whose::One } else { Whose::All };
            if measure.is_of(whose) {
                *self.counts.entry((measure, who, day)).or_default() += times;
            }
        }
    }

    fn before(&self, measure: Measure, day: i64, is_asked: impl Fn(Who) -> bool) -> Before {
        let of = self.counts.iter().filter(|((of, who, at), _)| {
            *of == measure && is_asked(*who) && (day - DAYS..day).contains(at)
        });
        let (mut busiest, mut days) = (0, 0);
        for (_, count) in of {
            busiest = busiest.max(*count);
            days += 1;
        }
        Before { busiest, days }
    }

    /// What is told at the end of a day.
    fn end(&mut self, day: i64) -> Vec<(Measure, Who)> {
        let today = self.counts.iter().filter(|((_, _, at), _)| *at == day);
        let mut told = Vec::new();
        for ((measure, who, _), count) in today {
            let whose = if who.is_some() { Whose::One } else { Whose::All };
            let own = self.before(*measure, day, |one| one == *who);
            let others = self.before(*measure, day, |one| one.is_some());
            if measure.limit(whose, own, others).is_some_and(|limit| *count > limit) {
                told.push((*measure, *who));
            }
        }
        self.told.extend(told.iter().map(|(measure, who)| (day, *measure, *who)));
        told
    }
}

/// A little noise, the same for each seed.
struct Noise(u64);

impl Noise {
    fn below(&mut self, most: u32) -> u32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(most.max(1))).unwrap_or(0)
    }
}

const PEOPLE: u32 = 25;
const OWNER: u32 = 0;
const ADMIN: u32 = 1;
const MANAGERS: [u32; 2] = [2, 3];
const ACCOUNTANT: u32 = 4;
const IMPORTER: u32 = 100;

/// A day of a company with 25 people: timers, corrections, a manager who looks through the week, the end of
/// a month, somebody new, an import each night. Nobody works at the weekend but one.
fn work(days: &mut Days, noise: &mut Noise, day: i64) {
    let weekday = day.rem_euclid(7);
    if weekday >= 5 {
        days.note(day, 7, Measure::Changes, 4 + noise.below(10));
        days.note(day, 7, Measure::SignIns, 1);
        return;
    }
    for one in 0..PEOPLE {
        if noise.below(10) == 0 {
            continue;
        }
        days.note(day, one, Measure::Changes, 12 + noise.below(70));
        days.note(day, one, Measure::SignIns, noise.below(4));
        days.note(day, one, Measure::Deletions, noise.below(5));
        if noise.below(8) == 0 {
            days.note(day, one, Measure::Failures, 1 + noise.below(4));
        }
        if noise.below(30) == 0 {
            days.note(day, one, Measure::Factors, 1 + noise.below(3));
        }
    }
    // Somebody tidies up.
    if noise.below(6) == 0 {
        days.note(day, noise.below(PEOPLE), Measure::Deletions, 15 + noise.below(12));
    }
    for manager in MANAGERS {
        days.note(day, manager, Measure::Looks, 4 + noise.below(8));
        days.note(day, manager, Measure::Exports, noise.below(3));
    }
    if weekday == 0 {
        days.note(day, ACCOUNTANT, Measure::Looks, 15 + noise.below(5));
    }
    days.note(day, ACCOUNTANT, Measure::Exports, noise.below(4));
    if day.rem_euclid(30) < 2 {
        days.note(day, ACCOUNTANT, Measure::Exports, 4 + noise.below(4));
    }
    // Three new people, on one day.
    if day.rem_euclid(15) == 4 {
        days.note(day, ADMIN, Measure::Powers, 9 + noise.below(6));
        days.note(day, OWNER, Measure::Powers, 2);
    }
    days.note(day, IMPORTER, Measure::Changes, 300 + noise.below(200));
}

/// How many companies: so few where nobody asks for more.
#[expect(clippy::disallowed_methods, reason = "tests are configured by their environment")]
fn rounds() -> u64 {
    let is_soak = std::env::var("TIMEPROOF_SOAK").is_ok_and(|asked| !asked.is_empty());
    if is_soak { 1_000 } else { 10 }
}

#[test]
fn thirty_days_of_work_raise_one_false_alarm_at_most() {
    for seed in 0..rounds() {
        let (mut days, mut noise) = (Days::default(), Noise(seed));
        // From the first day on, of which nothing is known.
        for day in 0..30 {
            work(&mut days, &mut noise, day);
            days.end(day);
        }
        assert!(days.told.len() <= 1, "seed {seed}: {:?}", days.told);
    }
}

/// One attack: what it does beside the work of the day.
type Attack = (&'static str, fn(&mut Days, i64));

/// As they are told of in reports: data carried away, destroyed, falsified; power taken; ways in tried.
const ATTACKS: [Attack; 20] = [
    ("a stolen admin takes forty reports away", |days, day| {
        days.note(day, ADMIN, Measure::Exports, 40);
    }),
    ("the accountant's browser takes each client's report", |days, day| {
        days.note(day, ACCOUNTANT, Measure::Exports, 60);
    }),
    ("somebody who leaves takes fifteen reports", |days, day| {
        days.note(day, 20, Measure::Exports, 15);
    }),
    ("five people take nine reports each", |days, day| {
        (10..15).for_each(|one| days.note(day, one, Measure::Exports, 9));
    }),
    ("an admin reads everybody's time", |days, day| {
        days.note(day, ADMIN, Measure::Looks, 24);
    }),
    ("a new token reads everybody's time", |days, day| {
        days.note(day, 200, Measure::Looks, 200);
    }),
    ("a manager reads the other departments", |days, day| {
        days.note(day, MANAGERS[0], Measure::Looks, 60);
    }),
    ("a member deletes their year", |days, day| {
        days.note(day, 9, Measure::Deletions, 240);
    }),
    ("an admin deletes the projects", |days, day| {
        days.note(day, ADMIN, Measure::Deletions, 85);
    }),
    ("a token empties the trash", |days, day| {
        days.note(day, 201, Measure::Deletions, 1_000);
    }),
    ("ten people's time is deleted by ten accounts", |days, day| {
        (10..20).for_each(|one| days.note(day, one, Measure::Deletions, 28));
    }),
    ("a program rewrites the rates of a year", |days, day| {
        days.note(day, ADMIN, Measure::Changes, 5_000);
    }),
    ("a new token writes all night", |days, day| {
        days.note(day, 202, Measure::Changes, 10_000);
    }),
    ("an admin invites strangers", |days, day| {
        days.note(day, ADMIN, Measure::Powers, 80);
    }),
    ("tokens are made by the dozen", |days, day| {
        days.note(day, 12, Measure::Powers, 48);
    }),
    ("everybody is made an admin", |days, day| {
        days.note(day, OWNER, Measure::Powers, 50);
    }),
    ("a stolen cookie signs in again and again", |days, day| {
        days.note(day, 16, Measure::SignIns, 40);
    }),
    ("passwords are tried on one account", |days, day| {
        days.note(day, 18, Measure::Failures, 20);
    }),
    ("three passwords are tried on each account", |days, day| {
        (0..PEOPLE).for_each(|one| days.note(day, one, Measure::Failures, 5));
    }),
    // What this cannot see: no more than anybody does on any day.
    ("two reports a day, for a month", |days, day| {
        days.note(day, MANAGERS[1], Measure::Exports, 2);
    }),
];

#[test]
fn nineteen_of_twenty_attacks_are_told() {
    for seed in 0..rounds() {
        let (mut days, mut noise) = (Days::default(), Noise(seed));
        for day in 0..30 {
            work(&mut days, &mut noise, day);
            days.end(day);
        }
        let mut missed = Vec::new();
        for (what, attack) in ATTACKS {
            let mut attacked = days.clone();
            work(&mut attacked, &mut Noise(seed + 1), 30);
            let quiet = attacked.clone().end(30);
            attack(&mut attacked, 30);
            let told = attacked.end(30);
            if !told.iter().any(|one| !quiet.contains(one)) {
                missed.push(what);
            }
        }
        assert!(missed.len() <= 1, "seed {seed}: {missed:?}");
    }
}

#[test]
fn who_is_new_is_measured_by_the_busiest_and_who_is_known_by_themselves() {
    let busy = Before { busiest: 100, days: 20 };
    let limit = |own| Measure::Exports.limit(Whose::One, own, busy);
    assert_eq!(limit(Before::default()), Some(300));
    assert_eq!(limit(Before { busiest: 2, days: 4 }), Some(300));
    assert_eq!(limit(Before { busiest: 2, days: 5 }), Some(10), "the floor");
    assert_eq!(limit(Before { busiest: 9, days: 5 }), Some(27));
    assert_eq!(Measure::Exports.limit(Whose::All, Before { busiest: 11, days: 1 }, busy), Some(33));
    assert_eq!(Measure::Changes.limit(Whose::All, busy, busy), None);
}

proptest! {
    /// More before never makes less unusual, and nothing is told below a floor.
    #[test]
    fn limits_rise_with_what_was_before(
        busiest in 0_u32..u32::MAX, more in 0_u32..1_000, days in 0_u32..30, others in 0_u32..1_000_000
    ) {
        let others = Before { busiest: others, days: 9 };
        for measure in Measure::ALL {
            prop_assert_eq!(measure.as_str().parse(), Ok(*measure));
            for whose in [Whose::One, Whose::All] {
                let limit = |busiest| measure.limit(whose, Before { busiest, days }, others);
                prop_assert!(limit(busiest) <= limit(busiest.saturating_add(more)));
                prop_assert!(limit(busiest).is_none_or(|limit| limit >= busiest.max(10)));
                prop_assert_eq!(limit(busiest).is_some(), measure.is_of(whose));
            }
        }
    }
}
