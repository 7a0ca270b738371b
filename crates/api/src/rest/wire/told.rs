//! Bodies of answers. Texts may quote strangers: escape them before showing.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Cause, Impact, Mended, Progress, PublicStatus, Role, Severity, Verdict, Worded};

macro_rules! told {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Serialize, ToSchema)]
        pub(in crate::rest) struct $name { $($(#[$fdoc])* pub(in crate::rest) $field: $type,)* }
    )*};
}

told! {
    /// Something was done, and is durable.
    Acted {
        /// The incident that it was about or created.
        incident: Option<u32>,
        /// The handoff that it created.
        handoff: Option<u32>,
        /// The announced work that it was about or created.
        maintenance: Option<u32>,
        /// The false message that it was about or created.
        denial: Option<u32>,
    }
    /// Incidents, newest first.
    Incidents {
        /// Those of this part of the list.
        incidents: Vec<Summary>,
        /// Ask with `before` set to this for older ones; absent at the end.
        before: Option<u32>,
    }
    /// An incident in a line.
    Summary {
        /// Its number in its world.
        id: u32,
        /// What is broken.
        service: String,
        /// `sev1` to `sev4`.
        severity: String,
        /// `open`, `resolved` or `closed`.
        phase: String,
        /// When it began.
        opened_at: String,
        /// When it was closed.
        closed_at: Option<String>,
        /// One line.
        title: String,
    }
    /// An incident with everything known about it.
    Incident {
        /// Its number in its world.
        id: u32,
        /// What is broken.
        service: String,
        /// One line.
        title: String,
        /// `open`, `resolved` or `closed`.
        phase: String,
        /// How bad.
        severity: Severity,
        /// How much of the service fails.
        impact: Impact,
        /// What kind of cause.
        cause: Cause,
        /// When it began.
        opened_at: String,
        /// When it was resolved.
        resolved_at: Option<String>,
        /// Who declared it; absent when alerts did.
        declared_by: Option<String>,
        /// Attached alerts that still fire.
        firing: u32,
        /// Attached alerts in all.
        alerts: u32,
        /// Who does what.
        roles: Vec<Holder>,
        /// Seconds without a commander, up to the last change.
        leaderless_seconds: i64,
        /// How far the escalation has got.
        escalation: Option<Escalation>,
        /// Offers of roles that wait for an answer.
        handoffs: Vec<Handoff>,
        /// Who was told.
        pages: Vec<Page>,
        /// The promise of the next public word.
        promise: Option<Promise>,
        /// Promises kept so far.
        promises_kept: u32,
        /// Promises broken so far.
        promises_broken: u32,
        /// What was said in public, oldest first.
        updates: Vec<Statement>,
        /// Who confirmed that it is over for them.
        confirmed_by: Vec<String>,
        /// What was learnt.
        report: ReportTold,
        /// An earlier incident of the same service that was not closed when this began.
        follows: Option<u32>,
        /// What happened, oldest first; the newest 1000 lines.
        timeline: Vec<Line>,
    }
    /// Who plays a part.
    Holder {
        /// Which.
        role: Role,
        /// Who.
        person: String,
        /// Since when.
        since: String,
    }
    /// How far an escalation has got.
    Escalation {
        /// By which policy.
        policy: String,
        /// The level paged last, from 1.
        level: u32,
        /// The round, from 1.
        round: u32,
        /// When it was paged.
        paged_at: String,
        /// Whether it goes on.
        progress: Progress,
    }
    /// An offer of a role.
    Handoff {
        /// Its number.
        id: u32,
        /// Which role.
        role: Role,
        /// To whom.
        to: String,
        /// Who offers it; absent when a rule does.
        by: Option<String>,
        /// Why.
        reason: String,
        /// Since when.
        offered_at: String,
    }
    /// A message to a person.
    Page {
        /// Its number.
        id: u32,
        /// To whom.
        person: String,
        /// Why, in a few words.
        cause: String,
        /// When.
        issued_at: String,
        /// `none`, `acknowledged` or `declined`.
        answer: String,
        /// Channels by which it arrived.
        delivered_by: Vec<String>,
    }
    /// The promise of the next public word.
    Promise {
        /// When it is due.
        due_at: String,
        /// It passed without a word.
        broken: bool,
    }
    /// Something that was said in public.
    Statement {
        /// Its number, from 1.
        number: u32,
        /// When.
        published_at: String,
        /// Where the incident stood.
        status: PublicStatus,
        /// One line.
        title: String,
        /// The paragraphs.
        sections: Vec<Section>,
        /// When the next word was promised for.
        next_update: Option<String>,
        /// The same in further languages, by language tag.
        translations: BTreeMap<String, Worded>,
        /// What it does to other statements, and they to it.
        mended: Mended,
    }
    /// A channel where we speak.
    Channel {
        /// What it is, for instance `mailing-list`.
        kind: String,
        /// What people call it.
        name: String,
        /// Its address, or the account as it is written there.
        address: String,
        /// What is said along with it.
        note: Option<String>,
    }
    /// What is ours, as it is published.
    Directory {
        /// Where we speak.
        channels: Vec<Channel>,
        /// Whom to reach in an emergency.
        emergency: Vec<Channel>,
        /// Whom to tell about a vulnerability: addresses, the preferred first.
        security: Vec<String>,
    }
    /// A headed paragraph.
    Section {
        /// Its heading.
        heading: String,
        /// Plain text.
        text: String,
    }
    /// What was learnt.
    ReportTold {
        /// What happened.
        summary: String,
        /// Root and contributing causes.
        causes: String,
        /// What ended it.
        mitigation: String,
        /// What was noticed late or not at all.
        detection_gaps: String,
        /// Where we got lucky.
        lucky: String,
        /// What is done about it.
        actions: Vec<ActionTold>,
        /// Why there is nothing to do.
        no_action_reason: String,
        /// What must still be filled before the incident may be closed.
        missing: Vec<String>,
    }
    /// Something to be done.
    ActionTold {
        /// What.
        what: String,
        /// Who.
        owner: String,
        /// Until when, as `YYYY-MM-DD`.
        due: String,
    }
    /// A line of a timeline.
    Line {
        /// The entry of the journal that it follows from.
        seq: u64,
        /// When.
        at: String,
        /// What kind of entry.
        kind: String,
        /// Who, when a person did it.
        actor: Option<String>,
        /// A plain sentence.
        text: String,
    }
    /// A place where the public word is kept.
    Mirror {
        /// Its name.
        name: String,
        /// Its world.
        world: String,
        /// Version of the snapshot read back last.
        snapshot: Option<u64>,
        /// When it was last read back as a reader would.
        confirmed_at: Option<String>,
        /// When readers will call it stale.
        fresh_until: Option<String>,
        /// When the word was confirmed that readers were last seen to get there.
        word_at: Option<String>,
        /// What is wrong now.
        error: Option<String>,
    }
    /// A lane: messages of one kind, which wait for no other kind.
    Lane {
        /// `pages` or `public`.
        lane: String,
        /// How many wait, at most 1000.
        waiting: usize,
        /// Age of the oldest in seconds.
        oldest_seconds: i64,
        /// What the last failed attempt ran into.
        last_error: Option<String>,
    }
    /// A rehearsal.
    Drill {
        /// Its number.
        number: u32,
        /// Its world, as it stands in addresses.
        world: String,
        /// What is played.
        scenario: String,
        /// Who started it.
        by: String,
        /// When.
        started_at: String,
        /// How it went; absent while it runs.
        scorecard: Option<Vec<Check>>,
    }
    /// A question of a scorecard.
    Check {
        /// The question.
        name: String,
        /// The answer.
        verdict: Verdict,
        /// What was measured.
        detail: String,
    }
    /// A rehearsal with the messages that its players got.
    DrillWithInbox {
        /// The rehearsal.
        drill: Drill,
        /// The messages, oldest first; at most 1000.
        inbox: Vec<Message>,
    }
    /// A message as its recipient would have seen it.
    Message {
        /// When.
        at: String,
        /// To whom.
        person: String,
        /// By which channel.
        channel: String,
        /// Subject or title.
        subject: String,
        /// The text.
        body: String,
    }
    /// A drill began.
    Started {
        /// Its world, as it stands in addresses.
        world: String,
    }
    /// An API token.
    Token {
        /// Names it; opens nothing.
        id: String,
        /// Whose.
        person: String,
        /// What it is for.
        label: String,
        /// Since when.
        created_at: String,
        /// Until when.
        expires_at: String,
    }
    /// A new API token. Its secret is told here and never again.
    CreatedToken {
        /// The token.
        token: Token,
        /// What to send as `Authorization: Bearer`.
        secret: String,
    }
}
