//! Plays a plan in real time and notes what is told.

use std::collections::BTreeMap;

use stentor_testkit::scenario::{Action, Scenario};

use crate::alertmanager::Alertmanager;
use crate::clock::Clock;
use crate::failure::Failure;
use crate::judge;
use crate::plan::{Plan, UNIT_MS};
use crate::sink::Sink;

/// A step that began or was answered this much later than meant spoils the take, in units.
const LATE: f64 = 0.06;

/// One take of a plan.
pub(crate) fn take(plan: &Plan) -> Result<Scenario, Failure> {
    let sink = Sink::start()?;
    let server = Alertmanager::start(&plan.config, sink.address)?;
    let clock = Clock::start(UNIT_MS);
    let mut silences: BTreeMap<&str, String> = BTreeMap::new();
    for step in &plan.steps {
        clock.wait_until(step.at);
        match &step.action {
            Action::Post(alerts) => server.post(alerts, &clock)?,
            Action::Silence(silence) => {
                let known = silences.get(silence.key.as_str());
                let id = server.silence(silence, known, &clock)?;
                silences.insert(&silence.key, id);
            }
            Action::Expire(key) => {
                let known = silences.get(key.as_str());
                let id = known.ok_or_else(|| Failure::Unexpected(format!("no silence {key}")))?;
                server.expire(id)?;
            }
            Action::Reload(config) => server.reload(config)?,
        }
        on_time(&clock, step.at)?;
    }
    clock.wait_until(plan.ends_at);
    let (alerts_at_end, groups_at_end) = (server.alerts(&clock)?, server.groups()?);
    on_time(&clock, plan.ends_at)?;
    drop(server);
    let mut notifications = sink.notifications(&clock)?;
    judge::order(&mut notifications);
    Ok(Scenario {
        name: plan.name.clone(),
        note: plan.note.clone(),
        recorded_at: clock.start,
        unit_ms: UNIT_MS,
        ends_at: plan.ends_at,
        config: plan.config.clone(),
        steps: plan.steps.clone(),
        notifications,
        alerts_at_end,
        groups_at_end,
    })
}

fn on_time(clock: &Clock, due: f64) -> Result<(), Failure> {
    let late = clock.units(crate::clock::now()) - due;
    if late <= LATE {
        return Ok(());
    }
    let text = format!("the machine was too busy: {late:.2} units late at {due}");
    Err(Failure::Unexpected(text))
}
