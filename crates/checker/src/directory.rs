//! The signed directory of official channels, `directory.json`, for people to read.

use serde::Deserialize;
use stentor_verify::printable;

/// The path of the file.
pub(crate) const PATH: &str = "directory.json";
/// Lines printed of one list; the rest is counted.
const MOST: usize = 200;

/// What of the file is shown. What is not known is let pass, so that it may grow.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Directory {
    organisation: String,
    drill: Option<String>,
    website: Option<String>,
    mirrors: Vec<String>,
    channels: Vec<Channel>,
    emergency: Vec<Channel>,
    security: Option<Security>,
    keys: Keys,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Channel {
    kind: String,
    name: String,
    address: String,
    note: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Security {
    contact: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Keys {
    root_sha256: Option<String>,
    minisign: Option<String>,
}

impl Directory {
    /// Reads the file, which was verified before.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        // An object: a list would be read as one whose fields come in order.
        serde_json::from_slice(bytes)
            .map(serde_json::Value::Object)
            .and_then(serde_json::from_value)
            .map_err(|e| format!("{PATH} is signed, but not understood: {e}"))
    }

    /// As lines for a terminal: nothing in it moves the cursor or hides a sign.
    pub(crate) fn explain(&self) -> String {
        let mut lines = Vec::new();
        if let Some(drill) = &self.drill {
            lines.push(format!(
                "DRILL: {}. Nothing below is real.",
                printable(drill)
            ));
        }
        lines.push(format!(
            "Official channels of {}:",
            printable(&self.organisation)
        ));
        let rows: Vec<_> = (self.website.iter())
            .map(|w| {
                [
                    "website".to_owned(),
                    String::new(),
                    printable(w),
                    String::new(),
                ]
            })
            .chain(self.channels.iter().map(Channel::row))
            .collect();
        table(&mut lines, &rows);
        section(&mut lines, "In an emergency:", &self.emergency);
        list(&mut lines, "Mirrors of the public word:", &self.mirrors);
        if let Some(security) = &self.security {
            list(&mut lines, "To report a vulnerability:", &security.contact);
        }
        if let Some(hash) = &self.keys.root_sha256 {
            lines.push(format!("First root, SHA-256: {}", printable(hash)));
        }
        if let Some(key) = &self.keys.minisign {
            lines.push(format!("minisign public key: {}", printable(key)));
        }
        lines.push("What is not in this list is not ours, whatever it calls itself.".to_owned());
        lines.join("\n")
    }
}

impl Channel {
    fn row(&self) -> [String; 4] {
        let note = self.note.as_deref().map(printable);
        [
            printable(&self.kind),
            printable(&self.name),
            printable(&self.address),
            note.map_or(String::new(), |n| format!("({n})")),
        ]
    }
}

fn section(lines: &mut Vec<String>, title: &str, channels: &[Channel]) {
    if !channels.is_empty() {
        lines.push(title.to_owned());
        let rows: Vec<_> = channels.iter().map(Channel::row).collect();
        table(lines, &rows);
    }
}

fn list(lines: &mut Vec<String>, title: &str, items: &[String]) {
    if !items.is_empty() {
        lines.push(title.to_owned());
        let shown = items.iter().take(MOST);
        lines.extend(shown.map(|item| format!("  {}", printable(item))));
        more(lines, items.len());
    }
}

fn table(lines: &mut Vec<String>, rows: &[[String; 4]]) {
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or(0).min(40)
    };
    let (first, second, third) = (width(0), width(1), width(2));
    for [kind, name, address, note] in rows.iter().take(MOST) {
        let line = format!("  {kind:first$}  {name:second$}  {address:third$}  {note}");
        lines.push(line.trim_end().to_owned());
    }
    more(lines, rows.len());
}

fn more(lines: &mut Vec<String>, all: usize) {
    if all > MOST {
        lines.push(format!("  and {} more", all - MOST));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_shown_and_cannot_play_with_the_terminal() {
        let text = r#"{"format": 1, "organisation": "Example\u001b[2J", "drill": null, "website": "https://example.org",
            "mirrors": ["https://a.example", "https://b.example"],
            "channels": [{"kind": "chat", "name": "Room\u202e", "address": "https://chat.example/x", "note": "announcements only"}],
            "emergency": [{"kind": "phone", "name": "Desk", "address": "tel:+1", "note": null}],
            "security": {"contact": ["mailto:security@example.org"], "policy": []},
            "keys": {"root_sha256": "ab", "minisign": "RW"}, "later": {"new": 1}}"#;
        let shown = Directory::parse(text.as_bytes()).unwrap().explain();
        for part in [
            "Official channels of Example\u{fffd}[2J:",
            "  website         https://example.org",
            "  chat     Room\u{fffd}  https://chat.example/x  (announcements only)",
            "In an emergency:\n  phone  Desk  tel:+1",
            "  https://b.example",
            "  mailto:security@example.org",
            "SHA-256: ab",
        ] {
            assert!(shown.contains(part), "{part:?} in\n{shown}");
        }
        assert!(!shown.contains("DRILL"), "{shown}");
        let drill = Directory::parse(br#"{"drill": "Exercise 3"}"#)
            .unwrap()
            .explain();
        assert!(
            drill.starts_with("DRILL: Exercise 3. Nothing below is real."),
            "{drill}"
        );
    }

    #[test]
    fn what_is_no_directory_is_said_to_be_none() {
        assert!(Directory::parse(b"[]").is_err());
        assert!(Directory::parse(b"{\"channels\": 3}").is_err());
        let many: Vec<_> = (0..250)
            .map(|n| format!("\"https://m{n}.example\""))
            .collect();
        let text = format!("{{\"mirrors\": [{}]}}", many.join(","));
        let shown = Directory::parse(text.as_bytes()).unwrap().explain();
        assert!(shown.contains("  and 50 more"), "{shown}");
    }
}
