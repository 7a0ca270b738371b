//! From the alert to somebody who leads.

use serde_json::{Value, json};

use super::Story;
use crate::support::browser::{self, link_in};
use crate::support::caller::says;
use crate::support::http::get;

/// What an acknowledgement changes.
fn answers(incident: &Value) -> Value {
    let pages = incident["pages"].as_array().unwrap();
    let answers: Vec<&Value> = pages.iter().map(|page| &page["answer"]).collect();
    json!([answers, incident["roles"], incident["escalation"]])
}

impl Story {
    /// Ada sleeps on, ben answers by the link in his mail, and hands over to cleo.
    pub(super) async fn is_woken_and_led(&mut self) {
        self.ada_is_paged().await;
        let link = self.the_second_level_is_paged().await;
        self.opening_the_link_changes_nothing(&link).await;
        self.ben_acknowledges(&link).await;
        self.cleo_takes_over().await;
    }

    async fn ada_is_paged(&self) {
        let mail = self.receivers.mail("ada", "paged at level 1").await;
        assert!(mail.tls, "{mail:?}");
        assert_eq!(mail.user.as_deref(), Some("stentor"));
        assert_eq!(mail.mail_from, "stentor@example.org");
        assert_eq!(mail.header("Auto-Submitted"), ["auto-generated"]);
        assert!(
            mail.header("Subject")[0].contains("Website: the shop does not answer"),
            "{mail:?}"
        );
        let hook = self.receivers.hook("ada", "paged at level 1").await;
        assert_eq!(hook.verdict, Ok(()));
        assert_eq!(
            link_in(&mail.text),
            link_in(hook.json()["data"]["link"].as_str().unwrap()),
            "one page by two channels"
        );
        let incident = self.ben.incident().await;
        assert_eq!(incident["service"], "website");
        assert_eq!(incident["severity"], "sev1");
        assert!(says(&incident, "opened by an alert"), "{incident:#}");
    }

    async fn the_second_level_is_paged(&self) -> String {
        let (ben, _) = tokio::join!(
            self.receivers.mail("ben", "paged at level 2"),
            self.receivers.mail("dora", "paged at level 2"),
        );
        link_in(&ben.text)
    }

    async fn opening_the_link_changes_nothing(&self, link: &str) {
        let before = answers(&self.ben.incident().await);
        for _ in 0..2 {
            let page = get(self.house.address, link).await;
            assert_eq!(page.status, 200, "{page:?}");
            assert!(page.body.contains("the shop does not answer"), "{page:?}");
        }
        assert_eq!(answers(&self.ben.incident().await), before);
        // The link is for one page and person: nothing else opens without sign-in.
        let other = get(self.house.address, "/incidents/1").await;
        assert_eq!(other.status, 401, "{other:?}");
        let (page, code) = link.rsplit_once('.').unwrap();
        let other = if code.starts_with('A') { 'B' } else { 'A' };
        let forged = format!("{page}.{other}{}", &code[1..]);
        assert_eq!(get(self.house.address, &forged).await.status, 404);
    }

    async fn ben_acknowledges(&self, link: &str) {
        let answer = browser::answer(self.house.address, link, "yes").await;
        assert_eq!(answer.unwrap().status, 303);
        let incident = self.ben.incident().await;
        assert_eq!(incident["escalation"]["progress"], "stopped");
        assert_eq!(incident["roles"][0]["role"], "commander");
        assert_eq!(incident["roles"][0]["person"], "ben");
        assert!(says(&incident, "Ben acknowledged"), "{incident:#}");
        // Prometheus sends the alert again and again; it stays one incident with one alert.
        let sent = self.ben.get("/api/v1/worlds/live/incidents").await;
        assert_eq!(sent["incidents"].as_array().unwrap().len(), 1);
        assert_eq!(incident["alerts"], 1);
    }

    async fn cleo_takes_over(&self) {
        let offer = json!({ "role": "commander", "to": "cleo", "reason": "she knows the website" });
        self.ben.about("handoffs", &offer).await;
        let mail = self.receivers.mail("cleo", "is offered").await;
        let still = self.ben.incident().await;
        assert_eq!(still["roles"][0]["person"], "ben", "offered is not taken");
        let answer = browser::answer(self.house.address, &link_in(&mail.text), "yes").await;
        assert_eq!(answer.unwrap().status, 303);
        let incident = self.cleo.incident().await;
        assert_eq!(incident["roles"][0]["person"], "cleo");
        for line in ["Cleo offered to be", "Cleo is"] {
            assert!(says(&incident, line), "{line}: {incident:#}");
        }
        let metrics = get(self.house.address, "/metrics").await;
        assert!(
            metrics
                .body
                .contains("stentor_firing_alerts{world=\"live\"} 1"),
            "{metrics:?}"
        );
    }
}
