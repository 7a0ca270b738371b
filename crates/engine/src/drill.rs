//! The first drill: the whole story, played in a world of its own on the newcomer's own machine (DRILL-1).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use stentor_domain::alert::{Alert, Fingerprint};
use stentor_domain::bulletin::PublicStatus;
use stentor_domain::command::Command;
use stentor_domain::drill::{Check, Evidence, Scorecard, Verdict, score};
use stentor_domain::ids::{IncidentId, PersonId, ServiceId};
use stentor_domain::labels::Labels;
use stentor_domain::organisation::Organisation;
use stentor_domain::page::{Page, PageCause, Via};
use stentor_domain::state::{State, WorldState};
use stentor_domain::template::UpdateTemplate;
use stentor_domain::world::World;
use stentor_publish::{Founding, found};
use stentor_verify::{LocalDir, Verification};

use crate::engine::{Engine, SubmitError};
use crate::places::DrillPlaces;

/// How much faster than life the first drill runs: five minutes pass in three seconds.
const PACE: u32 = 100;

/// How long one scene may take before the drill is given up.
const SCENE: Duration = Duration::from_secs(60);

/// Between two actions of the person played, so that a spectator can follow.
const BREATH: Duration = Duration::from_millis(700);

impl Engine {
    /// Starts the first drill in a new world; it then plays by itself and ends with a scorecard.
    ///
    /// # Errors
    /// There is no configuration, the person is unknown, or nothing can be recorded.
    pub async fn start_drill(&self, by: PersonId) -> Result<World, SubmitError> {
        let unavailable = |e: String| SubmitError::Unavailable(e);
        let places = self.shared.places.read().ok().and_then(|p| p.clone());
        let places = places.ok_or_else(|| unavailable("this node runs no workers".into()))?;
        let number = self.read(State::last_drill) + 1;
        let world = World::Drill(number);
        let scenario = "first drill".to_owned();
        self.submit(
            world,
            Command::StartDrill {
                scenario,
                by,
                pace: PACE,
            },
        )
        .await?;
        let places = places.drill(number);
        let organisation = self
            .read(|s| s.organisation().map(|o| o.name.clone()))
            .unwrap_or_default();
        let now = self.clock().now();
        let folder = places.clone();
        let founded = tokio::task::spawn_blocking(move || {
            let word = folder.word();
            let founding = Founding {
                organisation: &organisation,
                world,
                offline: &word.offline,
                online: &word.online,
                repository: &word.repository,
            };
            found(&founding, now).map_err(|e| e.to_string())
        });
        match founded.await.map_err(|e| e.to_string()).and_then(|r| r) {
            Ok(_) => {
                self.start_drill_workers(number, &places);
                tokio::spawn(
                    Play {
                        engine: self.clone(),
                        world,
                        places,
                    }
                    .run(),
                );
                Ok(world)
            }
            Err(reason) => {
                self.finish(world, interrupted(&reason)).await;
                Err(unavailable(reason))
            }
        }
    }

    async fn finish(&self, world: World, scorecard: Scorecard) {
        if let Err(error) = self.submit(world, Command::FinishDrill { scorecard }).await {
            tracing::warn!(%world, %error, "the end of a drill was not recorded");
        }
    }
}

/// Whether a drill has ended.
pub(crate) fn is_over(engine: &Engine, world: World) -> bool {
    engine.read(|state| {
        let drill = state.world(world).and_then(|w| w.drill.as_ref());
        drill.is_none_or(|d| d.scorecard.is_some())
    })
}

/// Drills that were under way when the node stopped cannot be played on: nobody knows what the players saw.
pub(crate) async fn end_interrupted(engine: Engine) {
    let unfinished: Vec<World> = engine.read(|state| {
        let open = state
            .worlds
            .iter()
            .filter(|(_, w)| w.drill.as_ref().is_some_and(|d| d.scorecard.is_none()));
        open.map(|(world, _)| *world).collect()
    });
    for world in unfinished {
        engine
            .finish(
                world,
                interrupted("the node stopped while the drill was under way"),
            )
            .await;
    }
}

fn interrupted(reason: &str) -> Scorecard {
    let name = "The drill was played to its end".to_owned();
    Scorecard {
        checks: vec![Check {
            name,
            verdict: Verdict::Failed,
            detail: reason.to_owned(),
        }],
    }
}

/// One performance.
struct Play {
    engine: Engine,
    world: World,
    places: DrillPlaces,
}

/// A scene did not come to its end.
#[derive(Debug, thiserror::Error)]
enum Stuck {
    #[error("it took too long: {0}")]
    Late(&'static str),
    #[error("{0}")]
    Refused(#[from] SubmitError),
    #[error("{0}")]
    Missing(&'static str),
}

impl Play {
    async fn run(self) {
        let scorecard = match self.play().await {
            Ok(evidence) => self.engine.read(|state| {
                state
                    .world(self.world)
                    .map(|world| score(world, &evidence))
                    .unwrap_or_default()
            }),
            Err(stuck) => interrupted(&stuck.to_string()),
        };
        self.engine.finish(self.world, scorecard).await;
    }

    async fn play(&self) -> Result<Evidence, Stuck> {
        let organisation = self.engine.read(|s| s.organisation().cloned());
        let organisation = organisation.ok_or(Stuck::Missing("there is no configuration"))?;
        let alert = self.break_something(&organisation)?;
        self.send(&alert, true).await?;
        let incident = self
            .wait("an incident opens", |w| w.incidents.keys().next().copied())
            .await?;
        let page = self.be_woken(incident).await?;
        self.breathe().await;
        self.answer(&page).await?;
        let leader = self
            .wait("somebody leads", |w| {
                w.incidents.get(&incident)?.commander().cloned()
            })
            .await?;
        self.breathe().await;
        self.speak(
            &organisation,
            incident,
            &leader,
            PublicStatus::Investigating,
        )
        .await?;
        let verified = self
            .read_the_mirror("the first word is on the mirror", false)
            .await?;
        self.breathe().await;
        self.speak(&organisation, incident, &leader, PublicStatus::Monitoring)
            .await?;
        self.send(&alert, false).await?;
        self.wait("the alert is over", |w| {
            w.incidents
                .get(&incident)
                .filter(|i| i.firing == 0)
                .map(|_| ())
        })
        .await?;
        self.breathe().await;
        self.submit(Command::Resolve {
            incident,
            by: leader.clone(),
        })
        .await?;
        self.speak(&organisation, incident, &leader, PublicStatus::Resolved)
            .await?;
        let closing = self
            .read_the_mirror("the closing word is on the mirror", true)
            .await?;
        let inbox = self
            .engine
            .store()
            .inbox(self.world, 1000)
            .await
            .unwrap_or_default();
        Ok(Evidence {
            mirror_first: Some(verified),
            mirror_last: Some(closing),
            messages: inbox
                .into_iter()
                .map(|m| (m.person, m.channel, m.time_ms))
                .collect(),
        })
    }

    /// An alert for a service that the public knows, as bad as the configuration can say.
    fn break_something(&self, organisation: &Organisation) -> Result<Arc<Alert>, Stuck> {
        let known = organisation.services.values();
        let service: &ServiceId = known
            .clone()
            .find(|s| s.public_name.is_some())
            .or_else(|| known.clone().next())
            .map(|s| &s.id)
            .ok_or(Stuck::Missing("the catalogue has no service"))?;
        let rules = &organisation.rules;
        let worst = rules
            .severities
            .iter()
            .min_by_key(|(_, severity)| **severity);
        let value = worst.map_or("", |(value, _)| value.as_str());
        let labels = Labels::from_pairs(&mut vec![
            ("alertname", "DrillTargetDown"),
            ("service", service.as_str()),
            (rules.severity_label.as_str(), value),
        ]);
        let annotations = Labels::from_pairs(&mut vec![(
            "summary",
            "this is a drill: the target does not answer",
        )]);
        let starts_ms = self.engine.clock().now_ms();
        let fingerprint = Fingerprint::of(&labels);
        let ends_ms = starts_ms + 3_600_000;
        let generator_url = Box::default();
        Ok(Arc::new(Alert {
            fingerprint,
            labels,
            annotations,
            starts_ms,
            ends_ms,
            generator_url,
            ends_by_timeout: false,
        }))
    }

    async fn send(&self, alert: &Arc<Alert>, firing: bool) -> Result<(), Stuck> {
        let mut alert = Alert::clone(alert);
        if !firing {
            alert.ends_ms = self.engine.clock().now_ms() - 1;
        }
        self.submit(Command::ReceiveAlerts(vec![Arc::new(alert)]))
            .await
    }

    /// Lets the first level sleep on, so that the escalation is rehearsed, and waits for the second.
    async fn be_woken(&self, incident: IncidentId) -> Result<Page, Stuck> {
        self.wait("the first page arrives", |w| {
            w.pages
                .values()
                .find(|p| !p.delivered_by.is_empty())
                .map(|_| ())
        })
        .await?;
        self.wait("the second level is paged", |w| {
            let escalation = w.incidents.get(&incident)?.escalation.as_ref()?;
            let here = PageCause::Escalation {
                level: escalation.level,
                round: escalation.round,
            };
            let moved = escalation.level > 0 || escalation.round > 0;
            let page = w
                .waiting_pages(incident)
                .find(|p| p.cause == here && p.delivered_by.len() > 1);
            page.filter(|_| moved).cloned()
        })
        .await
    }

    /// Follows the link as the person would.
    async fn answer(&self, page: &Page) -> Result<(), Stuck> {
        let link = self.engine.link_of(self.world, page);
        let (_, page) = self
            .engine
            .page_of(&link)
            .ok_or(Stuck::Missing("the link opens nothing"))?;
        let reason = String::new();
        self.submit(Command::AnswerPage {
            page: page.id,
            accept: true,
            reason,
            via: Via::Link,
        })
        .await
    }

    async fn speak(
        &self,
        organisation: &Organisation,
        incident: IncidentId,
        by: &PersonId,
        status: PublicStatus,
    ) -> Result<(), Stuck> {
        let fits = |t: &&UpdateTemplate| t.status() == Some(status);
        let mut all = organisation.templates.values();
        let template = all.find(fits).or_else(|| {
            let over = status == PublicStatus::Resolved;
            organisation.templates.values().find(|t| {
                t.status()
                    .is_some_and(|s| (s == PublicStatus::Resolved) == over)
            })
        });
        let template = template.ok_or(Stuck::Missing("no template fits"))?;
        let blanks = template
            .blanks
            .iter()
            .filter(|(_, blank)| blank.default.is_none());
        let values: BTreeMap<String, String> = blanks
            .map(|(name, blank)| (name.clone(), format!("(drill) {}", blank.hint)))
            .collect();
        let command = Command::PublishUpdate {
            incident,
            template: template.id.clone(),
            values,
            status: Some(status),
            next_update_ms: None,
            by: by.clone(),
        };
        self.submit(command).await
    }

    /// Reads the drill's mirror as a stranger would, with nothing but the root, until it shows the word.
    async fn read_the_mirror(&self, scene: &'static str, over: bool) -> Result<i32, Stuck> {
        self.wait(scene, |w| {
            let said = w.disclosed.values().next()?.updates.last()?;
            ((said.status == PublicStatus::Resolved) == over).then_some(())
        })
        .await?;
        let published = self.engine.clock().now_ms();
        let shown = |engine: &Engine| {
            let mut mirrors = engine
                .mirrors()
                .into_iter()
                .filter(|m| m.world == self.world);
            mirrors.any(|m| m.error.is_none() && m.confirmed_ms.is_some_and(|at| at >= published))
        };
        let deadline = self.engine.clock().monotonic() + SCENE;
        while !shown(&self.engine) {
            if self.engine.clock().monotonic() > deadline {
                return Err(Stuck::Late(scene));
            }
            self.engine.clock().sleep(Duration::from_millis(50)).await;
        }
        let root = self
            .engine
            .trusted_root(self.world)
            .ok_or(Stuck::Missing("there is no root"))?;
        let mirror = LocalDir::new(self.places.mirror());
        let now = self.engine.clock().now();
        let outcome = Verification::new(&mirror, &root, now).run().await;
        Ok(outcome.report.exit_code.into())
    }

    async fn submit(&self, command: Command) -> Result<(), Stuck> {
        self.engine.submit(self.world, command).await?;
        Ok(())
    }

    async fn breathe(&self) {
        self.engine.clock().sleep(BREATH).await;
    }

    /// Waits until something is so in the drill's world.
    async fn wait<T>(
        &self,
        scene: &'static str,
        look: impl Fn(&WorldState) -> Option<T>,
    ) -> Result<T, Stuck> {
        let mut changes = self.engine.changes();
        let deadline = self.engine.clock().monotonic() + SCENE;
        loop {
            changes.mark_unchanged();
            if let Some(found) = self.engine.read(|state| look(state.world(self.world)?)) {
                return Ok(found);
            }
            let left = deadline.saturating_sub(self.engine.clock().monotonic());
            if left.is_zero() {
                return Err(Stuck::Late(scene));
            }
            tokio::select! {
                () = changes.changed() => {}
                () = self.engine.clock().sleep(left.min(Duration::from_millis(500))) => {}
            }
        }
    }
}
