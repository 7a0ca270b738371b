//! The instance key: outward keys and page links are derived from it, equal on every node and for every repeat.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use stentor_domain::alert::Fingerprint;
use stentor_domain::ids::{IncidentId, PageId};
use stentor_domain::page::Page;
use stentor_domain::routing::GroupId;
use stentor_domain::world::World;
use subtle::ConstantTimeEq;

/// 32 random bytes that all nodes of an instance share. Never printed.
#[derive(Clone)]
pub struct InstanceKey([u8; 32]);

impl std::fmt::Debug for InstanceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InstanceKey(…)")
    }
}

/// What a page link carries: which page, and proof that we made the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageToken {
    /// The page's world.
    pub world: World,
    /// The page.
    pub page: PageId,
    mac: [u8; 16],
}

impl InstanceKey {
    /// Takes the bytes of a key file.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// SHA-256 of the key, hex: recorded in the journal so that a node with another key is noticed.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex::encode(
            Sha256::new()
                .chain_update(b"stentor instance key")
                .chain_update(self.0)
                .finalize(),
        )
    }

    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        // A key of any length is accepted by HMAC.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0)
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn page_parts(world: World, page: &Page) -> [Vec<u8>; 4] {
        let cause = serde_json::to_vec(&page.cause).unwrap_or_default();
        let IncidentId(incident) = page.incident;
        let numbers = format!("{}/{}/{}", incident, page.id.0, page.issued_ms);
        [
            world.to_string().into_bytes(),
            numbers.into_bytes(),
            cause,
            page.person.as_str().into(),
        ]
    }

    /// The key of one page by one channel: message ids are made of it, so that every repeat carries the same.
    #[must_use]
    pub fn outward(&self, world: World, page: &Page, channel: &str) -> String {
        let [a, b, c, d] = Self::page_parts(world, page);
        hex::encode(&self.mac(&[b"deliver", &a, &b, &c, &d, channel.as_bytes()])[..16])
    }

    /// The key of one message about a group of alerts by one way: the same on every node and for every attempt to say
    /// the same thing.
    #[must_use]
    pub fn notification(
        &self,
        group: GroupId,
        way: &str,
        since_ms: i64,
        firing: &[Fingerprint],
        resolved: &[Fingerprint],
    ) -> String {
        let numbers = |all: &[Fingerprint]| -> Vec<u8> {
            all.iter().flat_map(|f| f.0.to_be_bytes()).collect()
        };
        let since = since_ms.to_be_bytes();
        let (firing, resolved) = (numbers(firing), numbers(resolved));
        let parts: [&[u8]; 6] = [
            b"notify",
            &group.0,
            way.as_bytes(),
            &since,
            &firing,
            &resolved,
        ];
        hex::encode(&self.mac(&parts)[..16])
    }

    /// The last part of the link that lets a page's person answer it.
    #[must_use]
    pub fn page_link(&self, world: World, page: &Page) -> String {
        format!(
            "{world}.{}.{}",
            page.id.0,
            URL_SAFE_NO_PAD.encode(self.page_mac(world, page))
        )
    }

    fn page_mac(&self, world: World, page: &Page) -> [u8; 16] {
        let [a, b, c, d] = Self::page_parts(world, page);
        let mut short = [0; 16];
        short.copy_from_slice(&self.mac(&[b"answer", &a, &b, &c, &d])[..16]);
        short
    }

    /// Whether a token was made for this page.
    #[must_use]
    pub fn accepts(&self, token: &PageToken, page: &Page) -> bool {
        token.page == page.id && self.page_mac(token.world, page).ct_eq(&token.mac).into()
    }
}

impl PageToken {
    /// Reads the last part of a link; `None` when it has another form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let world = parts.next()?.parse().ok()?;
        let page = PageId(parts.next()?.parse().ok()?);
        let mac = URL_SAFE_NO_PAD
            .decode(parts.next()?)
            .ok()?
            .try_into()
            .ok()?;
        parts.next().is_none().then_some(Self { world, page, mac })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stentor_domain::page::{PageAnswer, PageCause};

    fn page(id: u32, person: &str) -> Page {
        Page {
            id: PageId(id),
            incident: IncidentId(1),
            person: person.into(),
            cause: PageCause::Escalation { level: 0, round: 0 },
            issued_ms: 5,
            answer: PageAnswer::None,
            delivered_by: Vec::new(),
        }
    }

    #[test]
    fn a_link_opens_its_own_page_in_its_own_world_only() {
        let key = InstanceKey::new([7; 32]);
        let ada = page(3, "ada");
        let token = PageToken::parse(&key.page_link(World::Live, &ada)).unwrap();
        assert!(key.accepts(&token, &ada));
        assert!(!key.accepts(&token, &page(4, "ada")));
        assert!(!key.accepts(&token, &page(3, "ben")));
        assert!(!InstanceKey::new([8; 32]).accepts(&token, &ada));
        let drill = PageToken {
            world: World::Drill(1),
            ..token
        };
        assert!(!key.accepts(&drill, &ada));
        for bad in [
            "",
            "live.3",
            "live.3.AAAA",
            "live.x.AAAAAAAAAAAAAAAAAAAAAA",
            "live.3.A.B",
        ] {
            assert_eq!(PageToken::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_outward_key_differs_by_channel_and_repeats_exactly() {
        let key = InstanceKey::new([7; 32]);
        let mail = key.outward(World::Live, &page(3, "ada"), "email");
        assert_eq!(mail, key.outward(World::Live, &page(3, "ada"), "email"));
        assert_ne!(mail, key.outward(World::Live, &page(3, "ada"), "webhook"));
        assert_ne!(mail, key.outward(World::Drill(1), &page(3, "ada"), "email"));
    }
}
