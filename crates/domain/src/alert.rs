//! Alerts as they arrive, and the one compressed fact in which a batch of them is journaled.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{IncidentId, ServiceId};
use crate::labels::{Labels, Malformed};

/// Identity of an alert: FNV-1a over its labels, as Prometheus computes it (common/model/signature.go).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// Hashes name, 0xFF, value, 0xFF for every label in order of names.
    #[must_use]
    pub fn of(labels: &Labels) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut add = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        for (name, value) in labels.iter() {
            name.bytes().for_each(&mut add);
            add(0xff);
            value.bytes().for_each(&mut add);
            add(0xff);
        }
        Self(hash)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// One alert of a batch, with its times resolved by the edge that received it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Identity, derived from the labels.
    pub fingerprint: Fingerprint,
    /// What it is about.
    pub labels: Labels,
    /// What it says. Text from strangers.
    pub annotations: Labels,
    /// Milliseconds since the epoch.
    pub starts_ms: i64,
    /// Milliseconds since the epoch; not after "now" means resolved.
    pub ends_ms: i64,
    /// Where it comes from. Text from strangers: show as a link only when it is http or https.
    pub generator_url: Box<str>,
    /// Whether its source named no end, so that `ends_ms` is ours. Not journaled: an end that is on record counts as
    /// named.
    #[serde(skip)]
    pub ends_by_timeout: bool,
}

impl Alert {
    /// Goes on from what was said of the same alert before, by Alertmanager's rules (types/types.go): the earliest
    /// start; of two ends of ended alerts the later; and while it fires, an end that was named is not cut short.
    /// `ends_ms` is the earlier one's end as known now (milliseconds since the epoch).
    pub fn go_on_from(&mut self, earlier: &Self, ends_ms: i64, now_ms: i64) {
        self.starts_ms = self.starts_ms.min(earlier.starts_ms);
        let longer = ends_ms > self.ends_ms;
        let keeps = if self.ends_ms <= now_ms {
            longer && ends_ms <= now_ms
        } else {
            longer && !earlier.ends_by_timeout
        };
        if keeps {
            self.ends_ms = ends_ms;
            self.ends_by_timeout = earlier.ends_by_timeout;
        }
    }

    /// The line that says what is wrong: annotation `summary`, else `description`, else the label `alertname`.
    #[must_use]
    pub fn headline(&self) -> &str {
        self.annotations
            .get("summary")
            .or_else(|| self.annotations.get("description"))
            .or_else(|| self.labels.get("alertname"))
            .unwrap_or("an alert without a name")
    }
}

/// What a batch changed for one service: alerts that opened, changed text or resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertGroup {
    /// The service they were mapped to; [`crate::organisation::UNMAPPED`] when to none.
    pub service: ServiceId,
    /// The incident that they attach to; `None` when their severity opens none.
    pub incident: Option<IncidentId>,
    /// The changed alerts.
    pub alerts: Vec<std::sync::Arc<Alert>>,
}

/// Encodes groups for the journal: a small header, then records that lie as they lie in memory, lz4-compressed.
#[must_use]
pub fn encode(groups: &[AlertGroup]) -> Vec<u8> {
    let mut bytes = Vec::new();
    put_u32(&mut bytes, groups.len());
    for group in groups {
        put_bytes(&mut bytes, group.service.as_str().as_bytes());
        put_u32(&mut bytes, group.incident.map_or(0, |id| id.0 as usize));
        put_u32(&mut bytes, group.alerts.len());
        for alert in &group.alerts {
            bytes.extend_from_slice(&alert.starts_ms.to_le_bytes());
            bytes.extend_from_slice(&alert.ends_ms.to_le_bytes());
            put_bytes(&mut bytes, alert.labels.as_bytes());
            put_bytes(&mut bytes, alert.annotations.as_bytes());
            put_bytes(&mut bytes, alert.generator_url.as_bytes());
        }
    }
    lz4_flex::compress_prepend_size(&bytes)
}

/// Largest decompressed batch that is read back, in bytes. Intake bounds what is written far below this.
const MAX_DECODED: usize = 1 << 30;

/// Reads what [`encode`] wrote.
///
/// # Errors
/// When the bytes are not such an encoding.
pub fn decode(compressed: &[u8]) -> Result<Vec<AlertGroup>, Malformed> {
    let size = compressed.first_chunk::<4>().ok_or(Malformed)?;
    if u32::from_le_bytes(*size) as usize > MAX_DECODED {
        return Err(Malformed);
    }
    let bytes = lz4_flex::decompress_size_prepended(compressed).map_err(|_| Malformed)?;
    let mut rest = &bytes[..];
    let groups = take_u32(&mut rest)?;
    let mut all = Vec::new();
    for _ in 0..groups {
        let service = ServiceId::from(take_text(&mut rest)?);
        let incident = Some(take_u32(&mut rest)?)
            .filter(|id| *id != 0)
            .map(IncidentId);
        let count = take_u32(&mut rest)?;
        let mut alerts = Vec::new();
        for _ in 0..count {
            let starts_ms = take_i64(&mut rest)?;
            let ends_ms = take_i64(&mut rest)?;
            let labels = Labels::from_bytes(take_bytes(&mut rest)?)?;
            let annotations = Labels::from_bytes(take_bytes(&mut rest)?)?;
            let generator_url = take_text(&mut rest)?.into();
            let fingerprint = Fingerprint::of(&labels);
            let alert = Alert {
                fingerprint,
                labels,
                annotations,
                starts_ms,
                ends_ms,
                generator_url,
                ends_by_timeout: false,
            };
            alerts.push(alert.into());
        }
        all.push(AlertGroup {
            service,
            incident,
            alerts,
        });
    }
    if rest.is_empty() {
        Ok(all)
    } else {
        Err(Malformed)
    }
}

fn put_u32(bytes: &mut Vec<u8>, value: usize) {
    bytes.extend_from_slice(&(value as u32).to_le_bytes());
}

fn put_bytes(bytes: &mut Vec<u8>, value: &[u8]) {
    put_u32(bytes, value.len());
    bytes.extend_from_slice(value);
}

fn take_u32(rest: &mut &[u8]) -> Result<u32, Malformed> {
    let (head, tail) = rest.split_first_chunk::<4>().ok_or(Malformed)?;
    *rest = tail;
    Ok(u32::from_le_bytes(*head))
}

fn take_i64(rest: &mut &[u8]) -> Result<i64, Malformed> {
    let (head, tail) = rest.split_first_chunk::<8>().ok_or(Malformed)?;
    *rest = tail;
    Ok(i64::from_le_bytes(*head))
}

fn take_bytes<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], Malformed> {
    let len = take_u32(rest)? as usize;
    let (head, tail) = rest.split_at_checked(len).ok_or(Malformed)?;
    *rest = tail;
    Ok(head)
}

fn take_text<'a>(rest: &mut &'a [u8]) -> Result<&'a str, Malformed> {
    std::str::from_utf8(take_bytes(rest)?).map_err(|_| Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(name: &str) -> Alert {
        let labels = Labels::from_pairs(&mut vec![("alertname", name), ("severity", "page")]);
        Alert {
            fingerprint: Fingerprint::of(&labels),
            labels,
            annotations: Labels::from_pairs(&mut vec![("summary", "it is down")]),
            starts_ms: 1,
            ends_ms: -2,
            generator_url: "http://prometheus.example.org/graph".into(),
            ends_by_timeout: false,
        }
    }

    #[test]
    fn a_fingerprint_is_the_one_prometheus_computes() {
        // FNV-1a of nothing is the offset basis; of a/b it was computed from the definition by hand.
        assert_eq!(
            Fingerprint::of(&Labels::default()).0,
            14_695_981_039_346_656_037
        );
        let labels = Labels::from_pairs(&mut vec![("a", "b")]);
        let expected = b"a\xffb\xff"
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(1_099_511_628_211)
            });
        assert_eq!(Fingerprint::of(&labels).0, expected);
    }

    #[test]
    fn what_is_encoded_is_read_back_and_anything_else_is_refused() {
        let groups = vec![
            AlertGroup {
                service: "shop".into(),
                incident: Some(IncidentId(7)),
                alerts: vec![alert("Down").into(), alert("Späť").into()],
            },
            AlertGroup {
                service: "mail".into(),
                incident: None,
                alerts: vec![alert("X").into()],
            },
        ];
        let bytes = encode(&groups);
        assert_eq!(decode(&bytes).as_ref(), Ok(&groups));
        for cut in 0..bytes.len() {
            assert!(decode(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        assert!(decode(&[0xff; 64]).is_err());
    }
}
