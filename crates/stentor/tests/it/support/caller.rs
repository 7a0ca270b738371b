//! A person who uses the REST API with a token from the command line.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use super::http::{Answer, send};
use super::{House, until};

/// Somebody with an API token.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    address: SocketAddr,
    token: String,
}

/// The incident that every story is about.
pub(crate) const INCIDENT: &str = "/api/v1/worlds/live/incidents/1";

/// A key that no other request of this test program has.
pub(crate) fn fresh_key() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("test-{}-{count}", std::process::id())
}

impl Caller {
    /// Asks the command line for a token.
    pub(crate) async fn new(house: &House, person: &str) -> Self {
        let ran = house
            .run(&["token", "create", person, "--label", "a test"])
            .await;
        assert_eq!(ran.code, 0, "{ran:?}");
        Self {
            address: house.address,
            token: ran.stdout.trim().to_owned(),
        }
    }

    /// Reads something that must be there.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let bearer = format!("Bearer {}", self.token);
        let answer = send(self.address, "GET", path, &[("authorization", &bearer)], "").await;
        let answer = answer.unwrap();
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    /// The incident of the story, without what counts by itself.
    pub(crate) async fn incident(&self) -> Value {
        let mut incident = self.get(INCIDENT).await;
        incident["leaderless_seconds"].take();
        incident
    }

    /// Waits until something is to be seen in the incident of the story.
    pub(crate) async fn wait<T>(&self, what: &str, look: impl Fn(&Value) -> Option<T>) -> T {
        until(what, async || look(&self.incident().await)).await
    }

    /// Asks for something with a given key; `Err` when no answer came.
    pub(crate) async fn try_post(
        &self,
        path: &str,
        key: &str,
        body: &Value,
    ) -> Result<Answer, String> {
        let bearer = format!("Bearer {}", self.token);
        let headers = [
            ("authorization", &*bearer),
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        send(self.address, "POST", path, &headers, &body.to_string()).await
    }

    /// Asks for something and gives the answer.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.try_post(path, &fresh_key(), body).await.unwrap()
    }

    /// Does something that must be answered well.
    pub(crate) async fn act(&self, path: &str, body: &Value) -> Value {
        let answer = self.post(path, body).await;
        assert!(
            matches!(answer.status, 200 | 201),
            "{path} {body}: {answer:?}"
        );
        answer.json()
    }

    /// Does something about the incident of the story.
    pub(crate) async fn about(&self, what: &str, body: &Value) -> Value {
        self.act(&format!("{INCIDENT}/{what}"), body).await
    }

    /// Publishes from a template.
    pub(crate) async fn publish(&self, template: &str, values: &Value) -> Value {
        let body = json!({ "template": template, "values": values });
        self.about("updates", &body).await
    }

    /// Waits until both mirrors were read back with a newer word than the snapshot given.
    pub(crate) async fn wait_for_mirrors(&self, newer_than: u64) -> u64 {
        self.wait_for_each_of(2, newer_than).await
    }

    /// Waits until so many mirrors, which are all, were read back with a newer word than the snapshot given.
    pub(crate) async fn wait_for_each_of(&self, count: usize, newer_than: u64) -> u64 {
        until("every mirror is written", async || {
            let mirrors = self.get("/api/v1/mirrors").await;
            let mirrors = mirrors.as_array()?.clone();
            let snapshots: Vec<u64> = mirrors
                .iter()
                .filter(|m| m["world"] == "live" && m["error"].is_null())
                .filter_map(|m| m["snapshot"].as_u64())
                .filter(|snapshot| *snapshot > newer_than)
                .collect();
            let lowest = snapshots.iter().min().copied();
            lowest.filter(|_| snapshots.len() == count)
        })
        .await
    }
}

/// The texts of a timeline.
pub(crate) fn timeline(incident: &Value) -> Vec<String> {
    let lines = incident["timeline"].as_array().unwrap();
    lines
        .iter()
        .map(|line| line["text"].as_str().unwrap().to_owned())
        .collect()
}

/// Whether a line of the timeline contains a part.
pub(crate) fn says(incident: &Value, part: &str) -> bool {
    timeline(incident).iter().any(|line| line.contains(part))
}
