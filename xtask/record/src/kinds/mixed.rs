//! Scenarios from seeds: some alerts live and die at random under a random configuration. An alert that is told is told
//! before it ends, and what may be silenced or inhibited does not end: Stentor mends both, see [`super::differs`].

use super::NEVER;
use crate::config::{Config, PLAIN, Timing, Webhook};
use crate::plan::{FAR, Plan, Said, alert, matcher};
use crate::random::Random;

/// Steps are at this part of a unit.
const PHASE: f64 = 0.4;

/// No scenario is longer.
const LONGEST: f64 = 25.15;

/// Scenario number `seed`.
pub(crate) fn plan(seed: u64) -> Plan {
    let mut random = Random::new(seed);
    let timing = timing(&mut random);
    let config = config(&mut random, timing);
    let note = "A mix of alerts, routes and silences from a seed.";
    let mut plan = Plan::new(&format!("mixed-{seed:02}"), note, config);
    let mut last = 0;
    let names = ["Down", "Full", "Slow"];
    for instance in 1..=4 + random.below(4) {
        let instance = instance.to_string();
        let mut labels = vec![
            ("alertname", random.pick(&names)),
            ("instance", instance.as_str()),
        ];
        if !random.one_in(4) {
            labels.push(("team", random.pick(&["a", "b"])));
        }
        let life = life(&mut random, timing);
        let inhibited = random.one_in(3);
        let stays = matches!(life, Life::Stays);
        labels.push(("severity", if stays && inhibited { "warn" } else { "page" }));
        if stays && random.one_in(2) {
            labels.push(("quiet", "yes"));
        }
        let from = random.below(5);
        let end = live(&mut plan, &mut random, &labels, from, &life, timing);
        last = last.max(end);
    }
    plan = silences(plan, &mut random, &mut last);
    let interval = timing.interval / 1000;
    let end = f64::from(last + 2 * interval) + 0.15 + 1.0;
    plan.end(end.min(LONGEST))
}

fn timing(random: &mut Random) -> Timing {
    let interval = random.pick(&[2000, 3000]);
    let wait = random.pick(&[500, 1500, 2500]);
    let repeat = random.pick(&[NEVER, NEVER, 2 * interval + 500, 3 * interval + 500]);
    Timing {
        wait,
        interval,
        repeat,
    }
}

fn config(random: &mut Random, timing: Timing) -> Config {
    let by: &[&str] = match random.below(6) {
        0 | 1 => &["alertname"],
        2 => &["team"],
        3 => &["alertname", "team"],
        4 => &["..."],
        _ => &[],
    };
    let mut config = Config::new(timing, by);
    let firing_only = Webhook {
        send_resolved: false,
        ..PLAIN
    };
    if random.one_in(3) {
        config = config.default_is(&[PLAIN, firing_only]);
    }
    config = config.receiver("a").receiver("b");
    config = match random.below(4) {
        0 => config,
        1 => config.routes(&["- matchers: [team=\"a\"]", "  receiver: a"]),
        2 => config.routes(&[
            "- matchers: [alertname=~\"D.*|Full\"]",
            "  receiver: a",
            "  group_by: [instance]",
            "  continue: true",
            "- matchers: [team!=\"a\"]",
            "  receiver: b",
        ]),
        _ => config.routes(&[
            "- matchers: [team=~\"a|b\"]",
            "  receiver: a",
            "  routes:",
            "  - matchers: [alertname!~\"Slow|Full\"]",
            "    receiver: b",
            "    group_by: [team]",
        ]),
    };
    if random.one_in(2) {
        return config;
    }
    let equal = if random.one_in(2) {
        "team"
    } else {
        "alertname"
    };
    config.also(&[
        "inhibit_rules:",
        "- source_matchers: [severity=\"page\"]",
        "  target_matchers: [severity=\"warn\"]",
        &format!("  equal: [{equal}]"),
    ])
}

/// What becomes of an alert, in units after it was surely told.
enum Life {
    Stays,
    Ends { after: u32 },
    Expires { after: u32 },
    EndsAndReturns { after: u32, later: u32 },
}

fn life(random: &mut Random, timing: Timing) -> Life {
    let interval = timing.interval / 1000;
    let after = random.below(4);
    match random.below(6) {
        0 | 1 => Life::Stays,
        2 | 3 => Life::Ends { after },
        4 => Life::Expires { after },
        _ => Life::EndsAndReturns {
            after,
            later: interval + 1 + random.below(3),
        },
    }
}

/// Adds the steps of one alert; gives the unit of the last.
fn live(
    plan: &mut Plan,
    random: &mut Random,
    labels: &[(&str, &str)],
    from: u32,
    life: &Life,
    timing: Timing,
) -> u32 {
    let at = |unit: u32| f64::from(unit) + PHASE;
    let told = from + timing.wait.max(timing.interval).div_ceil(1000) + 1;
    let start = alert(labels).since(at(from)).saying("one");
    let mut steps = Vec::new();
    let last = match *life {
        Life::Stays => {
            steps.push((from, start.clone().until(FAR)));
            from
        }
        Life::Ends { after } => {
            steps.push((from, start.clone().until(FAR)));
            let end = told + after;
            steps.push((end, alert(labels).until(at(end)).saying("over")));
            end
        }
        Life::Expires { after } => {
            let end = told + after;
            steps.push((from, start.clone().until(at(end) + 0.25)));
            end
        }
        Life::EndsAndReturns { after, later } => {
            steps.push((from, start.clone().until(FAR)));
            let end = told + after;
            steps.push((end, alert(labels).until(at(end)).saying("over")));
            let again = end + later;
            steps.push((
                again,
                alert(labels).since(at(again)).until(FAR).saying("two"),
            ));
            again
        }
    };
    // Sent again in the meantime, perhaps with another text, and with the same end.
    if random.one_in(2) && told > from + 1 {
        let again = from + 1 + random.below(told - from - 1);
        let end = steps[0].1.ends_at.unwrap_or(FAR);
        let text = random.pick(&["one", "changed"]);
        let repeated = alert(labels).since(at(from)).until(end).saying(text);
        steps.push((again, repeated));
    }
    for (unit, said) in steps {
        let step = std::mem::replace(plan, Plan::new("", "", "")).post(at(unit), [said]);
        *plan = step;
    }
    last
}

/// Some silences of alerts that stay.
fn silences(mut plan: Plan, random: &mut Random, last: &mut u32) -> Plan {
    for i in 0..random.below(3) {
        let from = random.below(8);
        let until = from + 2 + random.below(6);
        let at = f64::from(from) + PHASE;
        let mut matchers = vec![matcher("quiet=yes")];
        let more = random.pick(&["", "instance=~[1-3]", "alertname!=Down", "team!~a|c"]);
        if !more.is_empty() {
            matchers.push(matcher(more));
        }
        let key = format!("quiet-{i}");
        plan = plan.silence(at, &key, &matchers, at, f64::from(until) + 0.65);
        *last = (*last).max(until);
        if random.one_in(3) {
            plan = plan.expire(f64::from(until - 1) + PHASE, &key);
        }
    }
    plan
}
