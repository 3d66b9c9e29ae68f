//! Reports.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Seconds of a range, grouped at two levels.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SummaryReport {
    pub first: Date,
    pub last: Date,
    /// The two levels.
    pub group_by: String,
    pub total_s: i64,
    pub billable_s: i64,
    pub groups: Vec<ReportGroup>,
    /// One row a day of the range that has any time.
    pub days: Vec<ReportDay>,
}

/// A row of a report.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReportGroup {
    /// Absent for time without a client or project.
    pub id: Option<Uuid>,
    pub name: String,
    pub seconds: i64,
    pub billable_s: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub groups: Vec<ReportGroup>,
}

/// What a day got.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReportDay {
    pub day: Date,
    pub seconds: i64,
}
