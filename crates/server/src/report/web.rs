//! The report page and its file.

use std::collections::HashMap;

use app::{
    Error, Op,
    report::{GroupBy, SummaryQuery, may_group, stacked_days, summary_file, summary_report},
};
use axum::{
    Router,
    extract::{Query, State},
    http::StatusCode,
    routing::get,
};
use domain::{
    duration::format_hm,
    period::{Period, Preset as Named},
    permission::{Relation, Right},
};

use super::{
    csv,
    present::{chart, chart_title, colours, rows},
    range::read_period,
    view::{Preset, ReportPage},
};
use crate::{
    page::{Field, Place, Select, chart::percent},
    state::Server,
    time_entry::listing::time_link,
    web::{Frame, PageResult, SignedIn, page_with},
};

/// Ranges to choose at once.
const PRESETS: [Named; 6] = [
    Named::ThisWeek,
    Named::LastWeek,
    Named::ThisMonth,
    Named::LastMonth,
    Named::Last8Weeks,
    Named::ThisYear,
];

/// What a range is called.
pub(crate) const fn preset_word(preset: Named) -> &'static str {
    match preset {
        Named::Today => "Today",
        Named::Yesterday => "Yesterday",
        Named::ThisWeek => "This week",
        Named::LastWeek => "Last week",
        Named::ThisMonth => "This month",
        Named::LastMonth => "Last month",
        Named::Last8Weeks => "Last 8 weeks",
        Named::ThisYear => "This year",
        Named::LastYear => "Last year",
    }
}

/// By what a report is grouped.
pub(crate) const fn group_word(by: GroupBy) -> &'static str {
    match by {
        GroupBy::ClientProject => "Client ▸ Project",
        GroupBy::MemberProject => "Person ▸ Project",
    }
}

/// Routes of the report page.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/reports", get(show))
        .route("/w/{workspace}/reports.csv", get(file))
}

/// What the address says: `preset`, or `first` and `last`; `group`.
type Asked = HashMap<String, String>;

fn text<'a>(asked: &'a Asked, name: &str) -> &'a str {
    asked.get(name).map_or("", String::as_str)
}

fn group_by(asked: &Asked) -> GroupBy {
    text(asked, "group").parse().unwrap_or(GroupBy::ClientProject)
}

/// The range that is asked for; the last eight weeks when none is.
fn period(op: &Op, asked: &Asked) -> Result<Period, Error> {
    let (first, last) = (text(asked, "first"), text(asked, "last"));
    if first.is_empty() && last.is_empty() {
        let preset = text(asked, "preset").parse().unwrap_or(Named::Last8Weeks);
        return Ok(preset.period(op.today(), op.me().week_start));
    }
    read_period(first, last)
}

fn query(period: Period, asked: &Asked) -> SummaryQuery {
    SummaryQuery { period, group_by: group_by(asked), member: None, project: None }
}

async fn show(
    State(server): State<Server>,
    member: SignedIn,
    Query(asked): Query<Asked>,
) -> PageResult {
    let root = member.root();
    let (frame, status, page) = member
        .read(&server, move |op| {
            let frame = Frame::read(op)?;
            match period(op, &asked) {
                Ok(period) => Ok((frame, StatusCode::OK, body(op, period, &asked, &root)?)),
                Err(error) => Ok((
                    frame,
                    StatusCode::UNPROCESSABLE_ENTITY,
                    refused(op, error, &asked, &root)?,
                )),
            }
        })
        .await?;
    let layout = frame.layout(&server, &member, Place::Reports, "report", "Reports").await?;
    Ok(page_with(status, &ReportPage { layout, ..page }))
}

fn body(op: &mut Op, period: Period, asked: &Asked, root: &str) -> Result<ReportPage, Error> {
    let query = query(period, asked);
    let summary = summary_report(op, query)?;
    let parts = stacked_days(op, query)?;
    let names = op.names()?;
    let colours = colours(&summary.groups, query.group_by, &names);
    let me = op.me();
    let (first, last) = (period.first(), period.last());
    let share = percent(summary.billable_s, summary.total_s);
    Ok(ReportPage {
        summary: format!(
            "{} – {} · {} · days by each entry’s own time zone",
            me.locale.format_date(first),
            me.locale.format_date(last),
            whose(op),
        ),
        first: Field::new(first.to_string()),
        last: Field::new(last.to_string()),
        presets: presets(op, Some(period), query.group_by, root),
        total: format_hm(summary.total_s),
        billable: format_hm(summary.billable_s),
        billable_share: if summary.total_s > 0 { format!("{share} %") } else { String::new() },
        chart: chart(me, &summary, &parts, &colours),
        chart_title: chart_title(period).to_owned(),
        rows: rows(&summary, &colours, &names, query.group_by, |member, project| {
            time_link(op, &names, root, period, member, project)
        }),
        csv_url: format!(
            "{root}/reports.csv?{}",
            address(&[
                ("first", &first.to_string()),
                ("last", &last.to_string()),
                ("group", query.group_by.as_str()),
            ])
        ),
        ..grouped(op, query.group_by)
    })
}

/// The range was not right: what was typed, with what is wrong beside it.
fn refused(op: &Op, error: Error, asked: &Asked, root: &str) -> Result<ReportPage, Error> {
    let Error::Invalid(fields) = error else {
        return Err(error);
    };
    let field = |name: &str| {
        let wrong = fields.0.iter().find(|field| field.field == name);
        let wrong = wrong.map_or("", |field| field.message.as_str());
        Field::new(text(asked, name)).with_error(wrong)
    };
    Ok(ReportPage {
        first: field("first"),
        last: field("last"),
        presets: presets(op, None, group_by(asked), root),
        ..grouped(op, group_by(asked))
    })
}

fn grouped(op: &Op, by: GroupBy) -> ReportPage {
    let heading = match by {
        GroupBy::ClientProject => "Hours by client",
        GroupBy::MemberProject => "Hours by person",
    };
    let choice = |by: GroupBy| (by.as_str(), group_word(by));
    let mut choices = vec![choice(GroupBy::ClientProject)];
    let sees_others = op.may(Right::ReadReports, Relation::ManagedProject)
        || op.may(Right::ReadReports, Relation::ClientProject);
    if by == GroupBy::MemberProject || sees_others && may_group(op, GroupBy::MemberProject) {
        choices.push(choice(GroupBy::MemberProject));
    }
    ReportPage {
        heading: heading.to_owned(),
        group: Select::of(choices, by.as_str()),
        group_title: group_word(by).to_owned(),
        ..ReportPage::default()
    }
}

fn presets(op: &Op, period: Option<Period>, by: GroupBy, root: &str) -> Vec<Preset> {
    let preset = |named: Named| {
        let address = address(&[("preset", named.as_str()), ("group", by.as_str())]);
        Preset {
            label: preset_word(named).to_owned(),
            href: format!("{root}/reports?{address}"),
            is_current: period == Some(named.period(op.today(), op.me().week_start)),
        }
    };
    PRESETS.into_iter().map(preset).collect()
}

/// Whose time the report is of.
fn whose(op: &Op) -> &'static str {
    if op.may(Right::ReadReports, Relation::Workspace) {
        "everyone"
    } else if op.may(Right::ReadReports, Relation::ManagedProject) {
        "your time, that of your teams, and all time on projects you manage"
    } else if op.may(Right::ReadReports, Relation::ClientProject) {
        "all time on your projects"
    } else {
        "your time"
    }
}

fn address(pairs: &[(&str, &str)]) -> String {
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

/// The same as a file.
async fn file(
    State(server): State<Server>,
    member: SignedIn,
    Query(asked): Query<Asked>,
) -> PageResult {
    server
        .app
        .read(member.actor, member.workspace, move |op| {
            let period = period(op, &asked)?;
            summary_file(op, query(period, &asked))
        })
        .await
        .and_then(|report| csv::answer(&report))
        .map_err(|error| member.fail(error))
}
