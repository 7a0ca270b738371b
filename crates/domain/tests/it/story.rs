//! A story: commands and passing time in one world, and what the timelines say about it.

use std::collections::BTreeMap;
use std::sync::Arc;

use stentor_domain::alert::{Alert, Fingerprint};
use stentor_domain::bulletin::Impact;
use stentor_domain::bundle::Bundle;
use stentor_domain::command::Command;
use stentor_domain::decide::{
    Decision, Refusal, decide, next_due_ms, released_alerts, silent_alerts,
};
use stentor_domain::event::Event;
use stentor_domain::ids::{IncidentId, PageId, PersonId};
use stentor_domain::incident::{CauseClass, Incident, Report};
use stentor_domain::labels::Labels;
use stentor_domain::page::Via;
use stentor_domain::severity::Severity;
use stentor_domain::state::{State, WorldState};
use stentor_domain::timeline;
use stentor_domain::world::World;

/// 2026-11-17T00:00:00Z, a Tuesday: Ada is on call, Ben is second and steward; the office works from 08:00 to 16:00.
const MIDNIGHT_MS: i64 = 1_794_873_600_000;

/// Milliseconds of `[DAYSd ]HH:MM[:SS]` in the story's time.
pub(crate) fn ms(at: &str) -> i64 {
    let (days, time) = at.split_once("d ").unwrap_or(("0", at));
    let time: jiff::civil::Time = time.parse().unwrap();
    let day = days.parse::<i64>().unwrap() * 86_400;
    let hours = i64::from(time.hour()) * 3600;
    MIDNIGHT_MS + 1000 * (day + hours + i64::from(time.minute()) * 60 + i64::from(time.second()))
}

/// An alert that fires until `ends_ms`, with these labels; `summary` is what it says.
pub(crate) fn alert(labels: &[(&str, &str)], summary: &str, ends_ms: i64) -> Arc<Alert> {
    let labels = Labels::from_pairs(&mut labels.to_vec());
    Arc::new(Alert {
        fingerprint: Fingerprint::of(&labels),
        labels,
        annotations: Labels::from_pairs(&mut vec![("summary", summary)]),
        starts_ms: MIDNIGHT_MS,
        ends_ms,
        generator_url: "http://prometheus.example.org/graph".into(),
        ends_by_timeout: false,
    })
}

/// A report with nothing left out.
pub(crate) fn report() -> Report {
    Report {
        summary: "The disk was full.".into(),
        causes: "Logs.".into(),
        mitigation: "Space was made.".into(),
        detection_gaps: "No alert on space.".into(),
        lucky: "It was morning.".into(),
        actions: Vec::new(),
        no_action_reason: "Space is watched already.".into(),
    }
}

#[derive(Clone)]
pub(crate) struct Story {
    pub(crate) state: State,
    pub(crate) world: World,
    pub(crate) now_ms: i64,
    /// Every entry of every world so far.
    pub(crate) journal: Vec<(World, i64, Event)>,
    read: usize,
}

impl Story {
    /// Begins on a Tuesday at midnight UTC with a configuration in force.
    pub(crate) fn new(bundle: Bundle) -> Self {
        let mut story = Self {
            state: State::default(),
            world: World::Live,
            now_ms: MIDNIGHT_MS,
            journal: Vec::new(),
            read: 0,
        };
        let key_fingerprint = "00".into();
        story.must(Command::Found { key_fingerprint });
        story.apply(bundle);
        story.read = story.journal.len();
        story
    }

    pub(crate) fn apply(&mut self, bundle: Bundle) {
        let (by, reason) = ("dora".into(), "needed".into());
        self.must(Command::Apply { bundle, by, reason });
    }

    /// Decides, and folds what was decided.
    pub(crate) fn ask(&mut self, command: &Command) -> Result<Decision, Refusal> {
        let decision = decide(&self.state, self.world, command, self.now_ms)?;
        for event in &decision.events {
            self.state.fold(self.world, self.now_ms, event);
            self.journal.push((self.world, self.now_ms, event.clone()));
        }
        self.state.resend(self.world, &decision.resent);
        if let Some(heard) = &decision.heard {
            self.state.hear(self.world, self.now_ms, heard);
        }
        Ok(decision)
    }

    pub(crate) fn must(&mut self, command: Command) -> Decision {
        self.ask(&command)
            .unwrap_or_else(|refusal| panic!("{command:?}: {refusal}"))
    }

    /// The command is refused in these words, and nothing follows.
    pub(crate) fn refused(&mut self, command: Command, words: &str) {
        let before = self.journal.len();
        let refusal = self.ask(&command).expect_err("it should be refused");
        assert_eq!(refusal.to_string(), words, "{command:?}");
        assert_eq!(self.journal.len(), before);
    }

    /// Passes time until then; on the way everything happens when it is due, as the engine's timekeeper does it.
    pub(crate) fn at(&mut self, when: &str) -> &mut Self {
        self.until(ms(when));
        self
    }

    pub(crate) fn until(&mut self, end_ms: i64) {
        assert!(end_ms >= self.now_ms, "time does not run backwards");
        while let Some(due_ms) = next_due_ms(&self.state, self.world).filter(|due| *due <= end_ms) {
            self.now_ms = self.now_ms.max(due_ms);
            self.tick();
        }
        self.now_ms = end_ms;
    }

    /// Does what is due, and checks that the next time is not now again.
    pub(crate) fn tick(&mut self) -> Decision {
        let silent = silent_alerts(&self.state, self.world, self.now_ms, 0, usize::MAX);
        let released = released_alerts(&self.state, self.world, self.now_ms, 1000);
        let decision = self.must(Command::Tick { silent, released });
        let next = next_due_ms(&self.state, self.world);
        assert!(
            next.is_none_or(|next| next > self.now_ms),
            "due at once again"
        );
        decision
    }

    pub(crate) fn receive(&mut self, alerts: &[Arc<Alert>]) -> Decision {
        self.must(Command::ReceiveAlerts(alerts.to_vec()))
    }

    /// An alert of that job with that severity fires for an hour, and says its name.
    pub(crate) fn fires(&mut self, name: &str, job: &str, severity: &str) -> &mut Self {
        let labels = [("alertname", name), ("job", job), ("severity", severity)];
        let ends_ms = self.now_ms + 3_600_000;
        self.receive(&[alert(&labels, name, ends_ms)]);
        self
    }

    /// It is over.
    pub(crate) fn ends(&mut self, name: &str, job: &str, severity: &str) -> &mut Self {
        let labels = [("alertname", name), ("job", job), ("severity", severity)];
        self.receive(&[alert(&labels, name, self.now_ms)]);
        self
    }

    pub(crate) fn declare(&mut self, service: &str, severity: Severity) -> IncidentId {
        let decision = self.must(Command::Declare {
            service: service.into(),
            title: "It is slow".into(),
            severity: Some(severity),
            impact: Impact::Partial,
            cause: CauseClass::Unknown,
            by: "ada".into(),
        });
        decision.incident.unwrap()
    }

    /// The newest page of a person.
    pub(crate) fn page_of(&self, person: &str) -> PageId {
        let mut pages = self.here().pages.values().rev();
        let page = pages.find(|p| p.person.as_str() == person);
        page.unwrap_or_else(|| panic!("{person} has no page")).id
    }

    pub(crate) fn answer(&mut self, page: PageId, accept: bool, reason: &str) -> Decision {
        let (reason, via) = (reason.to_owned(), Via::Link);
        self.must(Command::AnswerPage {
            page,
            accept,
            reason,
            via,
        })
    }

    /// "I have it" on the newest page of a person.
    pub(crate) fn ack(&mut self, person: &str) -> &mut Self {
        self.answer(self.page_of(person), true, "");
        self
    }

    /// "Not me" on the newest page of a person.
    pub(crate) fn decline(&mut self, person: &str, reason: &str) -> &mut Self {
        self.answer(self.page_of(person), false, reason);
        self
    }

    pub(crate) fn take_command(&mut self, person: &str) -> &mut Self {
        let incident = self.newest();
        self.must(Command::TakeCommand {
            incident,
            by: person.into(),
        });
        self
    }

    pub(crate) fn help(&mut self, person: &str) -> &mut Self {
        let incident = self.newest();
        self.must(Command::GetHelp {
            incident,
            by: person.into(),
        });
        self
    }

    pub(crate) fn resolve(&mut self, person: &str) -> &mut Self {
        let incident = self.newest();
        self.must(Command::Resolve {
            incident,
            by: person.into(),
        });
        self
    }

    /// Publishes from a template, with the blanks that have no default filled.
    pub(crate) fn publish(&mut self, template: &str, person: &str) -> &mut Self {
        let command = self.publishing(template, None, person);
        self.must(command);
        self
    }

    pub(crate) fn publishing(
        &self,
        template: &str,
        next_update_ms: Option<i64>,
        person: &str,
    ) -> Command {
        let lost = ("data".to_owned(), "No data were lost.".to_owned());
        let values = (template == "resolved").then_some(lost);
        Command::PublishUpdate {
            incident: self.newest(),
            template: template.into(),
            values: BTreeMap::from_iter(values),
            status: None,
            next_update_ms,
            by: person.into(),
        }
    }

    /// What is open in the story's world.
    pub(crate) fn here(&self) -> &WorldState {
        self.state.world(self.world).unwrap()
    }

    pub(crate) fn newest(&self) -> IncidentId {
        *self.here().incidents.last_key_value().unwrap().0
    }

    pub(crate) fn incident(&self) -> &Incident {
        &self.here().incidents[&self.newest()]
    }

    pub(crate) fn commander(&self) -> Option<&str> {
        self.incident().commander().map(PersonId::as_str)
    }

    /// The timelines' lines since it was last asked, as `HH:MM text`.
    pub(crate) fn lines(&mut self) -> Vec<String> {
        let organisation = self.state.organisation().unwrap();
        let lines = self.journal[self.read..].iter().flat_map(|(_, at, event)| {
            timeline::lines(organisation, *at, event)
                .into_iter()
                .map(move |line| format!("{} {}", clock(*at), line.text))
        });
        let lines = lines.collect();
        self.read = self.journal.len();
        lines
    }

    /// The lines since the last time are these: one a line, indentation aside.
    #[track_caller]
    pub(crate) fn tells(&mut self, expected: &str) -> &mut Self {
        let expected: Vec<_> = expected.lines().map(str::trim).collect();
        let expected: Vec<_> = expected.into_iter().filter(|l| !l.is_empty()).collect();
        let told = self.lines();
        assert_eq!(told, expected, "\n{}\n", told.join("\n"));
        self
    }

    /// The kinds of the entries since the lines were last asked for.
    pub(crate) fn kinds(&mut self) -> Vec<&'static str> {
        let kinds = self.journal[self.read..]
            .iter()
            .map(|(_, _, event)| event.kind().0);
        let kinds = kinds.collect();
        self.read = self.journal.len();
        kinds
    }

    /// What was told so far does not matter.
    pub(crate) fn forget(&mut self) -> &mut Self {
        self.read = self.journal.len();
        self
    }
}

/// `HH:MM`, with the day when it is not the first.
fn clock(at_ms: i64) -> String {
    let minutes = (at_ms - MIDNIGHT_MS) / 60_000;
    let (day, hour, minute) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let time = format!("{hour:02}:{minute:02}");
    if day == 0 {
        time
    } else {
        format!("{day}d {time}")
    }
}
