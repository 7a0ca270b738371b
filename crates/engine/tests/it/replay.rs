//! What Alertmanager was seen to do is done here too: the recorded scenarios (`cargo xtask record`), in virtual time.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use stentor_channels::Key;
use stentor_domain::bundle::{Bundle, alertmanager};
use stentor_domain::command::Command;
use stentor_domain::labels::Labels;
use stentor_domain::matcher::{Matcher, Op};
use stentor_domain::notification::Notification;
use stentor_domain::routing::{Integration, Settings as Means};
use stentor_domain::silence::{SilenceId, Wanted};
use stentor_domain::world::World::Live;
use stentor_engine::{Engine, GroupCourier, InstanceKey, Outcome, Settings};
use stentor_formats::alertmanager::{Clock as Limits, read};
use stentor_testkit::scenario::{Action, PostedAlert, PostedSilence, Recording, Scenario};
use stentor_testkit::simulated::SimulatedDatabase;

use crate::world::clock::{Begin, NodeClock};

/// Longer than a source is given to speak after a start of ours.
const SETTLE: Duration = Duration::from_secs(1_000);

/// Times may differ by less than this part of a unit: a real Alertmanager takes a moment for everything.
const TOLERANCE: f64 = 0.15;

/// What was told, as both sides are compared.
#[derive(Clone, Debug, PartialEq)]
struct Said {
    at: f64,
    path: String,
    group_key: String,
    /// Status and labels of each alert, in the order of the message.
    alerts: Vec<(String, String, String)>,
    truncated: u64,
}

impl Said {
    /// By what messages of one moment are put in order.
    fn order(&self) -> (i64, &str, &str) {
        ((self.at * 4.0).round() as i64, &self.path, &self.group_key)
    }
}

/// Notes what is told.
struct Ear {
    clock: Arc<NodeClock>,
    heard: Mutex<Vec<(i64, String, Notification, u32)>>,
}

#[async_trait]
impl GroupCourier for Ear {
    async fn carry(
        &self,
        receiver: &str,
        integration: &Integration,
        notification: &Notification,
        _: &Key,
        _: Timestamp,
    ) -> Outcome {
        use stentor_engine::Clock as _;
        let path = format!("/{receiver}/{}", integration.index);
        let max = match &integration.settings {
            Means::Webhook(webhook) => webhook.max_alerts,
            _ => 0,
        };
        let heard = (self.clock.now_ms(), path, notification.clone(), max);
        self.heard.lock().unwrap().push(heard);
        Outcome::Delivered {
            detail: String::new(),
        }
    }
}

struct Stage {
    engine: Engine,
    ear: Arc<Ear>,
    begin_ms: i64,
    unit_ms: i64,
    silences: BTreeMap<String, SilenceId>,
}

impl Stage {
    async fn new(scenario: &Scenario) -> Self {
        let begin = Begin::now();
        let settle_ms = i64::try_from(SETTLE.as_millis()).unwrap();
        let start_ms = scenario.recorded_at.as_millisecond() - settle_ms;
        let clock = Arc::new(NodeClock::new(begin, start_ms - begin.true_ms()));
        let settings = Settings {
            store: Arc::new(SimulatedDatabase::new(1).open()),
            clock: clock.clone(),
            key: InstanceKey::new([7; 32]),
            node: "one".to_owned(),
            alert_grace_ms: 0,
        };
        let engine = Engine::start(settings).await.unwrap();
        let ear = Arc::new(Ear {
            clock,
            heard: Mutex::default(),
        });
        let stage = Self {
            engine,
            ear: ear.clone(),
            begin_ms: scenario.recorded_at.as_millisecond(),
            unit_ms: scenario.unit_ms,
            silences: BTreeMap::new(),
        };
        stage.configure(&scenario.config).await;
        tokio::time::sleep(SETTLE).await;
        stage.engine.start_clock();
        let never = std::future::pending();
        stage
            .engine
            .start_notifier(ear, "http://alertmanager.invalid", never);
        stage
    }

    async fn configure(&self, text: &str) {
        let name = "alertmanager.yml";
        let cut = alertmanager::cut(name, text).unwrap();
        let files = BTreeMap::from([(name.to_owned(), cut.text)]);
        let command = Command::Apply {
            bundle: Bundle::new(files).unwrap(),
            by: "test".into(),
            reason: String::new(),
        };
        self.engine.submit(Live, command).await.unwrap();
    }

    fn ms(&self, at: f64) -> i64 {
        self.begin_ms + (at * self.unit_ms as f64).round() as i64
    }

    fn units(&self, ms: i64) -> f64 {
        (ms - self.begin_ms) as f64 / self.unit_ms as f64
    }

    async fn until(&self, at: f64) {
        let now_ms = self.engine.clock().now_ms();
        let wait = (self.ms(at) - now_ms).max(0).unsigned_abs();
        tokio::time::sleep(Duration::from_millis(wait)).await;
    }

    async fn play(&mut self, action: &Action) {
        match action {
            Action::Post(alerts) => self.post(alerts).await,
            Action::Silence(posted) => self.silence(posted).await,
            Action::Expire(key) => {
                let id = self.silences[key];
                let by = "test".into();
                let command = Command::EndSilence { id, by };
                self.engine.submit(Live, command).await.unwrap();
            }
            Action::Reload(text) => {
                self.configure(text).await;
                self.engine.regroup();
            }
        }
    }

    /// By way of the same reader as the API.
    async fn post(&self, alerts: &[PostedAlert]) {
        let time = |at: f64| Timestamp::from_millisecond(self.ms(at)).unwrap();
        let body: Vec<_> = alerts
            .iter()
            .map(|alert| {
                let mut item = serde_json::json!({
                    "labels": alert.labels,
                    "annotations": alert.annotations,
                });
                for (name, at) in [("startsAt", alert.starts_at), ("endsAt", alert.ends_at)] {
                    if let Some(at) = at {
                        item[name] = serde_json::json!(time(at).to_string());
                    }
                }
                item
            })
            .collect();
        let limits = Limits {
            now_ms: self.engine.clock().now_ms(),
            resolve_timeout_ms: self
                .engine
                .read(|s| s.routing().unwrap().resolve_timeout_ms),
        };
        let batch = read(&serde_json::to_vec(&body).unwrap(), limits).unwrap();
        let command = Command::ReceiveAlerts(batch.alerts);
        self.engine.submit(Live, command).await.unwrap();
    }

    async fn silence(&mut self, posted: &PostedSilence) {
        let matchers = posted.matchers.iter().map(|m| {
            let op = Op::of(m.is_regex, m.is_equal);
            Matcher::new(&m.name, op, &m.value).unwrap()
        });
        let command = Command::SetSilence {
            id: self.silences.get(&posted.key).copied(),
            fresh: SilenceId::from_random([self.silences.len() as u8 + 1; 16]),
            wanted: Wanted {
                matchers: matchers.collect(),
                starts_ms: self.ms(posted.starts_at),
                ends_ms: self.ms(posted.ends_at),
                recurrence: None,
                created_by: "test".into(),
                comment: "recorded".into(),
            },
            by: "test".into(),
        };
        let done = self.engine.submit(Live, command).await.unwrap();
        self.silences
            .insert(posted.key.clone(), done.silence.unwrap());
    }

    fn said(&self) -> Vec<Said> {
        let heard = self.ear.heard.lock().unwrap();
        let said = heard.iter().map(|(at, path, n, max)| {
            let max = if *max == 0 { usize::MAX } else { *max as usize };
            let alerts = n.alerts.iter().take(max).map(|a| {
                let status = if a.ended_ms.is_some() {
                    "resolved"
                } else {
                    "firing"
                };
                (
                    status.to_owned(),
                    shown(&a.alert.labels),
                    shown(&a.alert.annotations),
                )
            });
            Said {
                at: self.units(*at),
                path: path.clone(),
                group_key: n.group_key.clone(),
                alerts: alerts.collect(),
                truncated: n.alerts.len().saturating_sub(max) as u64,
            }
        });
        sorted(said.collect())
    }
}

fn shown(labels: &Labels) -> String {
    let mut text = String::new();
    labels
        .iter()
        .for_each(|(n, v)| write!(text, "{n}={v};").unwrap());
    text
}

fn sorted(mut said: Vec<Said>) -> Vec<Said> {
    said.sort_by(|a, b| a.order().cmp(&b.order()));
    said
}

fn recorded(scenario: &Scenario) -> Vec<Said> {
    let pairs = |pairs: &BTreeMap<String, String>| {
        let mut text = String::new();
        pairs
            .iter()
            .for_each(|(n, v)| write!(text, "{n}={v};").unwrap());
        text
    };
    let said = scenario.notifications.iter().map(|n| Said {
        at: n.at,
        path: n.path.clone(),
        group_key: n.group_key.clone(),
        alerts: n
            .alerts
            .iter()
            .map(|a| (a.status.clone(), pairs(&a.labels), pairs(&a.annotations)))
            .collect(),
        truncated: n.truncated,
    });
    sorted(said.collect())
}

/// Plays a scenario in a time of its own, which ends with it.
fn replay(scenario: &Scenario) -> Vec<Said> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(play(scenario))
}

async fn play(scenario: &Scenario) -> Vec<Said> {
    let mut stage = Stage::new(scenario).await;
    for step in &scenario.steps {
        stage.until(step.at).await;
        stage.play(&step.action).await;
    }
    stage.until(scenario.ends_at).await;
    stage.said()
}

/// What differs, in words; empty when nothing does.
fn differences(ours: &[Said], theirs: &[Said]) -> String {
    let mut text = String::new();
    let line = |said: Option<&Said>| {
        said.map_or("nothing".to_owned(), |s| {
            format!(
                "{:.2} {} {} {:?} +{}",
                s.at, s.path, s.group_key, s.alerts, s.truncated
            )
        })
    };
    for i in 0..ours.len().max(theirs.len()) {
        let (our, their) = (ours.get(i), theirs.get(i));
        let same = match (our, their) {
            (Some(a), Some(b)) => {
                let timeless = |s: &Said| Said {
                    at: 0.0,
                    ..s.clone()
                };
                (a.at - b.at).abs() < TOLERANCE && timeless(a) == timeless(b)
            }
            _ => false,
        };
        if !same {
            writeln!(
                text,
                "    ours:   {}\n    theirs: {}",
                line(our),
                line(their)
            )
            .unwrap();
        }
    }
    text
}

fn recording() -> Recording {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Recording::read(&root).unwrap()
}

#[test]
fn groups_are_told_as_alertmanager_tells_them() {
    let mut wrong = String::new();
    let recording = recording();
    assert!(recording.same.len() >= 40, "too few to say anything");
    for scenario in &recording.same {
        let found = differences(&replay(scenario), &recorded(scenario));
        if !found.is_empty() {
            writeln!(wrong, "{}: {}\n{found}", scenario.name, scenario.note).unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Nobody is told of the end of what they never heard of, and nobody waits for an end for ever.
#[test]
fn what_alertmanager_is_known_to_miss_is_mended() {
    for scenario in &recording().differs {
        let (ours, theirs) = (replay(scenario), recorded(scenario));
        assert!(
            !differences(&ours, &theirs).is_empty(),
            "{}: it was meant to differ",
            scenario.name
        );
        let mut firing = std::collections::BTreeSet::new();
        for said in &ours {
            for (status, labels, _) in &said.alerts {
                let whom = (said.path.clone(), said.group_key.clone(), labels.clone());
                if status == "firing" {
                    firing.insert(whom);
                } else {
                    assert!(
                        firing.remove(&whom),
                        "{}: {labels} ended, but was never told",
                        scenario.name
                    );
                }
            }
        }
    }
}
