//! The end: the alert is over, the incident resolved, the public told, the report opened.

use serde_json::json;

use super::Story;
use crate::support::browser::{open, sign_in};
use crate::support::caller::{INCIDENT, says, timeline};
use crate::support::files::read;

impl Story {
    /// Prometheus reports the end, cleo resolves and publishes, and the report holds what happened.
    pub(super) async fn ends(&mut self) {
        let closing = json!({ "template": "resolved", "values": { "data": "No data were lost." } });
        let early = self
            .cleo
            .post(&format!("{INCIDENT}/updates"), &closing)
            .await;
        assert_eq!(early.status, 409, "{early:?}");
        self.cleo
            .wait("the alert is over", |i| (i["firing"] == 0).then_some(()))
            .await;
        assert_eq!(
            self.cleo.incident().await["phase"],
            "open",
            "people resolve incidents"
        );
        self.cleo.about("resolve", &json!({})).await;
        let before = self.cleo.wait_for_mirrors(0).await;
        self.cleo.about("updates", &closing).await;
        self.cleo.wait_for_mirrors(before).await;
        for name in ["one", "two"] {
            let mirror = read(&self.house.mirror(name));
            let page = String::from_utf8(mirror["index.html"].clone()).unwrap();
            assert!(page.contains("works again"), "{page}");
            self.verdict(&self.house.mirror(name), &[], 0, "FRESH")
                .await;
        }
        self.the_report_opens_with_the_timeline().await;
        self.receivers.assert_nobody_was_told_twice();
    }

    async fn the_report_opens_with_the_timeline(&self) {
        let incident = self.cleo.incident().await;
        assert_eq!(incident["phase"], "resolved");
        assert!(incident["promise"].is_null(), "{incident:#}");
        let link = self.house.run(&["sign-in", "cleo"]).await.stdout;
        let cookie = sign_in(self.house.address, &link).await;
        let page = open(self.house.address, "/incidents/1", &cookie).await;
        for part in ["name=\"summary\"", "Ben acknowledged", "Cleo resolved it"] {
            assert!(page.contains(part), "{part:?} in {page}");
        }
        let missing = incident["report"]["missing"].as_array().unwrap();
        assert!(!missing.is_empty(), "nobody has written it yet");
        for part in [
            "opened by an alert",
            "Level 2 of policy default is paged",
            "Ben acknowledged",
            "Cleo published (investigating)",
            "came in time",
            "did not come",
            "Alert over",
            "Cleo resolved it",
            "Cleo published (resolved)",
        ] {
            assert!(
                says(&incident, part),
                "{part:?} in {:#?}",
                timeline(&incident)
            );
        }
    }
}
