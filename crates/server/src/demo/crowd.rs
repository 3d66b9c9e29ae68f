//! More of the same, for measurements: years of work of many people, and many workspaces.
//!
//! Everything goes through the operations that everybody uses; only who waits for whom is chosen for
//! speed: writes that are sent together share a flush of the disk.

use app::{
    App, Error, Op, SetUpWorkspace,
    identity::Origin,
    time_entry::{AddTimeEntry, NewSpan, add_time_entry},
};
use domain::{
    period::WeekStart,
    permission::Role,
    preference::{Currency, Locale},
    text::Note,
};
use futures_util::future::try_join_all;
use jiff::Timestamp;

use super::{
    booking,
    cast::{PEOPLE, Person},
    days::{Planned, WEEKS, plan, plan_between},
    name, newcomer, numbered, prepare, system, workspace,
};

/// Entries of one person before there have to be more people: ten years of them.
const MOST_ENTRIES_EACH: u32 = 20_000;

/// Workspaces that are made at once.
const AT_ONCE: u32 = 64;

/// Makes the demo, then goes back in time week by week, with more people where it takes them, until
/// there are so many entries; how many there are.
///
/// Errors: as [`prepare`].
pub async fn add_entries(app: &App, seed: u16, wanted: u32) -> Result<u32, Error> {
    prepare(app, seed).await?;
    let now = app.clock().now();
    let mut made = 0;
    for (number, person) in numbered(PEOPLE) {
        made += count(&plan(person, seed, number, now)?)?;
    }
    let demo = count(PEOPLE)?;
    let people = wanted.div_ceil(MOST_ENTRIES_EACH).max(demo);
    for number in demo + 1..=people {
        admit(app, seed, number).await?;
    }
    // The demo's own people have their last weeks already.
    for week in 0.. {
        if made >= wanted {
            break;
        }
        let first = if week <= WEEKS { demo + 1 } else { 1 };
        let mut writes = Vec::new();
        for number in first..=people {
            let mut planned = plan_week(seed, number, now, week)?;
            planned.truncate(usize::try_from(wanted - made).unwrap_or(usize::MAX));
            made += count(&planned)?;
            writes.push(write(app, seed, number, planned));
        }
        try_join_all(writes).await?;
    }
    Ok(made)
}

fn plan_week(seed: u16, number: u32, now: Timestamp, week: i64) -> Result<Vec<Planned>, Error> {
    let days = week * 7 + 1..=week * 7 + 7;
    plan_between(person(number)?, seed, number, now, days)
}

/// Whose days a member's days are like.
fn person(number: u32) -> Result<&'static Person, Error> {
    let nth = usize::try_from(number).unwrap_or(1).saturating_sub(1) % PEOPLE.len();
    PEOPLE.get(nth).ok_or_else(|| Error::bug("an empty cast"))
}

async fn admit(app: &App, seed: u16, number: u32) -> Result<(), Error> {
    let person = person(number)?;
    let address = app::input::address("email", &format!("{number}.{}", person.address))?;
    let user = app.find_or_create_person(app.new_request(), address.clone()).await?;
    let mut newcomer = newcomer(seed, number, user, person)?;
    newcomer.address = address;
    app.admit(app.new_request(), workspace(seed), newcomer, Role::Member).await
}

async fn write(app: &App, seed: u16, number: u32, planned: Vec<Planned>) -> Result<(), Error> {
    let actor = system(app, seed, number);
    app.write(actor, workspace(seed), move |op| {
        planned.iter().try_for_each(|planned| add(op, seed, planned))
    })
    .await
}

fn add(op: &mut Op, seed: u16, planned: &Planned) -> Result<(), Error> {
    let command = AddTimeEntry {
        id: None,
        member: None,
        booking: booking(op, seed, planned)?,
        note: Note::parse(planned.note).map_err(|_| Error::bug("a note of the cast"))?,
        billable: None,
        span: NewSpan::Range { start: planned.start, stop: planned.stop },
        body: None,
    };
    add_time_entry(op, command).map(drop)
}

/// Makes workspaces, each with an owner of its own.
///
/// Errors: [`Error::Store`].
pub async fn add_workspaces(app: &App, wanted: u32) -> Result<(), Error> {
    for first in (1..=wanted).step_by(usize::try_from(AT_ONCE).unwrap_or(1)) {
        let last = wanted.min(first + AT_ONCE - 1);
        try_join_all((first..=last).map(|number| add_workspace(app, number))).await?;
    }
    Ok(())
}

async fn add_workspace(app: &App, number: u32) -> Result<(), Error> {
    let command = SetUpWorkspace {
        name: name(&format!("Workspace {number}"))?,
        owner_name: name(&format!("Owner {number}"))?,
        owner_address: app::input::address("email", &format!("owner.{number}@example.com"))?,
        zone: app::input::zone("zone", "Europe/Berlin")?,
        week_start: WeekStart::Monday,
        locale: Locale::EnGb,
        currency: Currency::EUR,
        origin: Origin::default(),
    };
    app.set_up_workspace(app.new_request(), command).await.map(drop)
}

fn count<T>(things: &[T]) -> Result<u32, Error> {
    u32::try_from(things.len()).map_err(|_| Error::bug("a large crowd"))
}
