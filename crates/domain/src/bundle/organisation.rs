//! All files together: what refers to what, and what must be there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::alertmanager::{Answering, Defaults, is_routing, is_template, together};
use super::calendars::AROUND_THE_CLOCK;
use super::document::Document;
use super::names::Names;
use super::problem::{Problem, Problems, instead, quoted};
use super::reader::Table;
use super::{
    calendars, directory, email, foundations, incidents, minimal, mirrors, oncall, page, people,
    services, settings, sources, templates,
};
use crate::calendar::Calendar;
use crate::ids::{PersonId, PolicyId, ServiceId, TemplateId, is_slug};
use crate::organisation::{Organisation, Person, PersonRole, Service};
use crate::selector::Selector;

const SETTINGS: &str = "stentor.toml";
const PEOPLE: &str = "people.toml";
const ONCALL: &str = "oncall.toml";
const CALENDARS: &str = "calendars.toml";
const SOURCES: &str = "sources.toml";
const SERVICES: &str = "services/";
const TEMPLATES: &str = "templates/";

/// Names that other parts refer to.
pub(super) struct Declared<'a> {
    pub(super) people: Names<'a>,
    /// The people who may act in incidents.
    pub(super) responders: Names<'a>,
    /// The people who may delegate for others.
    pub(super) managers: Names<'a>,
    pub(super) schedules: Names<'a>,
    pub(super) policies: Names<'a>,
    pub(super) calendars: Names<'a>,
    pub(super) services: Names<'a>,
}

/// Reads the files of a bundle.
pub(super) fn read(files: &BTreeMap<String, String>) -> Result<Organisation, Vec<Problem>> {
    let problems = Problems::default();
    let organisation = if !files.is_empty()
        && files
            .keys()
            .all(|name| is_routing(name) || is_template(name))
    {
        let routing = together(files, Defaults::default(), Answering::Nobody, &problems);
        routing.map(minimal::organisation)
    } else {
        let documents = files
            .iter()
            .filter(|(name, _)| !is_routing(name) && !is_template(name));
        let documents = documents.map(|(name, text)| {
            let document = Document::parse(name, text, &problems);
            (name.as_str(), document)
        });
        let documents: BTreeMap<&str, Document<'_>> = documents.collect();
        refuse_strays(&documents, &problems);
        assemble(&documents, files, &problems)
    };
    // Without settings there is no organisation, and a problem says so.
    let read = problems.none_or(organisation)?;
    read.ok_or_else(Vec::new)
}

/// Reports files that are missing, or that nothing would read.
fn refuse_strays(documents: &BTreeMap<&str, Document<'_>>, problems: &Problems) {
    for (name, holds) in [
        (SETTINGS, "the organisation and its rules"),
        (PEOPLE, "the people"),
        (ONCALL, "schedules and escalation policies"),
    ] {
        if !documents.contains_key(name) {
            let todo = format!("write it; it holds {holds}");
            problems.push(Problem::of_file(name, "the file is missing", todo));
        }
    }
    for (folder, example) in [
        (SERVICES, "services/website.toml"),
        (TEMPLATES, "templates/first.toml"),
    ] {
        if !documents.keys().any(|name| name.starts_with(folder)) {
            problems.push(Problem::of_file(
                folder,
                "the folder is missing or has no file",
                format!("write at least one, for instance {example}"),
            ));
        }
    }
    for name in documents.keys() {
        let known = [SETTINGS, PEOPLE, ONCALL, CALENDARS, SOURCES];
        let id = name
            .strip_prefix(SERVICES)
            .or_else(|| name.strip_prefix(TEMPLATES));
        let id = id.map(|file| file.strip_suffix(".toml").unwrap_or(file));
        if id.is_some_and(|id| !is_slug(id)) {
            problems.push(Problem::of_file(
                name,
                format!("{} cannot be a name", quoted(id.unwrap_or_default())),
                "rename the file; use 1 to 63 of a-z, 0-9 and -, beginning with a letter",
            ));
        } else if id.is_none() && !known.contains(name) {
            let todo = match name.split_once('/') {
                Some((folder, _)) => instead(folder, ["services", "templates"].into_iter()),
                None => instead(name, known.into_iter()),
            };
            problems.push(Problem::of_file(
                name,
                "nothing reads a file of this name",
                todo,
            ));
        }
    }
}

/// Reads every part, as far as it can be read; `None` when there are no settings.
fn assemble(
    documents: &BTreeMap<&str, Document<'_>>,
    files: &BTreeMap<String, String>,
    problems: &Problems,
) -> Option<Organisation> {
    let people = documents.get(PEOPLE).and_then(|d| d.root(people::ROOT));
    let people = people.map(|file| people::read(&file)).unwrap_or_default();
    let declared = declared(documents, &people);
    let oncall = documents.get(ONCALL).and_then(|d| d.root(oncall::ROOT));
    let oncall = oncall.map(|file| {
        (
            oncall::schedules(&file, &declared),
            oncall::policies(&file, &declared),
        )
    });
    let calendars = documents
        .get(CALENDARS)
        .and_then(|d| d.root(calendars::ROOT));
    let mut calendars = calendars
        .map(|file| calendars::read(&file))
        .unwrap_or_default();
    calendars
        .entry(AROUND_THE_CLOCK.into())
        .or_insert_with(Calendar::around_the_clock);
    let settings = documents.get(SETTINGS).and_then(|d| d.root(settings::ROOT));
    let settings = settings.map(|file| {
        let identity = settings::identity(&file, &declared);
        let rules = incidents::read(&file, &declared, identity.calendar.clone());
        let mirrors = mirrors::read(&file);
        let email = email::read(&file);
        (
            identity,
            rules,
            mirrors,
            email,
            settings::allowed_networks(&file),
            (foundations::signing_sites(&file), foundations::house(&file)),
        )
    });
    let word = documents.get(SETTINGS).and_then(|d| d.root(settings::ROOT));
    let word = word.map(|file| (page::read(&file), directory::read(&file)));
    let ((mut page, declares_languages), directory) = word.unwrap_or_default();
    let default_policy = settings.as_ref().map_or_else(
        || "default".into(),
        |(_, rules, ..)| rules.default_policy.clone(),
    );
    let (services, selectors) = catalogue(documents, &declared, &default_policy);
    let templates = folder(documents, TEMPLATES, templates::ROOT);
    let templates = templates
        .into_iter()
        .map(|(id, file)| {
            let languages = Some(page.languages.as_slice()).filter(|_| declares_languages);
            let template = templates::read(id, &file, languages);
            (TemplateId::from(id), template)
        })
        .collect();
    let sources = documents.get(SOURCES).and_then(|d| d.root(sources::ROOT));
    let sources = sources.map(|file| sources::read(&file, &declared));
    let (schedules, policies) = oncall.unwrap_or_default();
    let defaults = settings
        .as_ref()
        .map_or_else(Defaults::default, |(_, rules, ..)| Defaults {
            resolve_timeout_ms: rules.resolve_timeout_ms,
        });
    let answering = Answering::Policies(&declared.policies);
    let routing = together(files, defaults, answering, problems);
    let (identity, mut rules, mirrors, email, allow_networks, (signing_sites, house)) = settings?;
    if let Some(routing) = &routing {
        rules.resolve_timeout_ms = routing.resolve_timeout_ms;
    }
    page.mirrors = page::addresses(&mirrors);
    Some(Organisation {
        name: identity.name,
        domain: identity.domain,
        console_url: identity.console_url,
        people,
        services,
        selectors,
        schedules,
        policies,
        calendars,
        templates,
        page,
        directory,
        rules,
        mirrors,
        signing_sites,
        house,
        email,
        allow_networks,
        sources: sources.unwrap_or_default(),
        routing: routing.map(Arc::new),
    })
}

fn declared<'a>(
    documents: &'a BTreeMap<&str, Document<'_>>,
    people: &'a BTreeMap<PersonId, Person>,
) -> Declared<'a> {
    let names = |file, section, kind, declare| {
        let document = documents.get(file);
        let names = document.into_iter().flat_map(move |d| d.names(section));
        Names::new(kind, declare, names, document.is_some_and(|d| !d.broken))
    };
    let holders = |role| {
        let holders = people.values().filter(move |p| p.roles.contains(&role));
        let known = documents.get(PEOPLE).is_some_and(|d| !d.broken);
        Names::new(
            "person",
            "[people.NAME] in people.toml",
            holders.map(|p| p.id.as_str()),
            known,
        )
    };
    let calendars = documents.get(CALENDARS);
    let calendar_names = calendars.into_iter().flat_map(|d| d.names("calendars"));
    Declared {
        people: names(PEOPLE, "people", "person", "[people.NAME] in people.toml"),
        responders: holders(PersonRole::Responder),
        managers: holders(PersonRole::Manager),
        schedules: names(
            ONCALL,
            "schedules",
            "schedule",
            "[schedules.NAME] in oncall.toml",
        ),
        policies: names(
            ONCALL,
            "policies",
            "policy",
            "[policies.NAME] in oncall.toml",
        ),
        calendars: Names::new(
            "calendar",
            "[calendars.NAME] in calendars.toml",
            calendar_names.chain([AROUND_THE_CLOCK]),
            calendars.is_none_or(|d| !d.broken),
        ),
        // A service is its file, whatever the state of what stands in it.
        services: Names::new(
            "service",
            "services/NAME.toml",
            documents.keys().filter_map(|name| id_in(SERVICES, name)),
            true,
        ),
    }
}

/// The files of a folder that can be read, by the name that each file gives.
fn folder<'d>(
    documents: &'d BTreeMap<&'d str, Document<'_>>,
    folder: &str,
    keys: &[&str],
) -> Vec<(&'d str, Table<'d>)> {
    let files = documents
        .iter()
        .filter_map(|(name, document)| Some((id_in(folder, name)?, document.root(keys)?)));
    files.collect()
}

/// The name that a file of a folder gives.
fn id_in<'n>(folder: &str, name: &'n str) -> Option<&'n str> {
    name.strip_prefix(folder)?.strip_suffix(".toml")
}

/// All services, and their selectors: the most specific first, of equal ones those of the earlier name.
fn catalogue(
    documents: &BTreeMap<&str, Document<'_>>,
    declared: &Declared<'_>,
    default_policy: &PolicyId,
) -> (BTreeMap<ServiceId, Service>, Vec<(Selector, ServiceId)>) {
    let mut services = BTreeMap::new();
    let mut all = Vec::new();
    let mut public_names = BTreeSet::new();
    for (id, file) in folder(documents, SERVICES, services::ROOT) {
        let (service, selectors) = services::read(id, &file, declared, default_policy);
        let repeated = service.public_name.as_ref();
        if repeated.is_some_and(|name| !public_names.insert(name.clone()))
            && let Some(text) = file.line("public_name")
        {
            text.refuse(
                format!("another service is called {} already", quoted(&text)),
                "choose a name that readers of the status page can tell apart",
            );
        }
        all.extend(selectors.into_iter().map(|s| (s, service.id.clone())));
        services.insert(service.id.clone(), service);
    }
    all.sort_by(|(a, of_a), (b, of_b)| {
        let by_weight = b.specificity().cmp(&a.specificity());
        by_weight.then_with(|| of_a.cmp(of_b))
    });
    (services, all)
}
