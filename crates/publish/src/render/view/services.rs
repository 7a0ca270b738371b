//! Components in their groups, each with its row of days.

use std::collections::BTreeMap;

use serde::Serialize;
use stentor_domain::bulletin::{Component, StatusPage};

use super::super::RenderError;
use super::super::bars::Bar;
use super::super::edition::Edition;
use super::super::spans::{Day, Days, Span, problem, work};
use super::super::text::{clean, line};
use super::super::time;
use super::super::words::fill;
use super::affair::look;
use super::page::goes_on;

/// All components.
#[derive(Serialize)]
pub(in super::super) struct Services {
    pub(in super::super) groups: Vec<Group>,
    /// First and last day of the bars.
    pub(in super::super) from: String,
    pub(in super::super) to: String,
    /// Whether any bar has a percentage, which then needs to be explained.
    pub(in super::super) shares: bool,
    /// Whether any bar is a drawing of calm days only.
    pub(in super::super) plain: Option<String>,
    /// Whether days before the record began are shown.
    pub(in super::super) unrecorded: bool,
}

/// Components under one heading.
#[derive(Serialize)]
pub(in super::super) struct Group {
    pub(in super::super) name: Option<String>,
    pub(in super::super) parts: Vec<Part>,
}

/// A component and its state in words.
#[derive(Serialize)]
pub(in super::super) struct Part {
    pub(in super::super) name: String,
    pub(in super::super) look: &'static str,
    pub(in super::super) state: &'static str,
    pub(in super::super) bar: Bar,
    pub(in super::super) share: Option<String>,
}

/// The rows of days by component, from what was said about each.
pub(in super::super) struct Records {
    by_name: BTreeMap<String, (Days, Vec<Span>)>,
    calm: Days,
    since: Option<i64>,
    now: i64,
}

impl Records {
    pub(in super::super) fn of(page: &StatusPage, now: i64) -> Self {
        let calm = Days::until(now, page.recorded_since_ms);
        let mut by_name: BTreeMap<String, (Days, Vec<Span>)> = BTreeMap::new();
        let mut note = |name: &String, span: Span, what: Day| {
            let entry = by_name
                .entry(name.clone())
                .or_insert_with(|| (calm.clone(), Vec::new()));
            entry.0.mark(span, what);
            if what > Day::Work {
                entry.1.push(span);
            }
        };
        for incident in page.current.iter().chain(&page.past) {
            for span in problem(incident, now) {
                for name in &incident.components {
                    note(name, span, incident.impact.into());
                }
            }
        }
        for maintenance in &page.maintenance {
            if let Some(span) = work(maintenance, now) {
                for name in &maintenance.components {
                    note(name, span, Day::Work);
                }
            }
        }
        Self {
            by_name,
            calm,
            since: page.recorded_since_ms,
            now,
        }
    }

    /// The row of one component.
    pub(in super::super) fn days(&self, component: &Component) -> &Days {
        self.by_name
            .get(&component.name)
            .map_or(&self.calm, |(days, _)| days)
    }

    /// The share of time without a published problem, in hundredths of a percent.
    pub(in super::super) fn share(&self, component: &Component) -> Option<u32> {
        let (days, spans) = match self.by_name.get(&component.name) {
            Some((days, spans)) => (days, spans.as_slice()),
            None => (&self.calm, [].as_slice()),
        };
        days.share_outside(spans, self.since, self.now)
    }
}

/// Components by heading, in the order in which a heading first occurs; those without one first.
pub(in super::super) fn grouped(page: &StatusPage) -> Vec<(Option<&str>, Vec<&Component>)> {
    let mut groups: Vec<(Option<&str>, Vec<&Component>)> = Vec::new();
    for component in &page.components {
        let name = component.group.as_deref();
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, parts)) => parts.push(component),
            None if name.is_none() => groups.insert(0, (name, vec![component])),
            None => groups.push((name, vec![component])),
        }
    }
    groups
}

impl Services {
    pub(in super::super) fn of(
        edition: &Edition<'_>,
        records: &Records,
    ) -> Result<Self, RenderError> {
        let words = edition.words;
        let last = records.calm.first + records.calm.days.len() as i64 - 1;
        let worked_on = |component: &Component| {
            let works = edition.page.maintenance.iter().filter(|m| goes_on(m));
            works
                .into_iter()
                .any(|m| m.components.contains(&component.name))
        };
        let part = |component: &&Component| {
            let share = records.share(component).map(|share| {
                let number = format!("{}{}{:02}", share / 100, words.decimal, share % 100);
                fill(words.percent, &[("n", &number)])
            });
            Ok(Part {
                name: line(&clean(&component.name)),
                look: match component.impact {
                    None if worked_on(component) => "work",
                    impact => impact.map_or("calm", look),
                },
                state: match component.impact {
                    None if worked_on(component) => words.maintenance,
                    impact => words.impact(impact),
                },
                bar: Bar::of(records.days(component), words)?,
                share,
            })
        };
        let group = |(name, parts): (Option<&str>, Vec<&Component>)| {
            Ok(Group {
                name: name.map(line),
                parts: parts.iter().map(part).collect::<Result<_, RenderError>>()?,
            })
        };
        let groups = grouped(edition.page)
            .into_iter()
            .map(group)
            .collect::<Result<Vec<_>, RenderError>>()?;
        let parts = || groups.iter().flat_map(|g| &g.parts);
        let plain = parts()
            .find(|p| p.bar.plain)
            .and_then(|p| p.bar.paths.first());
        Ok(Self {
            from: time::date(time::day_of(records.calm.first)?, words),
            to: time::date(time::day_of(last)?, words),
            shares: parts().any(|p| p.share.is_some()),
            plain: plain.map(|(_, path)| path.clone()),
            unrecorded: records.calm.days.contains(&Day::Unrecorded),
            groups,
        })
    }
}
