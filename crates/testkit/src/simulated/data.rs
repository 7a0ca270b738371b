//! The tables, and what each write does to them.

use std::collections::BTreeMap;

use stentor_domain::world::World;
use stentor_store::memory::MemoryCluster;
use stentor_store::text::storable;
use stentor_store::{
    Contact, ERASED_LINE, Entry, Head, IdempotentAnswer, InboxMessage, IncidentRow, OutboxRow,
    Payload, Seq, Snapshot, TimelineRow, Token, TokenHash, Write,
};

const ANSWERS_KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// Everything that is durable. Ordered maps, so that no iteration depends on chance.
#[derive(Default)]
pub(super) struct Tables {
    pub(super) entries: Vec<Entry>,
    pub(super) outbox: BTreeMap<String, OutboxRow>,
    pub(super) timeline: BTreeMap<(World, u32, Seq, u32), TimelineRow>,
    pub(super) incidents: BTreeMap<(World, u32), IncidentRow>,
    pub(super) answers: BTreeMap<String, IdempotentAnswer>,
    pub(super) people: BTreeMap<String, Contact>,
    pub(super) tokens: BTreeMap<TokenHash, Token>,
    pub(super) inbox: BTreeMap<(World, i64, String), InboxMessage>,
    pub(super) snapshots: BTreeMap<(u32, Seq), Snapshot>,
    pub(super) cluster: MemoryCluster,
}

/// The entries after a position, of a journal that begins at 1.
pub(super) fn entries_after(entries: &[Entry], after: Seq, limit: usize) -> Vec<Entry> {
    let skip = usize::try_from(after).unwrap_or(usize::MAX);
    entries.iter().skip(skip).take(limit).cloned().collect()
}

impl Tables {
    pub(super) fn head(&self) -> Head {
        self.entries.last().map(Entry::head).unwrap_or_default()
    }

    pub(super) fn apply(&mut self, write: &Write) {
        match write {
            Write::Enqueue(row) => {
                let row = outbox_row(row);
                self.outbox.entry(row.key.clone()).or_insert(row);
            }
            Write::Dequeue { key } => {
                self.outbox.remove(&text(key));
            }
            Write::Timeline(row) => {
                let place = (row.world, row.incident, row.seq, row.line);
                self.timeline
                    .entry(place)
                    .or_insert_with(|| timeline_row(row));
            }
            Write::Incident(row) => {
                self.incidents
                    .insert((row.world, row.id), incident_row(row));
            }
            Write::Answer(row) => {
                let oldest = row.time_ms - ANSWERS_KEPT_MS;
                self.answers.retain(|_, kept| kept.time_ms >= oldest);
                let row = answer(row);
                self.answers.entry(row.key.clone()).or_insert(row);
            }
            Write::Erase { seq, by } => self.erase(*seq, *by),
            Write::ForgetProjections(world) => {
                self.outbox.retain(|_, row| row.world != *world);
                self.timeline.retain(|_, row| row.world != *world);
                self.incidents.retain(|_, row| row.world != *world);
            }
        }
    }

    fn erase(&mut self, seq: Seq, by: Seq) {
        let place = usize::try_from(seq).ok().and_then(|n| n.checked_sub(1));
        if let Some(entry) = place.and_then(|place| self.entries.get_mut(place))
            && matches!(entry.payload, Payload::Present { .. })
        {
            entry.payload = Payload::Erased { by };
        }
        for line in self.timeline.values_mut().filter(|line| line.seq == seq) {
            line.text = ERASED_LINE.to_owned();
            line.actor = None;
        }
    }

    pub(super) fn put_inbox(&mut self, message: &InboxMessage) {
        let message = inbox_message(message);
        let known = self
            .inbox
            .values()
            .any(|kept| kept.world == message.world && kept.key == message.key);
        if !known {
            let place = (message.world, message.time_ms, message.key.clone());
            self.inbox.insert(place, message);
        }
    }

    pub(super) fn put_snapshot(&mut self, snapshot: &Snapshot) {
        let version = snapshot.fold_version;
        let seq = snapshot.head.seq;
        let second = self
            .snapshots
            .range((version, 0)..(version, seq))
            .next_back()
            .map(|(place, _)| *place);
        self.snapshots
            .retain(|place, _| place.0 != version || Some(*place) == second);
        self.snapshots.insert((version, seq), snapshot.clone());
    }
}

pub(super) fn text(value: &str) -> String {
    storable(value).into_owned()
}

fn optional(value: Option<&String>) -> Option<String> {
    value.map(|value| text(value))
}

fn outbox_row(row: &OutboxRow) -> OutboxRow {
    OutboxRow {
        key: text(&row.key),
        body: text(&row.body),
        lease_holder: optional(row.lease_holder.as_ref()),
        last_error: optional(row.last_error.as_ref()),
        ..row.clone()
    }
}

fn timeline_row(row: &TimelineRow) -> TimelineRow {
    TimelineRow {
        kind: text(&row.kind),
        actor: optional(row.actor.as_ref()),
        text: text(&row.text),
        ..*row
    }
}

fn incident_row(row: &IncidentRow) -> IncidentRow {
    IncidentRow {
        service: text(&row.service),
        severity: text(&row.severity),
        phase: text(&row.phase),
        title: text(&row.title),
        data: text(&row.data),
        ..*row
    }
}

fn answer(row: &IdempotentAnswer) -> IdempotentAnswer {
    IdempotentAnswer {
        key: text(&row.key),
        request: text(&row.request),
        answer: text(&row.answer),
        ..*row
    }
}

fn inbox_message(message: &InboxMessage) -> InboxMessage {
    InboxMessage {
        key: text(&message.key),
        person: text(&message.person),
        channel: text(&message.channel),
        subject: text(&message.subject),
        body: text(&message.body),
        ..*message
    }
}

pub(super) fn contact(contact: &Contact) -> Contact {
    Contact {
        person: text(&contact.person),
        email: optional(contact.email.as_ref()),
        webhook_url: optional(contact.webhook_url.as_ref()),
        webhook_secret: optional(contact.webhook_secret.as_ref()),
    }
}

pub(super) fn token(token: &Token) -> Token {
    Token {
        person: text(&token.person),
        label: text(&token.label),
        ..*token
    }
}
