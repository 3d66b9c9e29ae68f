//! A report as a CSV file.
//!
//! Source: RFC 4180 (quotes, CRLF). A byte order mark tells spreadsheets that it is UTF-8, and a
//! cell that a spreadsheet would take for a formula gets an apostrophe in front of it (OWASP, CSV
//! Injection): names are typed by people, and the file is opened by others.

use std::borrow::Cow;

use app::report::{GroupBy, Summary};
use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use csv::{Terminator, WriterBuilder};
use domain::duration::format_clock;

/// Tells spreadsheets that the file is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The report as a flat table: names, then lengths as `h:mm:ss` and as seconds.
///
/// Errors: none that writing to memory can meet.
pub fn write(report: &Summary) -> Result<Vec<u8>, csv::Error> {
    let mut writer =
        WriterBuilder::new().terminator(Terminator::CRLF).from_writer(BYTE_ORDER_MARK.to_vec());
    let group = match report.group_by {
        GroupBy::ClientProject => "Client",
        GroupBy::MemberProject => "Member",
    };
    writer.write_record([
        group,
        "Project",
        "Duration",
        "Seconds",
        "Billable duration",
        "Billable seconds",
    ])?;
    for row in report.rows() {
        writer.write_record([
            cell(row.group).as_ref(),
            cell(row.subgroup).as_ref(),
            &format_clock(row.seconds),
            &row.seconds.to_string(),
            &format_clock(row.billable_s),
            &row.billable_s.to_string(),
        ])?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// The file as an answer, to be stored under its name.
///
/// Errors: [`app::Error::Bug`] only.
pub fn answer(report: &Summary) -> Result<Response, app::Error> {
    let file = write(report).map_err(|error| app::Error::bug(error.to_string()))?;
    let disposition = format!("attachment; filename=\"{}\"", file_name(report));
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, file).into_response())
}

/// How the file is called.
pub fn file_name(report: &Summary) -> String {
    format!("summary-{}-{}.csv", report.period.first(), report.period.last())
}

/// What a spreadsheet takes for the beginning of a formula; some take the wide forms too.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// A typed text as no spreadsheet takes it for a formula.
pub(crate) fn cell(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use app::report::Group;
    use domain::period::Period;
    use jiff::civil::date;

    use super::*;

    fn group(name: &str, seconds: i64, groups: Vec<Group>) -> Group {
        Group { id: None, name: name.to_owned(), seconds, billable_s: 60, groups }
    }

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        let name = "=HYPERLINK(\"http://evil\",\"a, b\")";
        let inner = vec![group("Plan \"B\", later", 3_661, vec![]), group("@sum", 90_000, vec![])];
        let report = Summary {
            period: Period::new(date(2026, 11, 1), date(2026, 11, 30)).unwrap(),
            group_by: GroupBy::ClientProject,
            total_s: 93_661,
            billable_s: 120,
            groups: vec![group(name, 93_661, inner)],
            days: vec![],
        };
        let text = String::from_utf8(write(&report).unwrap()).unwrap();
        let expected = "\u{feff}Client,Project,Duration,Seconds,Billable duration,Billable seconds\r\n\
            \"'=HYPERLINK(\"\"http://evil\"\",\"\"a, b\"\")\",\"Plan \"\"B\"\", later\",1:01:01,3661,0:01:00,60\r\n\
            \"'=HYPERLINK(\"\"http://evil\"\",\"\"a, b\"\")\",'@sum,25:00:00,90000,0:01:00,60\r\n";
        assert_eq!(text, expected);
        assert_eq!(file_name(&report), "summary-2026-11-01-2026-11-30.csv");
        for text in ["=1", "+1", "-1", "@a", "\ta", "\ra", "＝1"] {
            assert_eq!(cell(text), format!("'{text}"));
        }
        for text in ["", "a=1", "1-2", "Köln"] {
            assert_eq!(cell(text), text);
        }
    }
}
