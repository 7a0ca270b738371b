//! Who may send in the name of a source: tokens are read from where the configuration says, and kept as hashes.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use sha2::{Digest, Sha256};
use stentor_channels::secret::Secrets;
use stentor_domain::ids::SourceId;
use stentor_domain::organisation::Organisation;
use stentor_domain::source::Source;
use subtle::ConstantTimeEq;

use crate::engine::Engine;
use crate::live::reference;
use crate::places::Places;

/// Tokens that were changed, or could not be read, are looked at again within this time.
const AGAIN: Duration = Duration::from_secs(30);

/// A token shorter than this can be guessed, in bytes.
const SHORTEST: usize = 16;

/// The hash of a token, or why there is none.
type Token = Result<[u8; 32], String>;

/// The tokens of the configuration in force.
#[derive(Default)]
pub(crate) struct Gate(RwLock<Option<Arc<Tokens>>>);

#[derive(Default, PartialEq, Eq)]
struct Tokens {
    /// The configuration's hash.
    configuration: String,
    of: BTreeMap<SourceId, Token>,
}

/// Why nobody is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAdmitted {
    /// There is no such source, or the token is another's. Which, is not told.
    Unknown,
    /// No token fits, and that of some source could not be read: it may be the one.
    Unreadable,
    /// The token opens several sources.
    Ambiguous,
}

/// A source that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenTrouble {
    /// Which.
    pub source: SourceId,
    /// Why.
    pub reason: String,
}

impl Gate {
    fn tokens(&self) -> Option<Arc<Tokens>> {
        self.0.read().ok()?.clone()
    }
}

impl Engine {
    /// The source that a token opens, when its name is `name` (any name when `None`) and `wanted` holds of it. Each
    /// token is compared, in constant time, whatever the name.
    ///
    /// # Errors
    /// There is none, or it cannot be told.
    pub fn source_of(
        &self,
        token: &str,
        name: Option<&str>,
        wanted: impl Fn(&Source) -> bool,
    ) -> Result<Source, NotAdmitted> {
        let organisation = self.read(|state| state.organisation().cloned());
        let organisation = organisation.ok_or(NotAdmitted::Unreadable)?;
        let tokens = self.shared.gate.tokens().ok_or(NotAdmitted::Unreadable)?;
        let shown: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let (mut found, mut unreadable) = (Vec::new(), false);
        for source in organisation.sources.values().filter(|s| wanted(s)) {
            match tokens.of.get(&source.id) {
                Some(Ok(hash)) => {
                    let opens: bool = hash.ct_eq(&shown).into();
                    if opens && name.is_none_or(|name| source.id.as_str() == name) {
                        found.push(source);
                    }
                }
                // Declared a moment ago, its token is still to be read.
                Some(Err(_)) | None => unreadable = true,
            }
        }
        match &found[..] {
            [source] => Ok(Source::clone(source)),
            [] if unreadable => Err(NotAdmitted::Unreadable),
            [] => Err(NotAdmitted::Unknown),
            _ => Err(NotAdmitted::Ambiguous),
        }
    }

    /// The sources whose tokens could not be read.
    #[must_use]
    pub fn token_troubles(&self) -> Vec<TokenTrouble> {
        let tokens = self.shared.gate.tokens();
        let of = tokens.iter().flat_map(|t| &t.of);
        of.filter_map(|(source, token)| {
            let reason = token.as_ref().err()?.clone();
            Some(TokenTrouble {
                source: source.clone(),
                reason,
            })
        })
        .collect()
    }

    /// Since when senders are heard without a break, in milliseconds since the epoch.
    #[must_use]
    pub fn heard_since_ms(&self) -> i64 {
        self.shared.hearing().since_ms
    }

    /// Reads the tokens of all sources of the configuration in force, from where it says.
    pub async fn read_source_tokens(&self, places: &Places) {
        let known = self.read(|state| {
            let configuration = state.configuration.as_ref()?;
            Some((
                configuration.hash.clone(),
                configuration.organisation.clone(),
            ))
        });
        let Some((configuration, organisation)) = known else {
            return;
        };
        let secrets = Secrets {
            base: places.configuration(),
            credentials: places.credentials.clone(),
        };
        let of = match &organisation {
            Some(organisation) => read(&secrets, organisation).await,
            None => BTreeMap::new(),
        };
        let tokens = Tokens { configuration, of };
        let before = self.shared.gate.tokens();
        for (source, token) in &tokens.of {
            let known = before.as_ref().and_then(|b| b.of.get(source));
            if let Err(reason) = token
                && known != Some(token)
            {
                tracing::error!(%source, %reason, "a source is refused: its token cannot be used");
            }
        }
        if let Ok(mut gate) = self.shared.gate.0.write() {
            *gate = Some(Arc::new(tokens));
        }
    }
}

async fn read(secrets: &Secrets, organisation: &Organisation) -> BTreeMap<SourceId, Token> {
    let mut tokens = BTreeMap::new();
    for source in organisation.sources.values() {
        let token = match secrets.resolve(&reference(&source.token)).await {
            Ok(secret) if secret.expose().len() < SHORTEST => {
                Err(format!("a token has at least {SHORTEST} characters"))
            }
            Ok(secret) => Ok(Sha256::digest(secret.expose().as_bytes()).into()),
            Err(error) => Err(error.to_string()),
        };
        tokens.insert(source.id.clone(), token);
    }
    tokens
}

/// Reads the tokens whenever another configuration comes into force, and now and then.
pub(crate) async fn keep(engine: Engine, places: Places) {
    let mut changes = engine.changes();
    let mut looked: Option<Duration> = None;
    loop {
        changes.mark_unchanged();
        let age = looked.map_or(AGAIN, |at| engine.clock().monotonic().saturating_sub(at));
        let hash = engine.read(|state| state.configuration.as_ref().map(|c| c.hash.clone()));
        let known = engine.shared.gate.tokens();
        if age >= AGAIN || known.map(|t| t.configuration.clone()) != hash {
            engine.read_source_tokens(&places).await;
            looked = Some(engine.clock().monotonic());
            continue;
        }
        tokio::select! {
            () = changes.changed() => {}
            () = engine.clock().sleep(AGAIN - age) => {}
        }
    }
}
