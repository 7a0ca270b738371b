//! Everything a status page says.

use super::{Denial, Directory, Impact, Language, PublicIncident, PublicMaintenance};
use crate::ids::ServiceId;
use crate::world::World;

/// A part of what the organisation offers, as its users name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Its service: stable where the name changes.
    pub id: ServiceId,
    /// The users' name for it.
    pub name: String,
    /// The heading it stands under, if any.
    pub group: Option<String>,
    /// `None`: no known problem.
    pub impact: Option<Impact>,
    /// Announced work on it goes on.
    pub maintenance: bool,
}

/// How the page looks and speaks. The same for every world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageSettings {
    /// Languages of the page, the first being that of the statements' own wording; never empty.
    pub languages: Vec<Language>,
    /// Where the organisation lives on the web, when it does.
    pub website: Option<String>,
    /// The few things that may look different.
    pub theme: Theme,
    /// Addresses of the mirrors, as readers reach them, in the order of the configuration.
    pub mirrors: Vec<String>,
}

/// A look: colours that keep enough contrast, checked when the configuration is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Theme {
    /// Colour of links and of the heading's bar, as `#rrggbb`; on white.
    pub accent: Option<String>,
    /// The same on the dark background.
    pub accent_dark: Option<String>,
}

impl Default for PageSettings {
    fn default() -> Self {
        Self {
            languages: vec![Language::english()],
            website: None,
            theme: Theme::default(),
            mirrors: Vec::new(),
        }
    }
}

/// Everything a status page says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusPage {
    /// Whose page it is.
    pub organisation: String,
    /// Live, or a rehearsal that must be unmistakable.
    pub world: World,
    /// Since when problems of the components would have been published, in milliseconds since the epoch. Days before are
    /// shown as not recorded, and a share of time is reckoned only where all of it is recorded. `None`: not known.
    pub recorded_since_ms: Option<i64>,
    /// How it looks and speaks.
    pub settings: PageSettings,
    /// Components in the order of the catalogue.
    pub components: Vec<Component>,
    /// Incidents whose end was not announced, newest first.
    pub current: Vec<PublicIncident>,
    /// Incidents that ended in the last 90 days, newest first.
    pub past: Vec<PublicIncident>,
    /// Announced work that is not over, the earliest first, then what ended in the last 90 days, newest first.
    pub maintenance: Vec<PublicMaintenance>,
    /// False messages: those that circulate, newest first, then those of the last 90 days that do not any more.
    pub denials: Vec<Denial>,
    /// What is ours.
    pub directory: Directory,
}
