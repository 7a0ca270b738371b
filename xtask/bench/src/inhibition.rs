//! What 1,000 rules of inhibition cost 10,000 alerts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use stentor_domain::alert::{Alert, AlertGroup, Fingerprint};
use stentor_domain::bundle::Bundle;
use stentor_domain::bundle::alertmanager::cut;
use stentor_domain::event::{BundleAccepted, Event};
use stentor_domain::labels::Labels;
use stentor_domain::routing::Moment;
use stentor_domain::state::State;
use stentor_domain::world::World;

use crate::alertmanager::Groups;
use crate::alerts;
use crate::clock::{Watch, now};
use crate::disk::Disk;
use crate::failure::Failure;
use crate::line::{Aim, alone, compare};
use crate::lists;
use crate::load::load;
use crate::peer::{Peer, Rounds, Setup, TWO};
use crate::report::Part;
use crate::stats::median;

const RULES: usize = 1_000;
const ALERTS: usize = 10_000;

/// Which alerts a rule may keep quiet.
#[derive(Clone, Copy)]
enum Targets {
    /// Each rule those of a cluster of its own.
    Own,
    /// Every rule every alert, so that all rules are to be looked at.
    All,
}

/// Measures them.
pub(crate) fn measure(dir: &Path, rounds: usize, _disk: Disk) -> Result<Part, Failure> {
    let mut part = Part::default();
    for (targets, name) in [
        (Targets::Own, "each for a cluster of its own"),
        (Targets::All, "each for all alerts"),
    ] {
        let state = state(targets)?;
        let took: Vec<f64> = (0..rounds).map(|_| per_alert(&state, ALERTS)).collect();
        let micros = median(&took).unwrap_or(f64::NAN);
        println!("  {name}: {micros:.2} µs per alert");
        let what = format!("1,000 inhibition rules, {name}: µs per alert");
        part.lines.push(alone(&what, micros, 50.0));
        let rules = rules(targets);
        let found = Rounds::run(dir, &TWO, rounds, |peer, place| {
            let setup = Setup {
                groups: Groups::One,
                sink: None,
                rules: &rules,
            };
            let server = peer.start(place, &setup, None)?;
            let mut bodies = alerts::batches_of("warning", ALERTS, 1_000, now());
            bodies.push(sources());
            load(server.address, &bodies)?;
            let took = lists::time("/api/v2/alerts", server.address, "", 4_000_000)?;
            println!("  {name}, list of 10,000, {peer:?}: {took:.0} ms");
            Ok(took)
        })?;
        let of = |peer| found.median(peer, |took| *took);
        let (ours, theirs) = (of(Peer::Sqlite), of(Peer::Alertmanager));
        let what = format!("drop-in: list of 10,000 alerts under rules {name}, ms");
        part.lines.push(compare(&what, ours, theirs, Aim::None));
    }
    Ok(part)
}

/// As YAML.
fn rules(targets: Targets) -> String {
    let mut text = String::from("inhibit_rules:\n");
    for i in 0..RULES {
        let target = match targets {
            Targets::Own => format!("cluster=\\\"eu-{i}\\\""),
            Targets::All => "severity=\\\"warning\\\"".to_owned(),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "- {{source_matchers: [\"alertname=\\\"Source{i}\\\"\"], target_matchers: [\"{target}\"], equal: [shard]}}"
        );
    }
    text
}

/// A source of every rule, as a body: none agrees with any target.
fn sources() -> String {
    let one =
        |i: usize| format!("{{\"labels\":{{\"alertname\":\"Source{i}\",\"shard\":\"none\"}}}}");
    let all: Vec<String> = (0..RULES).map(one).collect();
    format!("[{}]", all.join(","))
}

/// A state in which a source of every rule fires, none of which agrees with any target.
fn state(targets: Targets) -> Result<State, Failure> {
    let text = format!(
        "route: {{receiver: sink}}\nreceivers: [{{name: sink}}]\n{}",
        rules(targets)
    );
    let wrong = |problems: Vec<stentor_domain::bundle::Problem>| {
        let first = problems.first().map(ToString::to_string);
        Failure::Unexpected(first.unwrap_or_default())
    };
    let name = "alertmanager.yml".to_owned();
    let text = cut(&name, &text).map_err(wrong)?.text;
    let bundle = Bundle::new(BTreeMap::from([(name, text)])).map_err(wrong)?;
    let accepted = BundleAccepted {
        hash: bundle.hash(),
        bundle,
        by: "bench".to_owned(),
        reason: String::new(),
    };
    let sources = (0..RULES).map(|i| {
        let name = format!("Source{i}");
        alert(&[("alertname", &name), ("shard", "none")])
    });
    let group = AlertGroup {
        service: "none".into(),
        incident: None,
        alerts: sources.map(Arc::new).collect(),
    };
    let mut state = State::default();
    state.fold(World::Live, 1, &Event::from(accepted));
    state.fold(World::Live, 1, &Event::AlertsChanged(vec![group]));
    Ok(state)
}

fn alert(labels: &[(&str, &str)]) -> Alert {
    let labels = Labels::from_pairs(&mut labels.to_vec());
    Alert {
        fingerprint: Fingerprint::of(&labels),
        labels,
        annotations: Labels::default(),
        starts_ms: 1,
        ends_ms: i64::MAX,
        generator_url: "".into(),
        ends_by_timeout: false,
    }
}

/// Microseconds that it takes to find out what keeps an alert quiet.
fn per_alert(state: &State, alerts: usize) -> f64 {
    let targets: Vec<Labels> = (0..alerts)
        .map(|i| {
            let (instance, shard) = (format!("host-{i:07}"), format!("{}", i % 100));
            let cluster = format!("eu-{}", i % RULES);
            alert(&[
                ("alertname", "Bench"),
                ("instance", &instance),
                ("shard", &shard),
                ("severity", "warning"),
                ("cluster", &cluster),
            ])
            .labels
        })
        .collect();
    let Some(world) = state.world(World::Live) else {
        return f64::NAN;
    };
    let moment = Moment::new(state.routing().map(|r| &**r), world, 2, 0);
    let watch = Watch::start();
    let quiet = targets
        .iter()
        .filter(|t| moment.quiet(t).is_quiet())
        .count();
    let took = watch.read();
    // None is: every rule had to be looked at in vain.
    if quiet > 0 {
        return f64::NAN;
    }
    took.as_secs_f64() * 1e6 / alerts as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_source_that_fires_and_none_agrees() {
        for targets in [Targets::Own, Targets::All] {
            let state = state(targets).unwrap();
            assert_eq!(state.routing().unwrap().inhibit_rules.len(), RULES);
            assert_eq!(state.world(World::Live).unwrap().alerts.len(), RULES);
            assert!(per_alert(&state, 10) > 0.0);
        }
    }
}
