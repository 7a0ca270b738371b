//! What may stand where: the forms of values, and the rules of sections.

/// The form of a value.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// One value, taken as a text.
    Text,
    /// A secret; it never stays in the file.
    Secret,
    /// A web address that is a secret as a whole.
    SecretUrl,
    /// The same, of which older versions of Alertmanager want to see an address.
    WebhookUrl,
    /// A web address; a user and a password in it are secrets.
    Url,
    /// Host and port.
    HostPort,
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// A period as Prometheus writes it (`1h30m`, `1d`).
    Duration,
    /// A period as Go writes it (`1.5s`).
    GoDuration,
    /// A list of texts.
    Texts,
    /// A list of secrets.
    Secrets,
    /// Names and texts.
    TextMap,
    /// Names and lists of secrets.
    SecretMap,
    /// Anything.
    Any,
    /// A section.
    One(&'static Section),
    /// A list of sections.
    Many(&'static Section),
    /// Names and sections.
    Named(&'static Section),
    /// A text, or a section.
    TextOr(&'static Section),
    /// The same section again, in a list: the routes of a route.
    Again,
    /// Something with a reader of its own.
    Special,
}

/// The keys of a mapping, and what must hold among them.
pub(super) struct Section {
    pub(super) fields: &'static [(&'static str, Shape)],
    pub(super) rules: &'static [Rule],
    /// Keys that every section of this family has.
    pub(super) also: &'static [(&'static str, Shape)],
}

/// What must hold among the keys of a section.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    /// One of these must stand there.
    Need(&'static [&'static str]),
    /// One of these must stand there, or one of the second ones in `global`.
    NeedOrGlobal(&'static [&'static str], &'static [&'static str]),
    /// Of these at most one may stand there.
    Apart(&'static [&'static str]),
    /// The text at the key must be one of these, unless it is a template.
    OneOf(&'static str, &'static [&'static str]),
    /// The first makes sense only with the second.
    Together(&'static str, &'static str),
    /// The text at the key must not be this one; and what to do instead.
    Never(&'static str, &'static str, &'static str),
    /// The section at the first key must have the second.
    Within(&'static str, &'static str),
}

impl Section {
    /// A section without rules.
    pub(super) const fn of(fields: &'static [(&'static str, Shape)]) -> Self {
        Self::ruled(fields, &[])
    }

    /// A section with rules.
    pub(super) const fn ruled(
        fields: &'static [(&'static str, Shape)],
        rules: &'static [Rule],
    ) -> Self {
        Self {
            fields,
            rules,
            also: &[],
        }
    }

    /// An integration of a receiver.
    pub(super) const fn integration(
        fields: &'static [(&'static str, Shape)],
        rules: &'static [Rule],
    ) -> Self {
        Self {
            fields,
            rules,
            also: &[("send_resolved", Shape::Flag)],
        }
    }

    /// All keys.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'static str> + Clone {
        let all = self.fields.iter().chain(self.also.iter());
        all.map(|(name, _)| *name)
    }

    /// The form of a key's value.
    pub(super) fn shape(&self, key: &str) -> Option<Shape> {
        let mut all = self.fields.iter().chain(self.also.iter());
        all.find(|(name, _)| *name == key).map(|(_, shape)| *shape)
    }
}
