//! `stentor sign-in` and `stentor token`: access given by whoever holds the data directory.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use stentor_domain::ids::PersonId;
use stentor_engine::{API_TOKEN_MS, Engine, Idempotency};

use crate::failure::{Failure, block_on, print, say};
use crate::node::Location;

/// Print a link that signs a person in once.
#[derive(Args)]
#[command(after_help = "Example:\n  stentor sign-in ada")]
pub(crate) struct SignIn {
    /// Who, by the name in people.toml
    person: String,
    #[command(flatten)]
    location: Location,
}

impl SignIn {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        block_on(async {
            let places = self.location.places()?;
            let engine = self.location.engine(&places).await?;
            let person = known(&engine, &self.person)?;
            let secret = engine.issue_sign_in(&person).await.map_err(Failure::new)?;
            let url = engine.read(|s| s.organisation().map(|o| o.console_url.clone()));
            print(&format!(
                "{}/sign-in/{}",
                url.unwrap_or_default(),
                secret.reveal()
            ));
            say("The link works once, within the hour.");
            Ok(ExitCode::SUCCESS)
        })
    }
}

/// Give, list and take away API tokens.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor token create ada --label \"deploy script\"\n  stentor token list\n  stentor token revoke ID"
)]
pub(crate) struct Token {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    location: Location,
}

#[derive(Subcommand)]
enum Action {
    /// Print a new token; it is shown only now
    Create {
        /// Who acts with it
        person: String,
        /// What it is for
        #[arg(long)]
        label: String,
    },
    /// List the tokens that were not taken away: id, person, label
    List,
    /// Take a token away
    Revoke {
        /// Its id, as `list` shows it
        id: String,
    },
}

impl Token {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        block_on(async {
            let places = self.location.places()?;
            let engine = self.location.engine(&places).await?;
            match self.action {
                Action::Create { person, label } => {
                    let person = known(&engine, &person)?;
                    // Each run of the command makes another token.
                    let once =
                        Idempotency::new("command line", &stentor_api::fresh_key(), String::new());
                    let (token, _) = engine
                        .issue_api_token(&person, &label, API_TOKEN_MS, &once)
                        .await
                        .map_err(Failure::new)?;
                    print(token.reveal());
                    say("Keep it now: only its hash is stored.");
                }
                Action::List => {
                    for token in engine.api_tokens().await.map_err(Failure::new)? {
                        print(&format!("{}\t{}\t{}", token.id, token.person, token.label));
                    }
                }
                Action::Revoke { id } => {
                    if !engine.revoke_api_token(&id).await.map_err(Failure::new)? {
                        return Err(Failure::new(format!("there is no token {id:?}")));
                    }
                    say("The token is void.");
                }
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

fn known(engine: &Engine, person: &str) -> Result<PersonId, Failure> {
    let person = PersonId::from(person);
    let people: Option<Vec<String>> = engine.read(|state| {
        let organisation = state.organisation()?;
        Some(
            organisation
                .people
                .keys()
                .map(ToString::to_string)
                .collect(),
        )
    });
    match people {
        None => Err(Failure::new(
            "no configuration is in force; run: stentor apply",
        )),
        Some(people) if !people.contains(&person.to_string()) => Err(Failure::new(format!(
            "there is no person {person:?}; the configuration has: {}",
            people.join(", ")
        ))),
        Some(_) => Ok(person),
    }
}
