//! A ceremony and a signature as one text each, for holders who are cut off: a stick, a mail, a chat, a printer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use super::folder::{Ceremony, Paper};
use super::{CeremonyError, Document};
use crate::keys::{KeyId, Signer};

/// How the text of a signature begins.
pub const SIGNATURE_LINE: &str = "-----BEGIN STENTOR SIGNATURE-----";

/// Characters of a carried text; more is refused before it is decoded.
const MOST: usize = 8_000_000;
const LINE: usize = 64;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    paper: Paper,
    root: Option<String>,
    targets: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    pub(crate) key: KeyId,
    /// File and signature in hex.
    pub(crate) signatures: Vec<(String, String)>,
}

impl Ceremony {
    /// The whole ceremony as one text.
    ///
    /// # Errors
    /// [`CeremonyError`] if it cannot be written as text.
    pub fn request(&self) -> Result<String, CeremonyError> {
        let text = |document: &Option<Document>| {
            let document = document.as_ref()?;
            Some(String::from_utf8_lossy(&document.to_bytes()).into_owned())
        };
        armour(
            "REQUEST",
            &Request {
                paper: self.paper.clone(),
                root: text(&self.root),
                targets: text(&self.targets),
            },
        )
    }

    /// Reads what [`Self::request`] wrote.
    ///
    /// # Errors
    /// [`CeremonyError::Damaged`] if it was cut or changed on its way, or its parts do not belong together.
    pub fn from_request(text: &str) -> Result<Self, CeremonyError> {
        let Request {
            paper,
            root,
            targets,
        } = unarmour("REQUEST", text)?;
        let document = |text: Option<String>| match text {
            Some(text) => Document::parse(text.as_bytes())
                .map(Some)
                .ok_or_else(|| damaged("REQUEST", "it holds no metadata")),
            None => Ok(None),
        };
        Self::assembled(paper, document(root)?, document(targets)?)
    }

    /// Signs, and gives the signature as one text.
    ///
    /// # Errors
    /// As [`Self::sign`].
    pub fn answer(&self, signer: &Signer) -> Result<String, CeremonyError> {
        let mut signed = self.clone();
        let files = signed.sign(signer)?;
        let key = signer.id();
        let signature = |(name, document): (&'static str, &Document)| {
            let wanted = files.contains(&name);
            let signature = document.signature(&key).filter(|_| wanted)?;
            Some((name.to_owned(), signature.to_owned()))
        };
        let signatures = signed.documents().filter_map(signature).collect();
        armour(
            "SIGNATURE",
            &Answer {
                key: key.clone(),
                signatures,
            },
        )
    }

    /// Adds a signature that came as text; answers with whose it is and the files it is on.
    ///
    /// # Errors
    /// [`CeremonyError`] if it is damaged, for something else, or by a key that does not count here.
    pub fn add_signature(
        &mut self,
        text: &str,
    ) -> Result<(KeyId, Vec<&'static str>), CeremonyError> {
        let Answer { key, signatures } = unarmour("SIGNATURE", text)?;
        let files = self.accept(&key, &signatures)?;
        Ok((key, files))
    }
}

/// What is carried, between a first and a last line that say what it is.
pub(crate) fn armour(kind: &str, content: &impl Serialize) -> Result<String, CeremonyError> {
    let json = serde_json::to_vec(content).map_err(|e| damaged(kind, &e.to_string()))?;
    let mut bytes = Sha256::digest(&json)[..8].to_vec();
    bytes.extend(json);
    let text = STANDARD.encode(bytes);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(LINE)
        .filter_map(|line| std::str::from_utf8(line).ok())
        .collect();
    Ok(format!(
        "-----BEGIN STENTOR {kind}-----\n{}\n-----END STENTOR {kind}-----\n",
        lines.join("\n")
    ))
}

/// Takes the content of a text from whatever is around it: quote marks, greetings, white space.
pub(crate) fn unarmour<T: DeserializeOwned>(kind: &str, text: &str) -> Result<T, CeremonyError> {
    if text.len() > MOST {
        return Err(damaged(kind, "it is too long"));
    }
    let (begin, end) = (
        format!("-----BEGIN STENTOR {kind}-----"),
        format!("-----END STENTOR {kind}-----"),
    );
    let inside = text
        .split_once(&begin)
        .and_then(|(_, rest)| rest.split_once(&end))
        .map(|(inside, _)| inside)
        .ok_or_else(|| damaged(kind, "its first or last line is missing"))?;
    let inside: String = inside
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '>')
        .collect();
    let bytes = STANDARD
        .decode(inside)
        .map_err(|_| damaged(kind, "a line was changed on its way"))?;
    match bytes.split_at_checked(8) {
        Some((check, json)) if Sha256::digest(json)[..8] == *check => {
            serde_json::from_slice(json).map_err(|e| damaged(kind, &e.to_string()))
        }
        _ => Err(damaged(kind, "it was cut or changed on its way")),
    }
}

fn damaged(kind: &str, why: &str) -> CeremonyError {
    CeremonyError::Damaged {
        path: format!("the {}", kind.to_lowercase()),
        why: why.to_owned(),
    }
}
