//! The summary report as a CSV file (RFC 4180), the same for pages and API.

use app::report::{GroupBy, Summary, SummaryRow};
use domain::duration::format_decimal_hours;

/// Writes a summary: a line a row of the second level, hours as decimals and exact seconds.
///
/// Errors: [`app::Error::Bug`] only.
pub fn summary_csv(summary: &Summary) -> Result<Vec<u8>, app::Error> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let group = match summary.group_by {
        GroupBy::ClientProject => "Client",
        GroupBy::MemberProject => "Person",
    };
    let titles = [group, "Project", "Hours", "Billable hours", "Seconds", "Billable seconds"];
    writer.write_record(titles).map_err(|error| bug(&error))?;
    for row in summary.rows() {
        writer.write_record(cells(&row)).map_err(|error| bug(&error))?;
    }
    writer.into_inner().map_err(|error| bug(error.error()))
}

fn cells(row: &SummaryRow<'_>) -> [String; 6] {
    [
        text_cell(row.group),
        text_cell(row.subgroup),
        format_decimal_hours(row.seconds),
        format_decimal_hours(row.billable_s),
        row.seconds.to_string(),
        row.billable_s.to_string(),
    ]
}

/// A text that no spreadsheet takes for a formula.
///
/// Source: OWASP, CSV Injection; ASVS 5.0 1.2.10.
fn text_cell(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn bug(error: &dyn std::error::Error) -> app::Error {
    app::Error::bug(format!("csv in memory: {error}"))
}

#[cfg(test)]
mod tests {
    use app::report::Group;
    use domain::period::Period;
    use jiff::civil::date;

    use super::*;

    fn group(name: &str, seconds: i64, groups: Vec<Group>) -> Group {
        Group { id: None, name: name.to_owned(), seconds, billable_s: seconds / 2, groups }
    }

    #[test]
    fn names_are_quoted_and_are_no_formulas() {
        let day = date(2026, 11, 20);
        let inner = vec![group("=1+1", 5400, vec![]), group("\"Plan\", again", 18, vec![])];
        let summary = Summary {
            period: Period::new(day, day).unwrap(),
            group_by: GroupBy::ClientProject,
            total_s: 5418,
            billable_s: 2709,
            groups: vec![group("Northwind", 5418, inner)],
            days: Vec::new(),
        };
        let text = String::from_utf8(summary_csv(&summary).unwrap()).unwrap();
        assert_eq!(
            text,
            "Client,Project,Hours,Billable hours,Seconds,Billable seconds\r\n\
             Northwind,'=1+1,1.50,0.75,5400,2700\r\n\
             Northwind,\"\"\"Plan\"\", again\",0.01,0.00,18,9\r\n"
        );
    }
}
