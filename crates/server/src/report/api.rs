//! Reports in the API.

use app::report::{Group, GroupBy, Summary, SummaryQuery, summary_file, summary_report};
use axum::{Json, extract::State, response::Response};
use domain::{
    ids::{MemberId, ProjectId},
    period::Period,
};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use wire::{
    problem::Problem,
    report::{ReportDay, ReportGroup, SummaryReport},
};

use super::csv;
use crate::{
    error::{ApiError, Failure},
    extract::{Caller, Parameters},
    state::Server,
};

/// Routes of reports.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(summary)).routes(routes!(summary_csv))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Query {
    /// The first day.
    first: Date,
    /// The last day, which belongs to the report; at most 3,660 days after the first.
    last: Date,
    /// The two levels; clients and their projects when left out.
    group_by: Option<String>,
    /// One member's time only.
    member_id: Option<Uuid>,
    /// Time on one project only.
    project_id: Option<Uuid>,
}

impl Query {
    fn read(&self) -> Result<SummaryQuery, Failure> {
        let period = Period::new(self.first, self.last)
            .map_err(|error| crate::api::bad_query(super::range::sentence(error)))?;
        let group_by = self.group_by.as_deref().unwrap_or(GroupBy::ClientProject.as_str());
        let group_by = group_by.parse().map_err(|()| {
            let offered = app::input::offered::<GroupBy>();
            crate::api::bad_query(format!("group_by must be one of {offered}."))
        })?;
        Ok(SummaryQuery {
            period,
            group_by,
            member: self.member_id.map(MemberId::from_uuid),
            project: self.project_id.map(ProjectId::from_uuid),
        })
    }
}

fn to_wire(report: Summary) -> SummaryReport {
    let days = report.days.into_iter();
    SummaryReport {
        first: report.period.first(),
        last: report.period.last(),
        group_by: report.group_by.as_str().to_owned(),
        total_s: report.total_s,
        billable_s: report.billable_s,
        groups: report.groups.into_iter().map(group_to_wire).collect(),
        days: days.map(|day| ReportDay { day: day.day, seconds: day.seconds }).collect(),
    }
}

fn group_to_wire(group: Group) -> ReportGroup {
    ReportGroup {
        id: group.id,
        name: group.name,
        seconds: group.seconds,
        billable_s: group.billable_s,
        groups: group.groups.into_iter().map(group_to_wire).collect(),
    }
}

/// Seconds of a range of days, grouped at two levels; running entries count up to now. A member's
/// report is of their own time, a manager's also of the projects they manage, an admin's of all.
#[utoipa::path(get, path = "/workspaces/{workspace}/reports/summary", operation_id = "summaryReport",
    tag = "reports", params(("workspace" = Uuid, Path), Query),
    responses((status = 200, body = SummaryReport), (status = "default", body = Problem)))]
async fn summary(
    State(server): State<Server>,
    caller: Caller,
    Parameters(query): Parameters<Query>,
) -> Result<Json<SummaryReport>, ApiError> {
    let query = query.read().map_err(|failure| ApiError::new(failure, caller.request))?;
    let report = caller.read(&server, move |op| summary_report(op, query)).await?;
    Ok(Json(to_wire(report)))
}

/// The same as a CSV file (UTF-8 with a byte order mark), a row for each pair of names.
#[utoipa::path(get, path = "/workspaces/{workspace}/reports/summary.csv", operation_id = "summaryReportCsv",
    tag = "reports", params(("workspace" = Uuid, Path), Query),
    responses((status = 200, body = String, content_type = "text/csv"),
              (status = "default", body = Problem)))]
async fn summary_csv(
    State(server): State<Server>,
    caller: Caller,
    Parameters(query): Parameters<Query>,
) -> Result<Response, ApiError> {
    let query = query.read().map_err(|failure| ApiError::new(failure, caller.request))?;
    let report = caller.read(&server, move |op| summary_file(op, query)).await?;
    csv::answer(&report).map_err(|error| ApiError::new(error, caller.request))
}
