//! What a reader trusts from the start: a root from a file or a partner's site, or pins that tell the mirror's root.

use std::path::Path;

use clap::Args;
use futures::future::join_all;
use stentor_egress::Target;
use stentor_verify::{Fetch, FetchError, Remembered, Verdict, fingerprint, limits};

use crate::failure::Failure;
use crate::mirror_http::Web;
use crate::pin::{PIN_BYTES, PINS, Pin, digits, records};

/// Roots looked through on a mirror for one that a pin names.
const ROOTS: u32 = 256;

/// Where trust begins. At least one is needed; all that are given must agree.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct TrustOptions {
    /// The first trusted root.json, handed to you by another way than the mirror: a file (of a package, of a medium), or
    /// the https address of a partner's copy
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) root: Option<String>,
    /// The SHA-256 of the root, as digits in groups or not (paper, telephone); or the https address of a partner's page
    /// that states it. May be repeated: all must agree
    #[arg(long, value_name = "SHA256|URL")]
    pub(crate) pin: Vec<String>,
    /// The same as a record, `v=stentor1; root=sha256:HEX`: the text of a DNS TXT entry, or a file that holds it. May be
    /// repeated
    #[arg(long, value_name = "FILE|TEXT")]
    pub(crate) pin_txt: Vec<String>,
}

/// What was given, read and checked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Given {
    /// A root that came by another way.
    pub(crate) root: Option<Vec<u8>>,
    /// Hashes that came by another way.
    pub(crate) pins: Vec<Pin>,
}

impl TrustOptions {
    pub(crate) fn is_empty(&self) -> bool {
        self.root.is_none() && self.pin.is_empty() && self.pin_txt.is_empty()
    }

    /// Reads what the options name. `mirrors` must not be where trust comes from.
    pub(crate) async fn read(&self, web: &Web, mirrors: &[String]) -> Result<Given, Failure> {
        if self.is_empty() {
            return Err(Failure::usage(
                "say whom to trust: --root FILE, --pin SHA256 or --pin-txt RECORD, handed to you by another way than the mirror",
            ));
        }
        let mut given = Given::default();
        if let Some(place) = &self.root {
            given.root = Some(if is_url(place) {
                elsewhere(web, place, mirrors, limits::ROOT_BYTES).await?
            } else {
                file(place, limits::ROOT_BYTES)?
            });
        }
        for text in &self.pin {
            if is_url(text) {
                let page = elsewhere(web, text, mirrors, PIN_BYTES).await?;
                given.add(text, &String::from_utf8_lossy(&page))?;
            } else {
                let sha256 = digits(text).map_err(|e| Failure::usage(format!("--pin: {e}")))?;
                given.pins.push(Pin {
                    sha256,
                    from: "given as digits".to_owned(),
                });
            }
        }
        for text in &self.pin_txt {
            if text.contains("v=stentor1") {
                given.add("given as a record", text)?;
            } else {
                given.add(text, &String::from_utf8_lossy(&file(text, PIN_BYTES)?))?;
            }
        }
        if given.pins.len() > PINS {
            return Err(Failure::usage(format!("at most {PINS} pins")));
        }
        Ok(given)
    }
}

impl Given {
    fn add(&mut self, from: &str, text: &str) -> Result<(), Failure> {
        let pins = records(text, from).map_err(|e| Failure::usage(format!("{from}: {e}")))?;
        self.pins.extend(pins);
        Ok(())
    }

    /// The root to start from. Without one of its own, the lowest root on any mirror that a pin names.
    ///
    /// # Errors
    /// What is to be said of each mirror where none has such a root.
    pub(crate) async fn root(&self, mirrors: &[&dyn Fetch]) -> Result<Vec<u8>, Vec<Verdict>> {
        if let Some(root) = &self.root {
            return Ok(root.clone());
        }
        let found = join_all(mirrors.iter().map(|m| pinned_root(*m, &self.pins))).await;
        let mut roots = Vec::new();
        let mut verdicts = Vec::new();
        for one in found {
            match one {
                Ok(root) => roots.push(root),
                Err(verdict) => verdicts.push(verdict),
            }
        }
        match roots.into_iter().min_by_key(|(version, _)| *version) {
            Some((_, root)) => Ok(root),
            None => Err(verdicts),
        }
    }

    /// A pin that names neither `root` nor one that followed it.
    pub(crate) fn contradicts(&self, root: &[u8], seen: &Remembered) -> Option<&Pin> {
        let first = fingerprint(root);
        self.pins
            .iter()
            .find(|pin| pin.sha256 != first && !seen.knows_root(&pin.sha256))
    }
}

/// The first root on `mirror` that one of `pins` names, with its number.
async fn pinned_root(mirror: &dyn Fetch, pins: &[Pin]) -> Result<(u32, Vec<u8>), Verdict> {
    let unreachable = |reason: String| Verdict::Unreachable { reason };
    for number in 1..=ROOTS {
        let path = format!("metadata/{number}.root.json");
        match mirror.fetch(&path, limits::ROOT_BYTES).await {
            Ok(bytes) if pins.iter().any(|p| p.sha256 == fingerprint(&bytes)) => {
                return Ok((number, bytes));
            }
            // A publisher keeps every root on its mirrors: a later one may be the one that is pinned.
            Ok(bytes) if bytes.trim_ascii_start().first() != Some(&b'<') => {}
            Ok(_) => {
                return Err(unreachable(format!(
                    "{path}: a web page came instead of it"
                )));
            }
            Err(FetchError::NotFound) if number == 1 => {
                return Err(unreachable(format!("{path}: the mirror does not have it")));
            }
            Err(FetchError::NotFound) => break,
            Err(e @ FetchError::TooLarge { .. }) => {
                return Err(Verdict::NotAuthentic {
                    what: vec![format!("{path}: {e}; refused to read on")],
                });
            }
            Err(e) => return Err(unreachable(format!("{path}: {e}"))),
        }
    }
    let pins: Vec<_> = pins.iter().map(ToString::to_string).collect();
    Err(Verdict::NotAuthentic {
        what: vec![format!(
            "no root on this mirror has the pinned SHA-256 {}: it is another publisher's, or forged, or the pin is mistyped",
            pins.join(", ")
        )],
    })
}

pub(crate) fn is_url(text: &str) -> bool {
    text.contains("://")
}

/// A file from a site that is none of the mirrors, over https.
async fn elsewhere(
    web: &Web,
    url: &str,
    mirrors: &[String],
    limit: u64,
) -> Result<Vec<u8>, Failure> {
    let wrong = |why: &str| Failure::usage(format!("{url}: {why}"));
    let target = Target::parse(url).map_err(|e| wrong(&e.to_string()))?;
    if !target.is_https() {
        return Err(wrong("trust does not come over http; use https"));
    }
    let origin = |place: &String| Target::parse(place).ok().map(|t| t.origin().to_owned());
    if mirrors
        .iter()
        .filter_map(origin)
        .any(|o| o == target.origin())
    {
        return Err(wrong(
            "that is the mirror itself: what it says about itself proves nothing. Take it from another site, a package, or paper",
        ));
    }
    let failed = |why: String| Failure::with_code(format!("{url}: {why}"), 5);
    let (base, path) = url.rsplit_once('/').unwrap_or((url, ""));
    let from = web.mirror(base).map_err(|e| wrong(&e.to_string()))?;
    from.fetch(path, limit)
        .await
        .map_err(|e| failed(e.to_string()))
}

fn file(path: &str, limit: u64) -> Result<Vec<u8>, Failure> {
    let usage = |why: String| Failure::usage(format!("{path}: {why}"));
    let size = std::fs::metadata(Path::new(path))
        .map_err(|e| usage(e.to_string()))?
        .len();
    if size > limit {
        return Err(usage("larger than anything of this kind".to_owned()));
    }
    std::fs::read(path).map_err(|e| usage(e.to_string()))
}
