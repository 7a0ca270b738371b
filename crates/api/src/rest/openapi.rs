//! The OpenAPI 3.1 document.

use serde::Serialize;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, OpenApi as Document, Ref, ResponseBuilder};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::caller::Json;
use super::{acts, alerts, announcements, drills, incidents, node, silences, sources, tokens};

/// The header of each request that changes something.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(super) struct Once {
    /// A random text of 1 to 100 characters, the same when a request is repeated: it then acts once.
    #[expect(dead_code, reason = "described, and read elsewhere")]
    #[param(rename = "Idempotency-Key")]
    idempotency_key: String,
}

macro_rules! addresses {
    ($($name:ident { $($(#[$doc:meta])* $field:ident: $type:ty,)* })*) => {$(
        #[derive(IntoParams)]
        #[into_params(parameter_in = Path)]
        #[expect(dead_code, reason = "described, and read elsewhere")]
        pub(super) struct $name { $($(#[$doc])* $field: $type,)* }
    )*};
}

addresses! {
    InWorld {
        /// `live`, or `drill-N`.
        world: String,
    }
    OfIncident {
        /// `live`, or `drill-N`.
        world: String,
        /// The incident's number.
        incident: u32,
    }
    OfHandoff {
        /// `live`, or `drill-N`.
        world: String,
        /// The incident's number.
        incident: u32,
        /// The handoff's number.
        handoff: u32,
    }
    OfStatement {
        /// `live`, or `drill-N`.
        world: String,
        /// The incident's number.
        incident: u32,
        /// The statement's number.
        number: u32,
    }
    OfMaintenance {
        /// `live`, or `drill-N`.
        world: String,
        /// The number of the announced work.
        maintenance: u32,
    }
    OfMaintenanceStatement {
        /// `live`, or `drill-N`.
        world: String,
        /// The number of the announced work.
        maintenance: u32,
        /// The statement's number.
        number: u32,
    }
    OfDenial {
        /// `live`, or `drill-N`.
        world: String,
        /// The number of the denied message.
        denial: u32,
    }
    OfDenialStatement {
        /// `live`, or `drill-N`.
        world: String,
        /// The number of the denied message.
        denial: u32,
        /// The statement's number.
        number: u32,
    }
    OfPage {
        /// `live`, or `drill-N`.
        world: String,
        /// The page's number.
        page: u32,
    }
    OfDrill {
        /// The drill's number.
        drill: u32,
    }
    OfGroup {
        /// The group: 32 hexadecimal digits.
        group: String,
    }
    OfSilence {
        /// The silence: a UUID.
        silence: String,
    }
    OfToken {
        /// The token's id.
        token: String,
    }
}

/// What every error is told with.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
struct ProblemWire {
    /// Names the kind of problem; never changes.
    code: String,
    /// What happened.
    message: String,
    /// What to do.
    todo: String,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Stentor",
        description = "Incidents, pages and the public word. A world is part of every address. Answers to what \
            changes something carry `Stentor-Seq`; a request that sends it back sees that change.",
        license(name = "Apache-2.0 OR MIT")
    ),
    paths(
        incidents::list,
        acts::declare,
        incidents::one,
        acts::take_command,
        acts::get_help,
        acts::offer_handoff,
        acts::answer_handoff,
        acts::add_note,
        acts::set_severity,
        acts::set_cause,
        acts::publish_update,
        acts::correct_update,
        acts::withdraw_update,
        acts::resolve,
        acts::confirm,
        acts::write_report,
        acts::close,
        acts::answer_page,
        announcements::list_maintenance,
        announcements::announce_maintenance,
        announcements::speak_of_maintenance,
        announcements::withdraw_maintenance,
        announcements::list_denials,
        announcements::deny,
        announcements::speak_of_denial,
        announcements::withdraw_denial,
        announcements::directory,
        alerts::list,
        alerts::groups,
        alerts::group,
        alerts::acknowledge,
        alerts::release,
        alerts::assign,
        alerts::comment,
        silences::list,
        silences::create,
        silences::one,
        silences::change,
        silences::end,
        node::lanes,
        node::mirrors,
        sources::list,
        drills::list,
        drills::start,
        drills::one,
        tokens::list,
        tokens::create,
        tokens::revoke,
    ),
    components(schemas(ProblemWire))
)]
struct Api;

/// The document.
#[must_use]
pub fn document() -> Document {
    let mut document = Api::openapi();
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    if let Some(components) = document.components.as_mut() {
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
    document.security = Some(vec![SecurityRequirement::new(
        "token",
        Vec::<String>::new(),
    )]);
    for item in document.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.delete,
        ];
        operations.into_iter().flatten().for_each(tell_of_problems);
    }
    document
}

fn tell_of_problems(operation: &mut Operation) {
    let problem = Content::new(Some(Ref::from_schema_name("Problem")));
    let response = ResponseBuilder::new()
        .description("It was not done")
        .content("application/json", problem)
        .build();
    let responses = &mut operation.responses.responses;
    responses.insert("default".to_owned(), response.into());
}

pub(super) async fn show() -> Json<Document> {
    Json(document())
}
