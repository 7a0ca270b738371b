//! The recovery sheet: on paper, in the drawers of the holders. It holds no secret.

use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;

use super::{CeremonyError, Document, Holders, Names, found_keys};
use crate::keys::grouped;
use crate::repository;

/// What to do when, in the order of how often it happens.
const RECIPES: [(&str, &str); 7] = [
    (
        "A year is nearly over",
        "stentor key renew --folder renewal, then the holders sign, then stentor key finish renewal",
    ),
    (
        "A holder's key is lost or stolen, or they leave",
        "stentor key lost NAME --replacement 'NEW NAME=new.pub' --folder loss; the others sign",
    ),
    (
        "The server was taken over, or a key on it may be known",
        "clean the server first; stentor key revoke online --folder theft; the holders sign; finish",
    ),
    (
        "A beacon was taken over",
        "stentor key remove-beacon NAME --folder beacon; the holders of root sign; finish",
    ),
    (
        "A holder is cut off",
        "stentor key request FOLDER gives one text to send; they run stentor key sign --request FILE --out SIGNATURE; \
         stentor key add-signature FOLDER SIGNATURE",
    ),
    (
        "The server burnt down",
        "on a new one: restore repository/ from a backup or take it from a mirror; stentor key revoke online; sign; finish",
    ),
    (
        "Fewer holders than the threshold are left",
        "nobody can change the keys any more. Found anew with stentor key ceremony, and hand out the new fingerprint by \
         every way that does not pass through a mirror",
    ),
];

/// A recovery sheet, to be printed.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// For a terminal, and for printers that know nothing else.
    pub text: String,
    /// For a browser's print dialogue; one file, nothing loaded from elsewhere.
    pub html: String,
}

impl Sheet {
    /// The sheet of what is in force in a repository.
    ///
    /// # Errors
    /// [`CeremonyError`] if the repository cannot be read.
    pub fn of(repository: &Path, now: Timestamp) -> Result<Self, CeremonyError> {
        let (root, targets) = repository::in_force(repository)?;
        let damaged = || CeremonyError::Damaged {
            path: repository.display().to_string(),
            why: "its root says more than this version understands".to_owned(),
        };
        let root = Document::parse(&root).ok_or_else(damaged)?;
        let targets = Document::parse(&targets).ok_or_else(damaged)?;
        let roster = found_keys(repository)?;
        let names = Names::load(repository)?;
        let first = stentor_verify::fingerprint(&repository::first_root(repository)?);
        let day = |time: Option<Timestamp>| {
            time.map_or_else(String::new, |t| t.strftime("%Y-%m-%d").to_string())
        };
        let mut page = Page::default();
        let rehearsal = roster.world.is_drill();
        if rehearsal {
            page.line("REHEARSAL. Nothing real trusts these keys.");
        }
        page.title(&format!("Recovery sheet: {}", roster.organisation));
        page.line(&format!(
            "Printed {}. It holds no secret. Keep one copy with each key, and one where it is found when all else is gone.",
            day(Some(now))
        ));
        page.heading("What readers trust: the first root");
        page.line("SHA-256 of root.json; it never changes:");
        page.code(&grouped(&first));
        page.line("As a DNS record, for readers who look there:");
        page.code(&format!(
            "_stentor IN TXT \"v=stentor1; root-sha256={first}\""
        ));
        page.line("To check a mirror: stentor verify URL --root root.json");
        page.heading("Who holds what");
        page.line(&format!(
            "Root {} holds until {}, targets {} until {}. Renew both when half of the time is over.",
            root.version(),
            day(root.expires()),
            targets.version(),
            day(targets.expires())
        ));
        for (role, holders) in roster.roles() {
            page.holders(role, holders, &names);
        }
        page.heading("What to do when");
        for (when, what) in RECIPES {
            page.recipe(when, what);
        }
        page.line("The manual, docs/keys.md, has each of these step by step.");
        Ok(page.done(&roster.organisation, rehearsal))
    }
}

/// Text and HTML, grown together.
#[derive(Default)]
struct Page {
    text: String,
    html: String,
}

// Writing into a String cannot fail.
impl Page {
    fn title(&mut self, text: &str) {
        let _ = writeln!(self.text, "{text}\n{}\n", "=".repeat(text.chars().count()));
        let _ = writeln!(self.html, "<h1>{}</h1>", escape(text));
    }

    fn heading(&mut self, text: &str) {
        let _ = writeln!(self.text, "\n{text}\n{}", "-".repeat(text.chars().count()));
        let _ = writeln!(self.html, "<h2>{}</h2>", escape(text));
    }

    fn line(&mut self, text: &str) {
        let _ = writeln!(self.text, "{text}");
        let _ = writeln!(self.html, "<p>{}</p>", escape(text));
    }

    fn code(&mut self, text: &str) {
        let _ = writeln!(self.text, "    {text}");
        let _ = writeln!(self.html, "<pre>{}</pre>", escape(text));
    }

    fn recipe(&mut self, when: &str, what: &str) {
        let _ = writeln!(self.text, "* {when}:\n    {what}");
        let (when, what) = (escape(when), escape(what));
        let _ = writeln!(self.html, "<h3>{when}</h3>\n<p>{what}</p>");
    }

    fn holders(&mut self, role: &str, holders: &Holders, names: &Names) {
        let share = format!(
            "{role}: {} of {} must sign",
            holders.threshold,
            holders.keys.len()
        );
        let _ = writeln!(self.text, "{share}");
        let _ = writeln!(
            self.html,
            "<table><caption>{share}</caption>\n<tr><th scope=\"col\">Holder</th><th scope=\"col\">Kept</th><th scope=\"col\">Key</th></tr>"
        );
        for key in &holders.keys {
            let id = key.id();
            let name = names.of(&id);
            let kept = names.0.get(&id).map_or("", |n| n.kept.as_str());
            let comma = if kept.is_empty() { "" } else { ", " };
            let _ = writeln!(self.text, "  {name}{comma}{kept}\n    {}", id.grouped());
            let _ = writeln!(
                self.html,
                "<tr><td>{}</td><td>{}</td><td><code>{}</code></td></tr>",
                escape(name),
                escape(kept),
                id.grouped()
            );
        }
        self.html += "</table>\n";
    }

    fn done(self, organisation: &str, rehearsal: bool) -> Sheet {
        let mark = if rehearsal { "REHEARSAL: " } else { "" };
        let html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
             <title>{mark}Recovery sheet: {}</title>\n<style>\nbody {{ font: 11pt/1.4 serif; max-width: 45em; margin: 2em auto; padding: 0 1em; }}\n\
             pre, code {{ font-family: monospace; white-space: pre-wrap; }}\ntable {{ border-collapse: collapse; width: 100%; margin: 0 0 1em; page-break-inside: avoid; }}\n\
             caption {{ text-align: left; font-weight: bold; }}\nth, td {{ border: 1px solid; padding: .2em .5em; text-align: left; vertical-align: top; }}\n\
             h3 {{ margin-bottom: 0; }} h3 + p {{ margin-top: 0; }}\n@media print {{ body {{ margin: 0; }} }}\n</style>\n</head>\n<body>\n{}</body>\n</html>\n",
            escape(organisation),
            self.html
        );
        Sheet {
            text: self.text,
            html,
        }
    }
}

fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            c => out.push(c),
        }
    }
    out
}
