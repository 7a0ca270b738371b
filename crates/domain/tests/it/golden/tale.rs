//! A tale in which every kind of entry occurs, and which ends with something of everything still open.

use stentor_domain::announcement::{Filled, Reason};
use stentor_domain::bulletin::Language;
use stentor_domain::command::Command;
use stentor_domain::drill::{Check, Scorecard, Verdict};
use stentor_domain::event::{DeliveryOutcome, Event};
use stentor_domain::heartbeat::{Beat, Signal};
use stentor_domain::ids::{IncidentId, MaintenanceId, PageId};
use stentor_domain::incident::{Action, CauseClass, Report, Role};
use stentor_domain::labels::Labels;
use stentor_domain::matcher::{Matcher, Op};
use stentor_domain::routing::GroupId;
use stentor_domain::severity::Severity;
use stentor_domain::silence::{SilenceId, Wanted};
use stentor_domain::told::Delivered;
use stentor_domain::world::World;

use crate::announcements;
use crate::example::with_sources;
use crate::story::{Story, report};

/// Two jobs that have to be heard of.
const SOURCES: &str = r#"
[sources.backup]
kind = "healthchecks"
token = { file = "secrets/backup" }
service = "website"
every = "1 day"
grace = "1 hour"
severity = "sev4"
expect_size = ["1 GB", "2 GB"]

[sources.index]
kind = "heartbeat"
token = { file = "secrets/index" }
every = "1 hour"
grace = "10 minutes"
severity = "sev4"
"#;

pub(crate) fn tale() -> Vec<(World, i64, Event)> {
    let mut story = Story::new(with_sources(SOURCES));
    trouble(&mut story);
    ending(&mut story);
    aside(&mut story);
    speaking(&mut story);
    groups(&mut story);
    heartbeats(&mut story);
    drill(&mut story);
    // What is left open.
    story
        .at("2d 08:00")
        .fires("Down again", "website", "warning");
    story.fires("Login fails", "login", "critical").ack("ada");
    story.publish("first", "ada");
    story.must(offer(&story, Role::Commander, "ben"));
    story.journal
}

fn offer(story: &Story, role: Role, to: &str) -> Command {
    Command::OfferHandoff {
        incident: story.newest(),
        role,
        to: to.into(),
        reason: "my shift ends".into(),
        by: "ada".into(),
    }
}

/// Nobody answers, then somebody does.
fn trouble(story: &mut Story) {
    story.fires("Slow", "website", "warning");
    story.at("00:01").fires("Down", "website", "page");
    let outcomes = [
        DeliveryOutcome::Delayed {
            error: "greylisted".into(),
        },
        DeliveryOutcome::Delivered {
            detail: "250 ok".into(),
        },
        DeliveryOutcome::Failed {
            error: "410 gone".into(),
        },
        DeliveryOutcome::Superseded,
    ];
    for (outcome, channel) in outcomes
        .into_iter()
        .zip(["email", "email", "webhook", "webhook"])
    {
        story.must(Command::RecordDelivery {
            page: PageId(1),
            key: "0011aabb".into(),
            channel: channel.into(),
            outcome,
        });
    }
    story.at("00:02").decline("ada", "on a train");
    // Sent again half an hour later: its end moves well beyond the one on record.
    story.at("00:28").fires("Down", "website", "page");
    story.ack("ben");
    story.at("00:29").decline("ben", "ill").take_command("dora");
    story.must(Command::SetCause {
        incident: story.newest(),
        cause: CauseClass::Supplier,
        by: "dora".into(),
    });
    story.must(Command::SetSeverity {
        incident: story.newest(),
        severity: Severity::Sev1,
        reason: "it spreads".into(),
        by: "dora".into(),
    });
    story.must(Command::AddNote {
        incident: story.newest(),
        text: "The supplier is told.\nThey answer.".into(),
        by: "cleo".into(),
    });
    story.publish("first", "dora");
    story.at("01:20").publish("update", "dora");
    story.at("05:00");
}

fn ending(story: &mut Story) {
    let handoff = |story: &Story, to: &str| Command::OfferHandoff {
        incident: story.newest(),
        role: Role::Liaison,
        to: to.into(),
        reason: String::new(),
        by: "dora".into(),
    };
    story.must(handoff(story, "cleo"));
    story.decline("cleo", "no time");
    story.must(handoff(story, "ben"));
    story.ack("ben");
    story.ends("Slow", "website", "warning").resolve("dora");
    story.publish("resolved", "ben");
    let incident = story.newest();
    story.must(Command::Confirm {
        incident,
        representative: "Mo of the documentation team".into(),
        by: "cleo".into(),
    });
    let actions = vec![Action {
        what: "Find a second supplier".into(),
        owner: "cleo".into(),
        due: "2026-12-31".into(),
    }];
    let report = Report {
        actions,
        no_action_reason: String::new(),
        ..report()
    };
    let by = || "dora".into();
    story.must(Command::WriteReport {
        incident,
        report,
        by: by(),
    });
    // The alert "Down" falls silent.
    story.tick();
    story.must(Command::Close { incident, by: by() });
    assert!(!story.here().incidents.contains_key(&IncidentId(1)));
}

/// Silences, and what is told and noted about groups of alerts.
fn groups(story: &mut Story) {
    story.fires("Disk", "website", "info");
    let fingerprint = *story.here().alerts.keys().next().unwrap();
    let group = GroupId::of("{}", &Labels::default());
    let by = || "ada".to_owned();
    story.must(Command::RecordNotifications(vec![Delivered {
        group,
        to: "ops/webhook[0]".into(),
        firing: vec![fingerprint],
        resolved: Vec::new(),
        sent: true,
    }]));
    story.must(Command::AcknowledgeGroup {
        group,
        until_ms: Some(story.now_ms + 3_600_000),
        comment: "looking at it".into(),
        by: by(),
    });
    story.must(Command::AssignGroup {
        group,
        to: Some("ben".into()),
        by: by(),
    });
    for n in [1, 2] {
        let id = SilenceId::from_random([n; 16]);
        story.must(Command::SetSilence {
            id: None,
            fresh: id,
            wanted: Wanted {
                matchers: vec![Matcher::new("job", Op::Matches, "web.*").unwrap()],
                starts_ms: story.now_ms,
                ends_ms: story.now_ms + 1000,
                recurrence: None,
                created_by: by(),
                comment: "planned work".into(),
            },
            by: by(),
        });
        if n == 1 {
            story.must(Command::EndSilence { id, by: by() });
        }
    }
}

/// One job is heard of and another is not.
fn heartbeats(story: &mut Story) {
    let heard_since_ms = story.now_ms;
    let beat = |signal, size, message: &str| Command::Beat {
        source: "backup".into(),
        beat: Beat {
            run: Some("6ba7b810-9dad-11d1-80b4-00c04fd430c8".into()),
            size,
            message: message.into(),
            ..Beat::new(signal)
        },
        heard_since_ms,
    };
    story.must(beat(Signal::Start, None, ""));
    story.must(beat(Signal::Exit(3), None, "disk full"));
    story.must(beat(Signal::Success, Some(5), "5 bytes"));
    story.must(Command::JudgeHeartbeats(vec!["index".into()]));
}

/// What belongs to no incident.
fn aside(story: &mut Story) {
    for error in [None, Some("the disk is full".to_owned())] {
        let (mirror, snapshot) = ("one".into(), 7);
        story.must(Command::RecordPush {
            mirror,
            snapshot,
            error,
        });
    }
    story.must(Command::Erase {
        seq: 5,
        reason: "it held a name".into(),
        by: "dora".into(),
    });
    story.must(Command::RecordClockJump { by_ms: -3000 });
}

fn drill(story: &mut Story) {
    story.world = World::Drill(1);
    story.must(Command::StartDrill {
        scenario: "first".into(),
        by: "ada".into(),
        pace: 60,
    });
    story.fires("Down", "website", "page");
    story.until(story.now_ms + 60_000);
    let check = |name: &str, verdict| Check {
        name: name.into(),
        verdict,
        detail: "as seen".into(),
    };
    let checks = vec![
        check("a", Verdict::Passed),
        check("b", Verdict::Failed),
        check("c", Verdict::Unknown),
    ];
    story.must(Command::FinishDrill {
        scorecard: Scorecard { checks },
    });
    story.world = World::Live;
}

/// Words that are put right, announced work, and a false message.
fn speaking(story: &mut Story) {
    let reason = || Reason {
        text: "It was not so.".into(),
        translations: [(
            Language::try_from("de".to_owned()).unwrap(),
            "Es war nicht so.".to_owned(),
        )]
        .into(),
    };
    let incident = story.declare("package-mirror", Severity::Sev2);
    story.take_command("ada").publish("first", "ada");
    story.must(Command::CorrectUpdate {
        incident,
        number: 1,
        text: Filled {
            template: "update".into(),
            values: [("known".to_owned(), "It is the disk.".to_owned())].into(),
        },
        status: None,
        next_update_ms: None,
        by: "ada".into(),
    });
    story.must(Command::WithdrawUpdate {
        incident,
        number: 2,
        reason: reason(),
        by: "ada".into(),
    });
    let now_ms = story.now_ms;
    let mut work = announcements::planned();
    (work.starts_ms, work.ends_ms) = (Some(now_ms + 60_000), Some(now_ms + 3_600_000));
    story.must(Command::SpeakOfMaintenance(work));
    story.until(now_ms + 60_000);
    story.must(Command::WithdrawMaintenance {
        id: MaintenanceId(1),
        number: 1,
        reason: reason(),
        by: "cleo".into(),
    });
    story.must(Command::SpeakOfDenial(announcements::denied()));
}
