//! The remaining ports over the tables.

use async_trait::async_trait;
use stentor_domain::world::World;
use stentor_store::{
    Attempt, Claim, Contact, IdempotentAnswer, InboxMessage, IncidentRow, Lane, Outbox, OutboxRow,
    People, Projections, Snapshot, Snapshots, Store, StoreError, TimelineFilter, TimelineRow,
    Token, TokenHash, TokenKind, Tokens,
};

use super::SimulatedStore;
use super::data::{Tables, contact, text, token};

impl Store for SimulatedStore {
    fn engine(&self) -> &'static str {
        "simulated"
    }
}

impl Tables {
    fn lane(&self, world: World, lane: Lane) -> impl Iterator<Item = &OutboxRow> {
        self.outbox
            .values()
            .filter(move |row| row.world == world && row.lane == lane)
    }

    fn claim(&mut self, claim: Claim<'_>, holder: &str) -> Vec<OutboxRow> {
        let mut due: Vec<_> = self
            .lane(claim.world, claim.lane)
            .filter(|row| {
                row.next_try_ms <= claim.now_ms
                    && (row.lease_until_ms <= claim.now_ms
                        || row
                            .lease_holder
                            .as_deref()
                            .is_none_or(|held| held == holder))
            })
            .map(|row| (row.next_try_ms, row.key.clone()))
            .collect();
        due.sort();
        let mut claimed = Vec::new();
        for (_, key) in due.into_iter().take(claim.limit) {
            if let Some(row) = self.outbox.get_mut(&key) {
                row.lease_holder = Some(holder.to_owned());
                row.lease_until_ms = claim.until_ms;
                claimed.push(row.clone());
            }
        }
        claimed
    }

    fn postpone(&mut self, attempt: &Attempt) {
        if let Some(row) = self.outbox.get_mut(&text(&attempt.key))
            && row.lease_holder == Some(text(&attempt.holder))
        {
            row.attempts += 1;
            row.next_try_ms = attempt.next_try_ms;
            row.last_error = Some(text(&attempt.error));
            row.lease_holder = None;
            row.lease_until_ms = 0;
        }
    }

    fn valid_token(&self, hash: &TokenHash, kind: TokenKind, now_ms: i64) -> Option<Token> {
        let token = self.tokens.get(hash)?;
        (token.kind == kind && token.expires_ms > now_ms).then(|| token.clone())
    }
}

#[async_trait]
impl Outbox for SimulatedStore {
    async fn claim(&self, claim: Claim<'_>) -> Result<Vec<OutboxRow>, StoreError> {
        self.write(|tables| tables.claim(claim, &text(claim.holder)))
            .await
    }

    async fn postpone(&self, attempt: &Attempt) -> Result<(), StoreError> {
        self.write(|tables| tables.postpone(attempt)).await
    }

    async fn next_due_ms(&self, world: World, lane: Lane) -> Result<Option<i64>, StoreError> {
        self.read(|tables| {
            let rows = tables.lane(world, lane);
            rows.map(|row| row.next_try_ms.max(row.lease_until_ms))
                .min()
        })
        .await
    }

    async fn waiting(
        &self,
        world: World,
        lane: Lane,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        self.read(|tables| {
            let mut rows: Vec<_> = tables.lane(world, lane).cloned().collect();
            rows.sort_by(|a, b| (a.created_ms, &a.key).cmp(&(b.created_ms, &b.key)));
            rows.truncate(limit);
            rows
        })
        .await
    }
}

#[async_trait]
impl Projections for SimulatedStore {
    async fn timeline(&self, filter: TimelineFilter) -> Result<Vec<TimelineRow>, StoreError> {
        self.read(|tables| {
            let from = (filter.world, filter.incident, 0, 0);
            let to = (filter.world, filter.incident, u64::MAX, u32::MAX);
            let newest = tables.timeline.range(from..=to).rev().take(filter.limit);
            let mut lines: Vec<_> = newest.map(|(_, row)| row.clone()).collect();
            lines.reverse();
            lines
        })
        .await
    }

    async fn incident(&self, world: World, id: u32) -> Result<Option<IncidentRow>, StoreError> {
        self.read(|tables| tables.incidents.get(&(world, id)).cloned())
            .await
    }

    async fn incidents(
        &self,
        world: World,
        before: Option<u32>,
        limit: usize,
    ) -> Result<Vec<IncidentRow>, StoreError> {
        self.read(|tables| {
            let rows = tables.incidents.values().rev();
            rows.filter(|row| row.world == world && before.is_none_or(|before| row.id < before))
                .take(limit)
                .cloned()
                .collect()
        })
        .await
    }

    async fn answer(&self, key: &str) -> Result<Option<IdempotentAnswer>, StoreError> {
        self.read(|tables| tables.answers.get(&text(key)).cloned())
            .await
    }

    async fn put_inbox(&self, message: &InboxMessage) -> Result<(), StoreError> {
        if !message.world.is_drill() {
            return Err(StoreError::Corrupt("only a drill has an inbox".to_owned()));
        }
        self.write(|tables| tables.put_inbox(message)).await
    }

    async fn inbox(&self, world: World, limit: usize) -> Result<Vec<InboxMessage>, StoreError> {
        self.read(|tables| {
            let messages = tables.inbox.values();
            messages
                .filter(|message| message.world == world)
                .take(limit)
                .cloned()
                .collect()
        })
        .await
    }
}

#[async_trait]
impl People for SimulatedStore {
    async fn put_contacts(&self, contacts: &[Contact]) -> Result<(), StoreError> {
        self.write(|tables| {
            for given in contacts.iter().map(contact) {
                tables.people.insert(given.person.clone(), given);
            }
        })
        .await
    }

    async fn contact(&self, person: &str) -> Result<Option<Contact>, StoreError> {
        self.read(|tables| tables.people.get(&text(person)).cloned())
            .await
    }

    async fn contacts(&self) -> Result<Vec<Contact>, StoreError> {
        self.read(|tables| tables.people.values().cloned().collect())
            .await
    }

    async fn erase_contact(&self, person: &str) -> Result<bool, StoreError> {
        self.write(|tables| tables.people.remove(&text(person)).is_some())
            .await
    }
}

#[async_trait]
impl Tokens for SimulatedStore {
    async fn put_token(&self, given: &Token) -> Result<(), StoreError> {
        self.write(|tables| {
            tables.tokens.insert(given.hash, token(given));
        })
        .await
    }

    async fn token(
        &self,
        hash: &TokenHash,
        kind: TokenKind,
        now_ms: i64,
    ) -> Result<Option<Token>, StoreError> {
        self.read(|tables| tables.valid_token(hash, kind, now_ms))
            .await
    }

    async fn take_token(
        &self,
        hash: &TokenHash,
        kind: TokenKind,
        now_ms: i64,
    ) -> Result<Option<Token>, StoreError> {
        self.write(|tables| {
            let token = tables.valid_token(hash, kind, now_ms)?;
            tables.tokens.remove(hash);
            Some(token)
        })
        .await
    }

    async fn tokens_of(&self, person: &str, kind: TokenKind) -> Result<Vec<Token>, StoreError> {
        self.read(|tables| {
            let person = text(person);
            let theirs = |token: &&Token| token.person == person && token.kind == kind;
            let mut tokens: Vec<_> = tables.tokens.values().filter(theirs).cloned().collect();
            tokens.sort_by_key(|token| (std::cmp::Reverse(token.created_ms), token.hash));
            tokens
        })
        .await
    }

    async fn sweep_tokens(&self, now_ms: i64) -> Result<u64, StoreError> {
        self.write(|tables| {
            let before = tables.tokens.len();
            tables.tokens.retain(|_, token| token.expires_ms > now_ms);
            (before - tables.tokens.len()) as u64
        })
        .await
    }
}

#[async_trait]
impl Snapshots for SimulatedStore {
    async fn put_snapshot(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.write(|tables| tables.put_snapshot(snapshot)).await
    }

    async fn latest_snapshot(&self, fold_version: u32) -> Result<Option<Snapshot>, StoreError> {
        self.read(|tables| {
            let versions = tables
                .snapshots
                .range((fold_version, 0)..=(fold_version, u64::MAX));
            versions.last().map(|(_, snapshot)| snapshot.clone())
        })
        .await
    }
}
