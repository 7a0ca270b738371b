//! The same bodies for every server.

use std::fmt::Write as _;

use jiff::Timestamp;

/// Alert number `i` as Prometheus would write it; `more` are further labels.
fn alert(i: usize, start: Timestamp, more: &str, summary: &str) -> String {
    alert_of("page", i, start, more, summary)
}

fn alert_of(severity: &str, i: usize, start: Timestamp, more: &str, summary: &str) -> String {
    format!(
        "{{\"labels\":{{\"alertname\":\"Bench\",\"instance\":\"host-{i:07}.example.org:9100\",\"job\":\"node\",\
         \"shard\":\"{shard}\",\"severity\":\"{severity}\",\"cluster\":\"eu-1\"{more}}},\
         \"annotations\":{{\"summary\":\"{summary}\",\
         \"description\":\"Instance has been unreachable for more than 5 minutes.\"}},\"startsAt\":\"{start:.3}\",\
         \"generatorURL\":\"http://prom.example.org/graph?g0.expr=up%3D%3D0\"}}",
        shard = i % 100
    )
}

/// Bodies of `each` distinct alerts, `total` in all, that belong to one group.
pub(crate) fn batches(total: usize, each: usize, start: Timestamp) -> Vec<String> {
    batches_of("page", total, each, start)
}

/// The same of another severity.
pub(crate) fn batches_of(
    severity: &str,
    total: usize,
    each: usize,
    start: Timestamp,
) -> Vec<String> {
    let numbers: Vec<usize> = (0..total).collect();
    numbers
        .chunks(each)
        .map(|numbers| {
            let mut body = String::from("[");
            for i in numbers {
                let comma = if body.len() > 1 { "," } else { "" };
                let alert = alert_of(severity, *i, start, "", &format!("host {i} is down"));
                // Writing to a String cannot fail.
                let _ = write!(body, "{comma}{alert}");
            }
            body.push(']');
            body
        })
        .collect()
}

/// A body of one alert of a group of its own, which the message about it is recognised by.
pub(crate) fn probe(i: usize, start: Timestamp) -> String {
    let label = format!(",\"service\":\"probe-{i:04}\"");
    let summary = format!("probe={i:04} is down");
    format!("[{}]", alert(i, start, &label, &summary))
}

/// A body of one critical alert, which the message about it is recognised by.
pub(crate) fn urgent(i: usize, start: Timestamp) -> String {
    let summary = format!("probe={i:04} is down");
    let alert = alert_of("critical", i, start, ",\"service\":\"urgent\"", &summary);
    format!("[{alert}]")
}

/// The number of the probe that a message is about.
pub(crate) fn probe_in(message: &[u8]) -> Option<usize> {
    const MARK: &[u8] = b"probe";
    // By its rarest byte first: every message is searched.
    let is_equals = |(_, byte): &(usize, &u8)| **byte == b'=';
    let mut places = message.iter().enumerate().filter(is_equals);
    let (at, _) = places.find(|(at, _)| message[..*at].ends_with(MARK))?;
    let digits = message.get(at + 1..)?.get(..4)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_are_distinct_and_probes_are_found_again() {
        let bodies = batches(5, 2, Timestamp::UNIX_EPOCH);
        assert_eq!(bodies.len(), 3);
        assert_eq!(bodies.concat().matches("\"alertname\"").count(), 5);
        assert!(bodies[2].contains("host-0000004.example.org"));
        let body = probe(42, Timestamp::UNIX_EPOCH);
        assert_eq!(probe_in(body.as_bytes()), Some(42));
        assert_eq!(probe_in(b"probe=x"), None);
    }
}
