//! Words with a fixed set of values.

use serde::{Deserialize, Serialize};
use stentor_domain::{bulletin, drill, incident, severity};
use utoipa::ToSchema;

macro_rules! twins {
    ($($(#[$doc:meta])* $name:ident of $twin:path as $case:literal: $($word:ident)*;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = $case)]
        pub(in crate::rest) enum $name { $($word,)* }

        impl From<$name> for $twin {
            fn from(word: $name) -> Self {
                match word { $($name::$word => Self::$word,)* }
            }
        }

        impl From<$twin> for $name {
            fn from(word: $twin) -> Self {
                match word { $(<$twin>::$word => Self::$word,)* }
            }
        }
    )*};
}

twins! {
    /// How bad an incident is; `sev1` is the worst.
    Severity of severity::Severity as "lowercase": Sev1 Sev2 Sev3 Sev4;
    /// How much of a service fails.
    Impact of bulletin::Impact as "lowercase": Partial Total;
    /// What kind of cause.
    Cause of incident::CauseClass as "kebab-case": Hardware Software Attack HumanError Nature Supplier Unknown;
    /// A part that somebody plays in an incident.
    Role of incident::Role as "kebab-case": Commander Liaison Expert TechnicalLead Scribe;
    /// What the public is told about an incident's progress.
    PublicStatus of bulletin::PublicStatus as "lowercase": Investigating Identified Monitoring Resolved;
    /// Where announced work stands.
    MaintenanceStatus of bulletin::MaintenanceStatus as "snake_case": Scheduled InProgress Verifying Completed Cancelled;
    /// Whether an escalation goes on.
    Progress of incident::Progress as "lowercase": Running Stopped Exhausted;
    /// The answer to a question of a scorecard. Missing data is never a pass.
    Verdict of drill::Verdict as "lowercase": Passed Failed Unknown;
}
