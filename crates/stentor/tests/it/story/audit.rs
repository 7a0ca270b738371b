//! The journal: intact, and whatever was changed in it is named.

use serde_json::{Value, json};

use super::Story;
use crate::support::journal::Journal;
use crate::support::{Ran, stop, until};

fn intact(ran: &Ran, part: &str) {
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.starts_with("intact: "), "{ran:?}");
    assert!(ran.stdout.contains(part), "{part:?} in {ran:?}");
}

fn bad(ran: &Ran, part: &str) {
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stdout.starts_with("NOT INTACT: "), "{ran:?}");
    assert!(ran.stdout.contains(part), "{part:?} in {ran:?}");
}

impl Story {
    /// Intact as it is and after an erasure; a changed byte or a cut tail is named.
    pub(super) async fn stands_an_audit(self) {
        let verify = ["audit", "verify"];
        intact(&self.house.run(&verify).await, " 0 payloads erased");
        let erase = ["audit", "erase", "5", "--reason", "asked for"];
        let ran = self.house.run(&erase).await;
        assert!(ran.stderr.contains("INC-1 is not closed"), "{ran:?}");
        self.is_closed().await;
        let ran = self.house.run(&erase).await;
        assert_eq!(ran.code, 0, "{ran:?}");
        let ran = self.house.run(&erase).await;
        assert!(ran.stderr.contains("was erased already"), "{ran:?}");
        let ran = self
            .house
            .run(&["audit", "erase", "99999", "--reason", "x"])
            .await;
        assert!(ran.stderr.contains("there is no entry 99999"), "{ran:?}");
        let ran = self
            .house
            .run(&["audit", "erase", "2", "--reason", "x"])
            .await;
        assert!(ran.stderr.contains("the configuration in force"), "{ran:?}");
        intact(&self.house.run(&verify).await, " 1 payloads erased");
        let journal = Journal::of(&self.house);
        let last = journal.last().await;
        // The running server signs the head, also of what other processes append.
        let newest = self.house.dir().join("heads/newest.json");
        until("the last head is signed", async || {
            let signed = std::fs::read_to_string(&newest).ok()?;
            let signed: Value = serde_json::from_str(&signed).ok()?;
            (signed["seq"] == last).then_some(())
        })
        .await;
        stop(self.server).await;

        for seq in [1, 7, last / 2, last] {
            for column in [
                "entries.digest",
                "entries.hash",
                "payloads.bytes",
                "payloads.salt",
            ] {
                journal.flip(column, seq).await;
                let ran = self.house.run(&verify).await;
                bad(&ran, &format!("first bad entry {seq}:"));
                journal.flip(column, seq).await;
            }
        }
        for column in ["entries.time_ms", "entries.version"] {
            journal.add(column, 9, 1).await;
            bad(&self.house.run(&verify).await, "first bad entry 9:");
            journal.add(column, 9, -1).await;
        }
        intact(&self.house.run(&verify).await, " 1 payloads erased");

        // Erased, but on nobody's record.
        journal.erase(11, last).await;
        bad(&self.house.run(&verify).await, "first bad entry 11:");
        journal.restore(11).await;
        intact(&self.house.run(&verify).await, " 1 payloads erased");

        // Without the signed heads a cut would not show: entries and head agree with each other.
        journal.cut(last - 2).await;
        bad(
            &self.house.run(&verify).await,
            &format!("first bad entry {}:", last - 1),
        );
    }

    async fn is_closed(&self) {
        let report = json!({
            "summary": "The web server stopped.",
            "causes": "Its disk was full.",
            "mitigation": "It was started again.",
            "detection_gaps": "None.",
            "lucky": "It was a quiet hour.",
            "no_action_reason": "The disk is watched already.",
        });
        self.cleo.about("report", &report).await;
        let who = json!({ "representative": "the mirror operators" });
        self.cleo.about("confirmations", &who).await;
        self.cleo.about("close", &json!({})).await;
    }
}
