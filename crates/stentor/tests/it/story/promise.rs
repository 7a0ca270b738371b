//! The promise of the next word: kept once, then broken; and a server that dies in between.

use jiff::SignedDuration;
use serde_json::json;

use super::Story;
use super::word::Reader;
use crate::support::alerts::now;
use crate::support::caller::says;

impl Story {
    /// With the server killed, anybody still verifies; started again, it knows all it had answered.
    pub(super) async fn outlives_its_server(&mut self, reader: &Reader) {
        let before = self.cleo.incident().await;
        self.server.kill9().await;
        let state = ["--state", reader.state.to_str().unwrap()];
        for name in ["one", "two"] {
            self.verdict(&self.house.mirror(name), &state, 0, "FRESH")
                .await;
        }
        self.server = self.house.serve().await;
        let after = self.cleo.incident().await;
        for what in ["promise", "roles", "updates", "pages"] {
            assert_eq!(after[what], before[what], "{what}");
        }
        assert_eq!(after["updates"].as_array().unwrap().len(), 1);
    }

    /// The second word comes in time; the third does not.
    pub(super) async fn keeps_and_breaks_its_promise(&mut self, reader: &Reader) {
        let due = now() + SignedDuration::from_secs(8);
        let body = json!({
            "template": "update",
            "values": { "known": "A cable is broken." },
            "next_update": due.to_string(),
        });
        let before = self.cleo.wait_for_mirrors(0).await;
        self.cleo.about("updates", &body).await;
        let incident = self.cleo.incident().await;
        assert_eq!(incident["promises_kept"], 1, "{incident:#}");
        assert!(says(&incident, "came in time"), "{incident:#}");
        let told: jiff::Timestamp = incident["promise"]["due_at"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        assert_eq!(told.as_millisecond(), due.as_millisecond());
        self.cleo.wait_for_mirrors(before).await;
        self.refuses_a_rollback(reader).await;

        self.receivers
            .mail("cleo", "the next public word is due at")
            .await;
        self.receivers.mail("cleo", "did not come").await;
        self.receivers.mail("dora", "did not come").await;
        let incident = self
            .cleo
            .wait("the promise is broken", |incident| {
                (incident["promises_broken"] == 1).then(|| incident.clone())
            })
            .await;
        assert_eq!(incident["promise"]["broken"], true);
        assert!(says(&incident, "did not come"), "{incident:#}");
        assert!(now() >= due);
    }
}
