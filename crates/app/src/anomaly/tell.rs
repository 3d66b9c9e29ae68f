//! Tell the owners what is unusual: by mail, and as an event. Of each thing once a day.
//!
//! The letters come first: who stops in between tells it twice, and not never.

use domain::{
    anomaly::Measure,
    ids::{MemberId, UserId, WorkspaceId},
    permission::{Relation, Right},
    text::Name,
};
use store::{Row, Statement};
use uuid::Uuid;

use super::utc_day;
use crate::{
    Actor, App, Credential, DirectoryOp, Error, Op,
    audit::{Event, Kind},
    identity::{LetterKind, enqueue, get_address, letters},
    input,
    member::list_owners,
    op::word,
};

/// Older days say nothing that an owner could act on: of a log that is counted for the first time.
const DAYS_TOLD: i64 = 1;

/// Things that are told in one letter.
const MOST: i64 = 50;

/// Something unusual.
#[derive(Debug, Clone)]
struct Unusual {
    measure: Measure,
    kind: String,
    who: Uuid,
    day: i64,
    count: i64,
    most: i64,
}

impl Unusual {
    fn is_program(&self) -> bool {
        self.kind == "token"
    }
}

/// What the owners of a workspace are told.
#[derive(Clone)]
struct News {
    name: Name,
    owners: Vec<UserId>,
    /// Who, what and how often, a line each.
    lines: Vec<String>,
}

impl App {
    /// Tells what was noted; how many things.
    pub(super) async fn tell_unusual(
        &self,
        workspace: WorkspaceId,
        base_url: &str,
    ) -> Result<usize, Error> {
        let owner = self.find_first_owner(workspace).await?.ok_or(Error::NotFound)?;
        let actor = || Actor::new(Credential::System(owner), self.new_request());
        let Some((unusual, news)) = self.read(actor(), workspace, find_news).await? else {
            return Ok(0);
        };
        if !news.lines.is_empty() {
            let page = format!("{base_url}/w/{workspace}/record");
            let told = news.clone();
            let tell = move |op: &mut DirectoryOp| mail(op, &told, &page);
            self.write_directory(self.new_request(), tell).await?;
        }
        let record = move |op: &mut Op| record(op, &unusual);
        self.write(actor(), workspace, record).await
    }
}

/// What was noted and not told yet, with those who are to be told.
fn find_news(op: &mut Op) -> Result<Option<(Vec<Unusual>, News)>, Error> {
    op.require(Right::ReadRecord, Relation::Workspace)?;
    let unusual = list(op)?;
    if unusual.is_empty() {
        return Ok(None);
    }
    let first = utc_day(op.now().as_microsecond()) - DAYS_TOLD;
    let recent = unusual.iter().filter(|one| one.day >= first);
    let lines = recent.map(|one| line(op, one)).collect::<Result<_, _>>()?;
    let name = input::name("name", &op.names()?.workspace)?;
    let news = News { name, owners: list_owners(op)?, lines };
    Ok(Some((unusual, news)))
}

fn list(op: &mut Op) -> Result<Vec<Unusual>, Error> {
    let read = |row: &Row| {
        Ok(Unusual {
            measure: word(row, 0)?,
            who: row.get(1)?,
            day: row.get(2)?,
            kind: row.get(3)?,
            count: row.get(4)?,
            most: row.get(5)?,
        })
    };
    op.query(&LIST, &[MOST.into()])?.iter().map(read).collect()
}

/// Whose doing it was: a member's, or that of the member whose program it was.
fn member_of(op: &mut Op, unusual: &Unusual) -> Result<Option<MemberId>, Error> {
    match unusual.kind.as_str() {
        "member" => Ok(Some(MemberId::from_uuid(unusual.who))),
        "token" => Ok(Some(op.one(&FIND_OWNER, &[unusual.who.into()])?.get(0)?)),
        _ => Ok(None),
    }
}

/// Says it in a line: who did what how often, and what would have been usual.
fn line(op: &mut Op, unusual: &Unusual) -> Result<String, Error> {
    let who = match member_of(op, unusual)? {
        Some(member) => {
            let name = op.names()?.members.get(&member).map(|member| member.name.clone());
            let name = name.ok_or_else(|| Error::bug("a member without a name"))?;
            if unusual.is_program() { format!("{name} (by a program)") } else { name }
        }
        None => "All together".to_owned(),
    };
    let (what, count, most) = (unusual.measure.title(), unusual.count, unusual.most);
    Ok(format!("{who}: {count} {what}, where {most} would not be unusual"))
}

/// Audit: none; the event of the workspace follows.
fn mail(op: &mut DirectoryOp, news: &News, page: &str) -> Result<(), Error> {
    for owner in &news.owners {
        let to = match get_address(op, *owner) {
            // Whom the directory does not know cannot be told.
            Err(Error::NotFound) => continue,
            to => to?,
        };
        let letter = letters::anomalies(&to, &news.name, &news.lines, page)?;
        enqueue(op, LetterKind::SecurityNotice, &letter)?;
    }
    Ok(())
}

/// Records each of them, and that it is told; how many were recent.
fn record(op: &mut Op, unusual: &[Unusual]) -> Result<usize, Error> {
    op.require(Right::ReadRecord, Relation::Workspace)?;
    let first = utc_day(op.now().as_microsecond()) - DAYS_TOLD;
    let now = op.now().as_microsecond();
    let mut told = 0;
    for one in unusual {
        let key = [one.measure.as_str().into(), one.who.into(), one.day.into(), now.into()];
        // Another node may have told it meanwhile.
        if op.execute_of_ledger(&MARK, &key)? == 0 || one.day < first {
            continue;
        }
        let event = match member_of(op, one)? {
            Some(member) => Event::new(Kind::AnomalyFound, "member", member),
            None => Event::new(Kind::AnomalyFound, "workspace", op.workspace()),
        };
        let event = event
            .fact("program", false, one.is_program())
            .fact("measure", None::<&str>, one.measure.as_str())
            .fact("count", None::<i64>, one.count)
            .fact("usual", None::<i64>, one.most);
        op.record(event)?;
        told += 1;
    }
    Ok(told)
}

/// Index `tallies_untold`.
const LIST: Statement = Statement::new(
    "anomaly.list_untold",
    "SELECT measure, who, day, who_kind, count, most FROM tallies
     WHERE most IS NOT NULL AND told_at IS NULL ORDER BY day, measure, who LIMIT $1",
);

const MARK: Statement = Statement::new(
    "anomaly.mark_told",
    "UPDATE tallies SET told_at = $4
     WHERE measure = $1 AND who = $2 AND day = $3 AND told_at IS NULL",
);

const FIND_OWNER: Statement =
    Statement::new("anomaly.find_token_owner", "SELECT member_id FROM api_tokens WHERE id = $1");

pub(super) const STATEMENTS: &[Statement] = &[LIST, MARK, FIND_OWNER];
