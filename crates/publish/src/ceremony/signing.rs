//! Adding signatures, and saying which are missing.

use std::collections::BTreeSet;

use super::folder::Ceremony;
use super::{Authority, CeremonyError, Document};
use crate::keys::{KeyId, Signer};

/// A threshold that a file has to reach, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Which file: "root" or "targets".
    pub file: &'static str,
    /// Whose threshold: the holders of the role in force, or those that would be.
    pub whose: &'static str,
    /// How many must sign.
    pub threshold: u64,
    /// Who did.
    pub signed: Vec<KeyId>,
    /// Who could still.
    pub open: Vec<KeyId>,
}

impl Need {
    /// How many signatures are missing.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.threshold.saturating_sub(self.signed.len() as u64)
    }
}

impl Ceremony {
    /// Everything that must be reached. A new root needs those who held the role until now, and those who will (TUF
    /// 1.0.34, 5.3.4): so nobody names a holder who cannot sign.
    ///
    /// # Errors
    /// [`CeremonyError::Damaged`] if the files do not belong together.
    pub fn needs(&self) -> Result<Vec<Need>, CeremonyError> {
        let (next, _) = self.next()?;
        let mut needs = Vec::new();
        for (file, whose, authority, document) in self.authorities(&next)? {
            let signed = authority.signers(document);
            needs.push(Need {
                file,
                whose,
                threshold: authority.threshold,
                open: authority
                    .ids()
                    .filter(|id| !signed.contains(id))
                    .cloned()
                    .collect(),
                signed: signed.into_iter().collect(),
            });
        }
        Ok(needs)
    }

    /// Whether every threshold is reached.
    ///
    /// # Errors
    /// As [`Self::needs`].
    pub fn is_complete(&self) -> Result<bool, CeremonyError> {
        Ok(self.needs()?.iter().all(|need| need.missing() == 0))
    }

    /// What is missing, and who could give it, in sentences. Empty when nothing is.
    ///
    /// # Errors
    /// As [`Self::needs`].
    pub fn missing(&self) -> Result<String, CeremonyError> {
        let names = &self.paper.names;
        let sentence = |need: &Need| {
            let signed = match need.signed.len() {
                0 => "nobody has signed".to_owned(),
                _ => format!("signed by {}", names.list(need.signed.iter())),
            };
            format!(
                "{} lacks {} of {} signatures of {}: {signed}; these could still sign: {}",
                need.file,
                need.missing(),
                need.threshold,
                need.whose,
                names.list(need.open.iter())
            )
        };
        let needs = self.needs()?;
        let missing = needs.iter().filter(|need| need.missing() > 0);
        Ok(missing.map(sentence).collect::<Vec<_>>().join("\n"))
    }

    /// Signs everything for which this key counts, and answers with the names of those files.
    ///
    /// # Errors
    /// [`CeremonyError::Stranger`] if it counts for nothing, [`CeremonyError::Key`] if it does not sign.
    pub fn sign(&mut self, signer: &Signer) -> Result<Vec<&'static str>, CeremonyError> {
        let id = signer.id();
        let wanted = self.wanted_of(&id)?;
        for (name, document) in self.documents_mut() {
            if wanted.contains(name) {
                let signature = signer.sign(&document.message())?;
                document.add(id.clone(), signature);
            }
        }
        Ok(wanted.into_iter().collect())
    }

    /// Takes a signature that was carried here. One that does not match is refused, and changes nothing.
    pub(crate) fn accept(
        &mut self,
        id: &KeyId,
        signatures: &[(String, String)],
    ) -> Result<Vec<&'static str>, CeremonyError> {
        let wanted = self.wanted_of(id)?;
        let mut after = self.clone();
        let mut accepted = Vec::new();
        for (name, document) in after.documents_mut() {
            let Some((_, signature)) = signatures.iter().find(|(file, _)| file == name) else {
                continue;
            };
            if wanted.contains(name) {
                document.add(id.clone(), signature.clone());
                accepted.push(name);
            }
        }
        let needs = after.needs()?;
        let good = |name: &&str| {
            let mut of_file = needs.iter().filter(|need| need.file == *name);
            of_file.any(|need| need.signed.contains(id))
        };
        if accepted.is_empty() || !accepted.iter().all(good) {
            return Err(CeremonyError::Damaged {
                path: "the signature".to_owned(),
                why: "it is for another ceremony, or was changed on its way; ask for it again"
                    .to_owned(),
            });
        }
        *self = after;
        Ok(accepted)
    }

    /// The files for which a key counts.
    fn wanted_of(&self, id: &KeyId) -> Result<BTreeSet<&'static str>, CeremonyError> {
        let (next, _) = self.next()?;
        let authorities = self.authorities(&next)?;
        let wanted: BTreeSet<_> = authorities
            .iter()
            .filter(|(.., authority, _)| authority.names(id))
            .map(|(file, ..)| *file)
            .collect();
        if wanted.is_empty() {
            let ids = authorities.iter().flat_map(|(.., a, _)| a.ids());
            return Err(CeremonyError::Stranger {
                id: id.short(),
                others: self.paper.names.list(ids),
            });
        }
        Ok(wanted)
    }

    fn authorities<'a>(
        &'a self,
        next: &Document,
    ) -> Result<Vec<(&'static str, &'static str, Authority, &'a Document)>, CeremonyError> {
        let damaged = || CeremonyError::Damaged {
            path: "the ceremony".to_owned(),
            why: "a role without keys or threshold".to_owned(),
        };
        let role = |root: &Document, role: &str| {
            Authority::of_role(&root.signed, role).ok_or_else(damaged)
        };
        let base = self.base()?;
        let mut all = Vec::new();
        for (file, document) in self.documents() {
            let new = role(next, file)?;
            match &base {
                Some((base, _)) if file == "root" => {
                    let old = role(base, file)?;
                    let same = old == new;
                    all.push((file, "the holders until now", old, document));
                    if !same {
                        all.push((file, "the new holders", new, document));
                    }
                }
                _ => all.push((file, "the holders", new, document)),
            }
        }
        Ok(all)
    }
}
