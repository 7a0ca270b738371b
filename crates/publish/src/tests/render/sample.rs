//! Pages of made-up days.

use std::collections::BTreeMap;

use jiff::Timestamp;
use stentor_domain::bulletin::{
    Component, Denial, DenialUpdate, Directory, Impact, Language, MaintenanceStatus,
    MaintenanceUpdate, Mends, OfficialChannel, PageSettings, PublicIncident, PublicMaintenance,
    PublicStatus, Section, SecurityContact, StatusPage, StatusUpdate, Theme, Wording,
};
use stentor_domain::ids::{DenialId, IncidentId, MaintenanceId};
use stentor_domain::world::World;

use crate::render::{RenderError, Renderer};
use crate::repository::Pages;
use crate::tests::support::{hours, now};

pub(crate) const FINGERPRINT: &str =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

pub(crate) fn ms(time: Timestamp) -> i64 {
    time.as_millisecond()
}

pub(crate) fn language(tag: &str) -> Language {
    Language::try_from(tag.to_owned()).unwrap()
}

pub(crate) fn component(name: &str, group: Option<&str>) -> Component {
    Component {
        id: name.to_lowercase().replace(' ', "-").as_str().into(),
        name: name.into(),
        group: group.map(Into::into),
        impact: None,
        maintenance: false,
    }
}

pub(crate) fn calm() -> StatusPage {
    StatusPage {
        organisation: "Example Energy".into(),
        world: World::Live,
        recorded_since_ms: None,
        components: vec![
            component("Customer portal", None),
            component("Meter readings", None),
        ],
        settings: PageSettings::default(),
        current: Vec::new(),
        past: Vec::new(),
        maintenance: Vec::new(),
        denials: Vec::new(),
        directory: Directory::default(),
    }
}

pub(crate) fn section(heading: &str, text: &str) -> Section {
    Section {
        heading: heading.into(),
        text: text.into(),
    }
}

pub(crate) fn update(number: u32, status: PublicStatus, title: &str) -> StatusUpdate {
    StatusUpdate {
        number,
        published_ms: ms(hours(-3 + i64::from(number))),
        status,
        title: title.into(),
        sections: vec![
            section(
                "What is affected",
                "Signing in to the customer portal.\nElectricity is not affected.",
            ),
            section(
                "What you should do",
                "Nothing.\n\nIf it is urgent, call us.",
            ),
        ],
        next_update_ms: (status != PublicStatus::Resolved).then(|| ms(hours(number.into()))),
        translations: BTreeMap::new(),
        mends: None,
    }
}

pub(crate) fn incident(id: u32, impact: Impact, updates: Vec<StatusUpdate>) -> PublicIncident {
    PublicIncident {
        id: IncidentId(id),
        components: vec!["Customer portal".into()],
        impact,
        updates,
    }
}

pub(crate) fn troubled() -> StatusPage {
    let mut page = calm();
    page.components[0].impact = Some(Impact::Total);
    page.current = vec![incident(
        7,
        Impact::Total,
        vec![
            update(1, PublicStatus::Investigating, "Customers cannot sign in"),
            update(2, PublicStatus::Identified, "Customers cannot sign in"),
        ],
    )];
    page.past = vec![incident(
        6,
        Impact::Partial,
        vec![update(1, PublicStatus::Resolved, "Slow pages")],
    )];
    page
}

fn wording(title: &str, heading: &str, text: &str) -> Wording {
    Wording {
        title: title.into(),
        sections: vec![section(heading, text)],
    }
}

fn in_german_and_arabic(german: &str, arabic: &str) -> BTreeMap<Language, Wording> {
    BTreeMap::from([
        (
            language("de"),
            wording(
                german,
                "Was Sie tun sollten",
                "Nichts. In dringenden Fällen rufen Sie uns an.",
            ),
        ),
        (
            language("ar"),
            wording(
                arabic,
                "ما عليك فعله",
                "لا شيء. إذا كان الأمر عاجلًا فاتصل بنا على +49 30 1234 (بوابة Customer portal).",
            ),
        ),
    ])
}

/// Work of two hours, announced a day before; each statement with hours from now.
pub(crate) fn maintenance(
    id: u32,
    starts: i64,
    said: &[(i64, MaintenanceStatus)],
) -> PublicMaintenance {
    let update = |(n, (at, status)): (usize, &(i64, MaintenanceStatus))| MaintenanceUpdate {
        number: u32::try_from(n).unwrap() + 1,
        published_ms: ms(hours(*at)),
        status: *status,
        starts_ms: ms(hours(starts)),
        ends_ms: ms(hours(starts + 2)),
        wording: wording(
            "New meters in the north",
            "What to expect",
            "Readings come two hours late.",
        ),
        translations: in_german_and_arabic("Neue Zähler im Norden", "عدادات جديدة في الشمال"),
        mends: None,
    };
    PublicMaintenance {
        id: MaintenanceId(id),
        components: vec!["Meter readings".into()],
        updates: said.iter().enumerate().map(update).collect(),
    }
}

pub(crate) fn denial(id: u32, said: &[(i64, bool)]) -> Denial {
    let update = |(n, (at, circulates)): (usize, &(i64, bool))| DenialUpdate {
        number: u32::try_from(n).unwrap() + 1,
        published_ms: ms(hours(*at)),
        circulates: *circulates,
        wording: wording(
            "We do not ask for your card by text message",
            "What is true",
            "Bills come by post. Delete such messages.",
        ),
        translations: in_german_and_arabic(
            "Wir fragen nicht per SMS nach Ihrer Karte",
            "لا نطلب بطاقتك برسالة نصية",
        ),
        mends: None,
    };
    Denial {
        id: DenialId(id),
        seen_at: vec![
            "https://examp1e.example/pay".into(),
            "SMS from 0800 000".into(),
        ],
        updates: said.iter().enumerate().map(update).collect(),
    }
}

fn channel(kind: &str, name: &str, address: &str, note: Option<&str>) -> OfficialChannel {
    OfficialChannel {
        kind: kind.into(),
        name: name.into(),
        address: address.into(),
        note: note.map(Into::into),
    }
}

pub(crate) fn directory() -> Directory {
    Directory {
        channels: vec![
            channel("website", "Our site", "https://www.example.org", None),
            channel(
                "social",
                "Fediverse",
                "@energy@social.example",
                Some("News only"),
            ),
            channel(
                "mailing-list",
                "announce",
                "mailto:announce@example.org",
                None,
            ),
        ],
        emergency: vec![channel(
            "phone",
            "Grid control",
            "tel:+4930123456",
            Some("Day and night"),
        )],
        security: Some(SecurityContact {
            contact: vec![
                "mailto:security@example.org".into(),
                "https://example.org/report".into(),
            ],
            encryption: vec!["https://example.org/key.txt".into()],
            policy: vec!["https://example.org/policy".into()],
            preferred_languages: vec![language("en"), language("de")],
            ..SecurityContact::default()
        }),
    }
}

/// A page with everything on it: 40 components in groups, five incidents of which one was corrected and one withdrawn,
/// work, false messages, languages in both directions.
pub(crate) fn busy() -> StatusPage {
    let mut page = troubled();
    page.settings = PageSettings {
        languages: ["en", "de", "ar", "he", "fi"].map(language).to_vec(),
        website: Some("https://www.example.org".into()),
        theme: Theme {
            accent: Some("#0b4f8a".into()),
            accent_dark: Some("#8fc5f7".into()),
        },
        mirrors: vec![
            "https://status.example.org".into(),
            "https://status.example.net/word/".into(),
        ],
    };
    page.recorded_since_ms = Some(ms(hours(-24 * 200)));
    for n in 0..38 {
        let group = ["Customers", "Grid", "Trade"][n % 3];
        page.components
            .push(component(&format!("{group} service {n}"), Some(group)));
    }
    page.components[5].impact = Some(Impact::Partial);
    let current = &mut page.current[0];
    for update in &mut current.updates {
        update.translations = in_german_and_arabic(
            "Kundinnen und Kunden können sich nicht anmelden",
            "لا يستطيع العملاء تسجيل الدخول",
        );
    }
    let mut corrected = update(3, PublicStatus::Identified, "Some customers cannot sign in");
    corrected.mends = Some(Mends::Corrects(2));
    corrected.published_ms = ms(now()) - 600_000;
    current.updates.push(corrected);
    let mut partial = incident(
        8,
        Impact::Partial,
        vec![update(1, PublicStatus::Monitoring, "Readings are late")],
    );
    partial.components = vec![page.components[5].name.clone()];
    page.current.insert(0, partial);
    for (id, days) in [(5, 12), (4, 40)] {
        let mut updates = vec![
            update(1, PublicStatus::Investigating, "Bills cannot be paid"),
            update(2, PublicStatus::Resolved, "Bills can be paid"),
        ];
        for (n, update) in updates.iter_mut().enumerate() {
            update.published_ms = ms(hours(-24 * days + 5 * n as i64));
        }
        page.past.push(incident(id, Impact::Total, updates));
    }
    let mut alarm = vec![
        update(1, PublicStatus::Investigating, "The grid fails"),
        update(2, PublicStatus::Resolved, "There was no failure"),
    ];
    alarm[1].mends = Some(Mends::Withdraws(1));
    page.past.push(incident(3, Impact::Total, alarm));
    page.maintenance = vec![
        maintenance(
            2,
            -1,
            &[
                (-30, MaintenanceStatus::Scheduled),
                (-1, MaintenanceStatus::InProgress),
            ],
        ),
        maintenance(3, 50, &[(-2, MaintenanceStatus::Scheduled)]),
        maintenance(
            1,
            -200,
            &[
                (-300, MaintenanceStatus::Scheduled),
                (-198, MaintenanceStatus::Completed),
            ],
        ),
    ];
    page.denials = vec![
        denial(2, &[(-5, true)]),
        denial(1, &[(-400, true), (-300, false)]),
    ];
    page.directory = directory();
    page
}

/// Every file that says a page, without memory and signatures. The verifier among them says nothing of the page; its own
/// crate holds it to what is asked of it.
pub(super) fn pages(
    page: &StatusPage,
    fingerprint: &str,
    now: Timestamp,
) -> Result<Pages, RenderError> {
    let mut pages = Renderer::default().pages(page, fingerprint, None, now)?;
    assert!(pages.remove("verify.html").is_some());
    Ok(pages)
}
