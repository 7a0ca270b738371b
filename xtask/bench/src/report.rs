//! Figures as Markdown, and where they are kept.

use std::fs;
use std::path::Path;

use crate::delivery::Delivery;
use crate::disk::Disk;
use crate::failure::{Failure, trying};
use crate::intake::Intake;
use crate::line::{Line, thousands};
use crate::start::Start;

const BEGIN: &str = "<!-- bench:begin -->";
const END: &str = "<!-- bench:end -->";

/// The parts of a run that were made.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) facts: Vec<String>,
    pub(crate) disk: Option<Disk>,
    pub(crate) intake: Option<Intake>,
    pub(crate) delivery: Option<Delivery>,
    pub(crate) start: Option<Start>,
    pub(crate) verify_ms: Option<f64>,
    pub(crate) parts: Vec<Part>,
}

/// What a part found.
#[derive(Default)]
pub(crate) struct Part {
    pub(crate) lines: Vec<Line>,
    /// Sentences below the table.
    pub(crate) notes: Vec<String>,
}

impl Report {
    /// As Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        for fact in &self.facts {
            text += &format!("- {fact}\n");
        }
        if let Some(disk) = self.disk {
            text += &format!(
                "- disk: write of 4 KiB and fdatasync p50 {:.2} ms, p99 {:.2} ms\n",
                disk.p50, disk.p99
            );
        }
        text += "\n| | Stentor | Alertmanager | ratio | aim | |\n|---|---|---|---|---|---|\n";
        let own = self.lines();
        let parts = self.parts.iter();
        for line in own.iter().chain(parts.flat_map(|part| &part.lines)) {
            let mark = if line.met { "met" } else { "**missed**" };
            text += &format!(
                "| {} | {} | {} | {} | {} | {mark} |\n",
                line.what, line.ours, line.theirs, line.ratio, line.aim
            );
        }
        if let Some(intake) = &self.intake {
            let (p, a) = (intake.postgres, intake.alertmanager);
            text += &format!(
                "\nOn PostgreSQL (private cluster, `fsync` on, same machine): {} alerts/s ({:.1} times Alertmanager's), \
                 peak memory of the node {:.0} MiB.\n",
                thousands(p.per_second),
                p.per_second / a.per_second,
                p.peak_mib
            );
        }
        if let Some(start) = &self.start {
            text += &format!(
                "\nWithout any snapshot, as after an upgrade that folds otherwise, the million entries are folded and \
                 their chain verified in {:.1} s.\n",
                start.unaided_ms / 1000.0
            );
        }
        let notes: Vec<&String> = self.parts.iter().flat_map(|part| &part.notes).collect();
        if !notes.is_empty() {
            text += "\nBesides:\n\n";
        }
        for note in notes {
            text += &format!("- {note}\n");
        }
        text
    }

    fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        if let Some(i) = &self.intake {
            let (ours, theirs) = (i.sqlite, i.alertmanager);
            let rate = ours.per_second / theirs.per_second;
            lines.push(Line {
                what: "intake, alerts/s (SQLite, durable before 200)".into(),
                ours: thousands(ours.per_second),
                theirs: thousands(theirs.per_second),
                ratio: format!("{rate:.1}"),
                aim: "at least 5".into(),
                met: rate >= 5.0,
            });
            let memory = ours.peak_mib / theirs.peak_mib;
            lines.push(Line {
                what: "peak memory of the same, MiB".into(),
                ours: format!("{:.0}", ours.peak_mib),
                theirs: format!("{:.0}", theirs.peak_mib),
                ratio: format!("{memory:.2}"),
                aim: "at most 0.5".into(),
                met: memory <= 0.5,
            });
        }
        if let Some(d) = &self.delivery {
            let (ours, theirs) = (d.stentor, d.alertmanager);
            let sync = self.disk.map_or(0.0, |disk| disk.p99);
            let aim = 2.0 * theirs.p99 + sync;
            lines.push(Line {
                what: "POST to webhook, p99, ms".into(),
                ours: format!("{:.2}", ours.p99),
                theirs: format!("{:.2}", theirs.p99),
                ratio: format!("{:.1}", ours.p99 / theirs.p99),
                aim: format!("at most {aim:.2} (twice theirs plus fdatasync p99)"),
                met: ours.p99 <= aim,
            });
            lines.push(Line {
                what: "the same, p50, ms".into(),
                ours: format!("{:.2}", ours.p50),
                theirs: format!("{:.2}", theirs.p50),
                ratio: format!("{:.1}", ours.p50 / theirs.p50),
                aim: "none".into(),
                met: true,
            });
        }
        let mut own = |what: &str, figure: f64, digits: usize, aim: f64| {
            lines.push(Line {
                what: what.to_owned(),
                ours: format!("{figure:.digits$}"),
                theirs: String::new(),
                ratio: String::new(),
                aim: format!("below {aim}"),
                met: figure < aim,
            });
        };
        if let Some(s) = &self.start {
            own(
                "`stentor up` in a fresh folder to ready, ms",
                s.fresh_ms,
                0,
                300.0,
            );
            own("idle memory, MiB", s.idle_mib, 1, 50.0);
            own("the program, MB", s.binary_mb, 1, 35.0);
            own("ready with 1,000,000 entries, ms", s.long_ms, 0, 2000.0);
        }
        if let Some(ms) = self.verify_ms {
            own("`stentor verify` of a local mirror, ms", ms, 1, 50.0);
        }
        lines
    }
}

/// Puts the block between the marks of a file in place of what is there.
pub(crate) fn keep(path: &Path, block: &str) -> Result<(), Failure> {
    let name = || path.display().to_string();
    let text = fs::read_to_string(path).map_err(trying(name()))?;
    let (before, rest) = text
        .split_once(BEGIN)
        .ok_or_else(|| Failure::Unexpected(format!("{}: no {BEGIN}", name())))?;
    let (_, after) = rest
        .split_once(END)
        .ok_or_else(|| Failure::Unexpected(format!("{}: no {END}", name())))?;
    let text = format!("{before}{BEGIN}\n{block}{END}{after}");
    fs::write(path, text).map_err(trying(name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missed_aims_are_named() {
        let verdict = |ms| {
            let report = Report {
                verify_ms: Some(ms),
                ..Report::default()
            };
            report.markdown().contains("**missed**")
        };
        assert!(!verdict(49.9));
        assert!(verdict(50.0));
        assert!(verdict(f64::NAN));
    }

    #[test]
    fn only_the_block_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("p.md");
        fs::write(&path, format!("a\n{BEGIN}\nold\n{END}\nb\n")).unwrap();
        keep(&path, "new\n").unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, format!("a\n{BEGIN}\nnew\n{END}\nb\n"));
        fs::write(&path, "no marks").unwrap();
        assert!(keep(&path, "new\n").is_err());
    }
}
