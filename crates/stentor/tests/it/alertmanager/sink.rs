//! Where notifications arrive.

use serde_json::Value;
use stentor_testkit::webhook::{Answer, Received, WebhookReceiver};

/// Signatures are none of Alertmanager's business; the receiver needs a secret all the same.
const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A webhook receiver.
pub(super) struct Sink(WebhookReceiver);

/// A notification as far as tests look at it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// The names of its alerts, in order.
    pub(super) names: Vec<String>,
    pub(super) status: String,
    /// What repeats of it have in common.
    pub(super) id: String,
    /// Who sent it, by the address under which it is reached.
    pub(super) by: String,
}

impl Told {
    fn new(request: &Received) -> Self {
        let json = request.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let alerts = json["alerts"].as_array().unwrap().iter();
        let mut names: Vec<String> = alerts.map(|a| text(&a["labels"]["alertname"])).collect();
        names.sort();
        Self {
            names,
            status: text(&json["status"]),
            id: request.header("idempotency-key").to_owned(),
            by: text(&json["externalURL"]),
        }
    }

    /// Whether it is about this alert alone.
    pub(super) fn is(&self, name: &str, status: &str) -> bool {
        self.names == [name] && self.status == status
    }
}

impl Sink {
    pub(super) async fn start() -> Self {
        Self(WebhookReceiver::start(SECRET).await)
    }

    /// A configuration that sends all alerts here, grouped by their name. The group's times are in seconds.
    pub(super) fn config(&self, group_wait: u32, group_interval: u32) -> String {
        format!(
            "route:\n  receiver: sink\n  group_by: [alertname]\n  group_wait: {group_wait}s\n  \
             group_interval: {group_interval}s\n  repeat_interval: 4h\n\
             receivers:\n- name: sink\n  webhook_configs:\n  - url: {}\n",
            self.0.url()
        )
    }

    /// Its URL.
    pub(super) fn url(&self) -> String {
        self.0.url()
    }

    /// A header's value in every request so far.
    pub(super) fn headers(&self, name: &str) -> Vec<String> {
        let requests = self.0.requests.all();
        requests.iter().map(|r| r.header(name).to_owned()).collect()
    }

    /// Plans the answers of the next requests.
    pub(super) fn plan(&self, answers: impl IntoIterator<Item = Answer>) {
        self.0.plan(answers);
    }

    /// Every request so far, in the order of coming.
    pub(super) fn told(&self) -> Vec<Told> {
        self.0.requests.all().iter().map(Told::new).collect()
    }

    /// Every request about one alert so far.
    pub(super) fn about(&self, name: &str) -> Vec<Told> {
        let mut told = self.told();
        told.retain(|t| t.names.iter().any(|n| n == name));
        told
    }

    /// Waits for so many requests about an alert, and gives all that are there then.
    pub(super) async fn wait(&self, name: &str, status: &str, count: usize) -> Vec<Told> {
        let what = format!("{count} times {name} {status}");
        let found = self.0.requests.wait(&what, |requests| {
            let told = requests.iter().map(Told::new);
            let told: Vec<Told> = told.filter(|t| t.is(name, status)).collect();
            (told.len() >= count).then_some(told)
        });
        found.await
    }
}
