//! The writer: takes all commands that wait, decides them on a tentative state, makes their entries durable in one
//! transaction, and only then lets anybody see or hear of them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use stentor_domain::alert::Fingerprint;

use stentor_domain::decide::{Decision, Refusal, decide};
use stentor_domain::event::{Event, HeartbeatReceived};
use stentor_domain::state::State;
use stentor_domain::world::World;
use stentor_store::chain::Verifier;
use stentor_store::{Entry, Group, Head, OutboxRow, StoreError};
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::engine::{Done, StartError, SubmitError};
use crate::idempotency::{About, Answers, Earlier};
use crate::load;
use crate::project::{Projector, messages, salt};
use crate::shared::Shared;
use crate::snapshot::Snapshots;
use crate::submission::{Asker, Submission, gather, merge};
use crate::timekeeper;

pub(crate) use crate::load::{Loaded, load};

/// Commands decided in one transaction at most.
const MAX_GROUP: usize = 512;

/// A group that takes longer kept senders waiting until they gave up: their alerts are given time, as after a refusal.
const SLOW: Duration = Duration::from_secs(5);

/// How long commands count as not recordable after the last one failed, unless one succeeds: then others try again.
const TROUBLE: Duration = Duration::from_secs(10);

/// How long those wait whose commit may or may not have happened. Prometheus gives up after ten seconds.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// The writer of one node.
struct Writer {
    shared: Arc<Shared>,
    /// The committed state plus what the group at hand decided so far.
    tentative: State,
    /// The last entry folded.
    head: Head,
    last_time_ms: i64,
    snapshots: Snapshots,
    /// Monotonic time of the last failure, until commands are recorded again.
    troubled: Option<Duration>,
}

/// What a group decided, before it is durable.
#[derive(Default)]
struct Tentative {
    events: Vec<(World, i64, Event)>,
    entries: Vec<Entry>,
    resent: Vec<(World, Vec<(Fingerprint, i64)>)>,
    heard: Vec<(World, i64, HeartbeatReceived)>,
    messages: Vec<OutboxRow>,
    answers: Vec<(Asker, Result<Decision, Refusal>)>,
    repeatable: Answers,
}

pub(crate) async fn run(
    shared: Arc<Shared>,
    loaded: Loaded,
    mut intake: mpsc::Receiver<Submission>,
) {
    let store = Arc::clone(&shared.store);
    let snapshots = Snapshots::after(Arc::clone(&store), loaded.snapshot, loaded.grown);
    let mut writer = Writer {
        shared,
        tentative: loaded.state,
        head: loaded.head,
        last_time_ms: loaded.time_ms,
        snapshots,
        troubled: None,
    };
    let mut waiting = Vec::new();
    // How many were together last.
    let mut company = 0;
    loop {
        tokio::select! {
            biased;
            taken = intake.recv_many(&mut waiting, MAX_GROUP) => {
                if taken == 0 {
                    return;
                }
                let expected = company + waiting.len();
                gather(&mut waiting, &mut intake, expected).await;
                company = waiting.len();
                let begun = writer.shared.clock.monotonic();
                writer.commit(std::mem::take(&mut waiting), &mut intake).await;
                if writer.shared.clock.monotonic().saturating_sub(begun) > SLOW {
                    writer.shared.keep_quiet();
                }
            }
            () = store.changed() => {
                writer.follow().await;
                writer.try_again().await;
            }
        }
        writer
            .snapshots
            .consider(&writer.tentative, writer.head)
            .await;
    }
}

impl Writer {
    /// Decides and commits a group, then answers.
    async fn commit(
        &mut self,
        mut submissions: Vec<Submission>,
        intake: &mut mpsc::Receiver<Submission>,
    ) {
        let mut group = match self.begin().await {
            Ok(group) => group,
            Err(error) => {
                self.trouble(&error);
                return self.refuse(submissions, &error);
            }
        };
        // Who asked while the transaction was opened goes along.
        while submissions.len() < MAX_GROUP
            && let Ok(another) = intake.try_recv()
        {
            submissions.push(another);
        }
        if self.shared.refused.swap(false, Ordering::Relaxed) {
            // Before anything is decided: what waits here may already say that alerts are over.
            self.shared.keep_quiet();
        }
        let mut projector = Projector::default();
        let mut decided = Tentative::default();
        for submission in merge(submissions) {
            if let Some(submission) = self.unless_repeated(submission, &mut decided).await {
                self.decide(submission, &mut decided, &mut projector);
            }
        }
        if decided.entries.is_empty() && decided.repeatable.is_empty() {
            drop(group);
            return self.publish(decided);
        }
        let mut writes = projector.finish(&self.tentative);
        writes.extend(decided.repeatable.writes(self.shared.clock.now_ms()));
        decided.messages = messages(&writes);
        let outcome = match group.append(&decided.entries, &writes).await {
            Ok(()) => group.commit().await,
            Err(error) => {
                drop(group);
                Err(error)
            }
        };
        let error = match outcome {
            Ok(()) => return self.publish(decided),
            Err(StoreError::OutcomeUnknown(_))
                if self.became_durable(&mut decided, intake).await =>
            {
                return self.publish(decided);
            }
            Err(error) => error,
        };
        self.tentative = self.shared.read_state().clone();
        self.trouble(&error);
        self.shared.refused.store(true, Ordering::Relaxed);
        for (answer, _) in decided.answers {
            let _ = answer.send(Err(SubmitError::Unavailable(error.to_string())));
        }
    }

    /// Opens a transaction and folds what other nodes appended meanwhile.
    async fn begin(&mut self) -> Result<Box<dyn Group>, StoreError> {
        let store = Arc::clone(&self.shared.store);
        let mut group = store.begin().await?;
        while group.head() != self.head {
            let entries = group.entries_after(self.head.seq, load::PAGE).await?;
            if group.head().seq <= self.head.seq || !self.follows(&entries) {
                // A fail-over lost a commit, or the database was replaced: nothing we folded can be trusted.
                drop(group);
                return Err(self.refold().await);
            }
            self.fold_foreign(&entries)?;
        }
        Ok(group)
    }

    /// Whether entries continue the chain that this node folded.
    fn follows(&self, entries: &[Entry]) -> bool {
        let mut verifier = Verifier::after(self.head);
        entries.first().is_none_or(|e| verifier.step(e).is_ok())
    }

    /// Folds what other nodes committed.
    async fn follow(&mut self) {
        let store = Arc::clone(&self.shared.store);
        while let Ok(entries) = store.entries_after(self.head.seq, load::PAGE).await {
            if entries.is_empty() {
                return;
            }
            let folded = if self.follows(&entries) {
                self.fold_foreign(&entries)
            } else {
                Err(self.refold().await)
            };
            if let Err(error) = folded {
                return self.trouble(&error);
            }
        }
    }

    /// After a failure, when nobody asks for anything: looks whether the head can be had again.
    async fn try_again(&mut self) {
        let now = self.shared.clock.monotonic();
        let long_ago = |at: Duration| now.saturating_sub(at) >= TROUBLE;
        if self.troubled.is_some_and(long_ago) {
            match self.begin().await {
                Ok(_) => self.recovered(),
                Err(error) => self.trouble(&error),
            }
        }
    }

    fn recovered(&mut self) {
        if self.troubled.take().is_some() {
            self.shared.clear_trouble();
        }
    }

    fn fold_foreign(&mut self, entries: &[Entry]) -> Result<(), StoreError> {
        let mut verifier = Verifier::after(self.head);
        let damaged = |e: String| StoreError::Corrupt(e);
        // All are read before any is folded: a page is folded once or not at all.
        let mut events = Vec::new();
        for entry in entries {
            verifier.step(entry).map_err(|e| damaged(e.to_string()))?;
            let event = load::decode(entry).map_err(|e| damaged(e.to_string()))?;
            events.extend(event.map(|event| (entry.world, entry.time_ms, event)));
        }
        let Some(last) = entries.last() else {
            return Err(damaged("the head names entries that are not there".into()));
        };
        self.last_time_ms = self.last_time_ms.max(last.time_ms);
        self.shared.clock.catch_up(last.time_ms);
        {
            let mut state = self.shared.write_state();
            for (world, time_ms, event) in &events {
                state.fold(*world, *time_ms, event);
                self.tentative.fold(*world, *time_ms, event);
            }
            self.shared.groups.follow(&state, &events);
        }
        self.snapshots.note(entries);
        self.head = verifier.head();
        self.shared.seq.set(self.head.seq);
        Ok(())
    }

    /// Folds the whole journal anew; answers with the alarm.
    async fn refold(&mut self) -> StoreError {
        let loaded = match load::load(&*self.shared.store).await {
            Ok(loaded) => loaded,
            Err(StartError::Store(error)) => return error,
            Err(error) => return StoreError::Corrupt(error.to_string()),
        };
        let now_ms = self.shared.clock.now_ms();
        let store = Arc::clone(&self.shared.store);
        self.snapshots = Snapshots::after(store, loaded.snapshot, loaded.grown);
        self.shared.groups.rebuild(&loaded.state, now_ms);
        *self.shared.write_state() = loaded.state.clone();
        self.tentative = loaded.state;
        self.head = loaded.head;
        self.last_time_ms = loaded.time_ms;
        self.shared.keep_quiet();
        self.shared.seq.set(self.head.seq);
        StoreError::Corrupt("the journal changed behind this node; folded it anew".into())
    }

    /// Answers a request that was carried out before; gives back any other.
    async fn unless_repeated(
        &self,
        submission: Submission,
        decided: &mut Tentative,
    ) -> Option<Submission> {
        let Some(once) = &submission.once else {
            return Some(submission);
        };
        let earlier = decided.repeatable.earlier(&*self.shared.store, once).await;
        let error = match earlier {
            Ok(Earlier::Unused) => return Some(submission),
            Ok(Earlier::Answered(about)) => {
                // Not before the group is durable: the first request may be in it.
                let answer = Ok(about.into());
                decided
                    .answers
                    .extend(Submission::answers(submission.askers, &answer));
                return None;
            }
            Ok(Earlier::OtherRequest) => SubmitError::KeyReused,
            Err(error) => SubmitError::Unavailable(error.to_string()),
        };
        submission.refuse(&error);
        None
    }

    /// Decides one command on the tentative state.
    fn decide(
        &mut self,
        submission: Submission,
        decided: &mut Tentative,
        projector: &mut Projector,
    ) {
        let Submission {
            world,
            mut command,
            once,
            askers,
        } = submission;
        let now_ms = self.shared.clock.now_ms().max(self.last_time_ms);
        let state = &self.tentative;
        timekeeper::look_again(&self.shared, state, (world, now_ms), &mut command);
        let decision = decide(&self.tentative, world, &command, now_ms);
        if let Ok(decision) = &decision {
            for event in &decision.events {
                self.last_time_ms = now_ms;
                let previous = decided.entries.last().map_or(self.head, Entry::head);
                let (kind, version) = event.kind();
                let entry = Entry::seal(
                    previous,
                    now_ms,
                    world,
                    kind,
                    version,
                    salt(),
                    event.encode(),
                );
                projector.before(&self.shared, &self.tentative, (world, now_ms), event);
                self.tentative.fold(world, now_ms, event);
                let place = (world, entry.seq, now_ms);
                projector.after(&self.shared, &self.tentative, place, event);
                decided.events.push((world, now_ms, event.clone()));
                decided.entries.push(entry);
            }
            if !decision.resent.is_empty() {
                self.tentative.resend(world, &decision.resent);
                decided.resent.push((world, decision.resent.clone()));
            }
            if let Some(heard) = &decision.heard {
                self.tentative.hear(world, now_ms, heard);
                decided.heard.push((world, now_ms, heard.clone()));
            }
            // A refusal changes nothing, so a repeated request may well be decided anew.
            if let Some(once) = once {
                decided.repeatable.note(once, About::from(decision));
            }
        }
        decided
            .answers
            .extend(Submission::answers(askers, &decision));
    }

    /// Lets readers see a group that is durable, and answers.
    fn publish(&mut self, decided: Tentative) {
        if !(decided.events.is_empty() && decided.resent.is_empty() && decided.heard.is_empty()) {
            let mut state = self.shared.write_state();
            for (world, now_ms, event) in &decided.events {
                state.fold(*world, *now_ms, event);
            }
            self.shared.groups.follow(&state, &decided.events);
            for (world, now_ms, heard) in &decided.heard {
                state.hear(*world, *now_ms, heard);
            }
            for (world, resent) in &decided.resent {
                state.resend(*world, resent);
                if *world == World::Live {
                    let now_ms = self.shared.clock.now_ms();
                    self.shared.groups.again(&state, resent, now_ms);
                }
            }
        }
        self.shared.handover.give(decided.messages);
        if let Some(last) = decided.entries.last() {
            self.snapshots.note(&decided.entries);
            self.head = last.head();
            self.recovered();
            self.shared.seq.set(self.head.seq);
        }
        for (answer, decision) in decided.answers {
            let seq = self.head.seq;
            // Whoever asked may have gone away; the decision stands.
            let _ = answer.send(match decision {
                Ok(d) => Ok(Done {
                    seq,
                    incident: d.incident,
                    handoff: d.handoff,
                    silence: d.silence,
                    maintenance: d.maintenance,
                    denial: d.denial,
                }),
                Err(refusal) => Err(refusal.into()),
            });
        }
    }

    /// After a commit without an answer: asks the journal whether the group is in it, as long as it takes.
    /// Whoever comes meanwhile is refused rather than kept waiting, and in the end those who asked are told that
    /// nobody knows.
    async fn became_durable(
        &mut self,
        decided: &mut Tentative,
        intake: &mut mpsc::Receiver<Submission>,
    ) -> bool {
        let Some(first) = decided.entries.first() else {
            return false;
        };
        let since = self.shared.clock.monotonic();
        let mut pause = Duration::from_millis(50);
        loop {
            match self.shared.store.entries_after(first.seq - 1, 1).await {
                Ok(entries) => return entries.first().is_some_and(|e| e.hash == first.hash),
                Err(error) => {
                    self.trouble(&error);
                    if self.shared.clock.monotonic() - since >= ANSWER_WITHIN {
                        self.shared.refused.store(true, Ordering::Relaxed);
                        for (answer, _) in decided.answers.drain(..) {
                            let _ = answer.send(Err(SubmitError::OutcomeUnknown));
                        }
                    }
                    let over = self.shared.clock.sleep(pause);
                    self.refuse_until(over, intake, &error).await;
                    pause = (pause * 2).min(Duration::from_secs(5));
                }
            }
        }
    }

    async fn refuse_until(
        &self,
        mut over: impl Future<Output = ()> + Unpin,
        intake: &mut mpsc::Receiver<Submission>,
        error: &StoreError,
    ) {
        loop {
            tokio::select! {
                biased;
                () = &mut over => return,
                Some(submission) = intake.recv() => self.refuse(vec![submission], error),
            }
        }
    }

    fn refuse(&self, submissions: Vec<Submission>, error: &StoreError) {
        self.shared.refused.store(true, Ordering::Relaxed);
        let error = SubmitError::Unavailable(error.to_string());
        for submission in submissions {
            submission.refuse(&error);
        }
    }

    fn trouble(&mut self, error: &StoreError) {
        self.troubled = Some(self.shared.clock.monotonic());
        tracing::error!(error = %error, "commands cannot be recorded");
        self.shared.set_trouble(error.to_string());
    }
}
