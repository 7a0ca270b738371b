//! CSV (RFC 4180) that no spreadsheet takes for formulas.

use stentor_domain::labels::Labels;
use stentor_domain::time_text;

use crate::firing::Row;

const HEAD: &str = "fingerprint,state,since,alertname,headline,receivers,labels,source\r\n";

/// Alerts, one a line.
pub(super) fn alerts(rows: &[Row]) -> String {
    let mut text = String::from(HEAD);
    for row in rows {
        let alert = &row.alert;
        let state = if row.quiet.is_quiet() {
            "suppressed"
        } else {
            "active"
        };
        let cells = [
            &alert.fingerprint.to_string(),
            state,
            &time_text::utc(alert.starts_ms),
            alert.labels.get("alertname").unwrap_or(""),
            alert.headline(),
            &row.receivers.join(" "),
            &as_text(&alert.labels),
            &alert.generator_url,
        ];
        for (at, value) in cells.into_iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            cell(&mut text, value);
        }
        text.push_str("\r\n");
    }
    text
}

fn as_text(labels: &Labels) -> String {
    let pairs: Vec<String> = labels.iter().map(|(n, v)| format!("{n}={v}")).collect();
    pairs.join(" ")
}

/// Spreadsheets calculate what begins with one of these.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

fn cell(text: &mut String, value: &str) {
    text.push('"');
    if value.starts_with(FORMULA) {
        text.push('\'');
    }
    text.push_str(&value.replace('"', "\"\""));
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_and_never_a_formula() {
        let check = |value: &str, expect: &str| {
            let mut text = String::new();
            cell(&mut text, value);
            assert_eq!(text, expect);
        };
        check("plain", "\"plain\"");
        check("a \"b\", c\r\nd", "\"a \"\"b\"\", c\r\nd\"");
        for first in ["=", "+", "-", "@", "\t", "\r"] {
            check(&format!("{first}1"), &format!("\"'{first}1\""));
        }
    }
}
