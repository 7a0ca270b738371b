//! Web addresses: whether they are ones, and how they look without what is secret in them.

/// What stands in the place of a secret.
pub(super) const CUT: &str = "<secret>";
/// The same where only escaped signs may stand.
const CUT_USER: &str = "%3Csecret%3E";

/// The parts of an address.
pub(super) struct Address<'a> {
    scheme: &'a str,
    /// User and password, when they stand there.
    user: Option<&'a str>,
    /// Host and port.
    host: &'a str,
    /// Path, query and fragment.
    rest: &'a str,
}

impl<'a> Address<'a> {
    /// Takes an address apart; `None` when it is none.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        let alphabetic = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
        let ordinary = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        let fits = alphabetic
            && scheme.chars().all(ordinary)
            && is_host(host)
            && user.is_none_or(is_escaped_well)
            && is_escaped_well(rest)
            && !text.contains(|c: char| c.is_control())
            && !authority.contains(|c: char| c.is_whitespace() || "<>\"\\^`{|}".contains(c));
        fits.then_some(Self {
            scheme,
            user,
            host,
            rest,
        })
    }

    /// Whether it is one of the web.
    pub(super) fn is_web(&self) -> bool {
        let scheme = self.scheme.to_ascii_lowercase();
        scheme == "http" || scheme == "https"
    }

    /// Whether a user or a password stands in it that was not cut out.
    pub(super) fn has_user(&self) -> bool {
        self.user.is_some_and(|user| user != CUT_USER)
    }

    /// Whether a user or a password was cut out.
    pub(super) fn has_cut_user(&self) -> bool {
        self.user == Some(CUT_USER)
    }

    /// Without user and password.
    pub(super) fn without_user(&self) -> String {
        format!("{}://{CUT_USER}@{}{}", self.scheme, self.host, self.rest)
    }

    /// Only who is asked, not for what.
    pub(super) fn without_path(&self) -> String {
        format!("{}://{}/{CUT}", self.scheme, self.host)
    }

    /// Whether it is as [`Self::without_path`] leaves it.
    pub(super) fn is_cut(&self) -> bool {
        self.user.is_none() && self.rest.strip_prefix('/') == Some(CUT)
    }
}

/// Whether this is a host, perhaps with a port.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|t| t.split_once(']')) {
        Some((host, rest)) => (
            host,
            rest.strip_prefix(':').or(rest.is_empty().then_some("")),
        ),
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, Some("")),
        },
    };
    !host.is_empty() && port.is_some_and(|port| port.chars().all(|c| c.is_ascii_digit()))
}

/// Whether every percent sign begins an escape.
fn is_escaped_well(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        let mut digits = after.chars().take(2);
        let is_hex = |c: Option<char>| c.is_some_and(|c| c.is_ascii_hexdigit());
        is_hex(digits.next()) && is_hex(digits.next())
    })
}

/// Host and port of a text like `mail.example.org:25` or `[::1]:25`.
pub(super) fn host_and_port(text: &str) -> Option<(String, &str)> {
    let (host, port) = text.rsplit_once(':')?;
    let host = match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']')?,
        None if host.contains(':') => return None,
        None => host,
    };
    let plain = !host.contains(|c: char| c.is_whitespace() || "[]/@".contains(c));
    (plain && !port.is_empty()).then(|| (host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_loses_what_is_secret() {
        let check = |text: &str, expect: Option<(&str, &str)>| {
            let found = Address::parse(text);
            let found = found.map(|a| (a.without_path(), a.without_user()));
            let expect = expect.map(|(a, b)| (a.to_owned(), b.to_owned()));
            assert_eq!(found, expect, "{text}");
        };
        check(
            "https://ada:pw@hooks.example.org:9000/a/b?c=d#e",
            Some((
                "https://hooks.example.org:9000/<secret>",
                "https://%3Csecret%3E@hooks.example.org:9000/a/b?c=d#e",
            )),
        );
        check(
            "http://[::1]:9000",
            Some((
                "http://[::1]:9000/<secret>",
                "http://%3Csecret%3E@[::1]:9000",
            )),
        );
        for bad in [
            "",
            "hooks",
            "http://",
            "http:///x",
            "http://h:x/",
            "http://h/%zz",
            "http://a b/",
            "://h",
            "http://{{ x }}/",
        ] {
            check(bad, None);
        }
    }

    #[test]
    fn what_was_cut_is_known_again() {
        let of =
            |text: &str| Address::parse(text).map(|a| (a.is_cut(), a.has_cut_user(), a.has_user()));
        assert_eq!(of("http://h/<secret>"), Some((true, false, false)));
        assert_eq!(of("http://%3Csecret%3E@h/"), Some((false, true, false)));
        assert_eq!(of("http://u:p@h/"), Some((false, false, true)));
        assert_eq!(of("http://u:p@h/<secret>"), Some((false, false, true)));
    }

    #[test]
    fn hosts_have_ports() {
        assert_eq!(host_and_port("mail:25"), Some(("mail".into(), "25")));
        assert_eq!(host_and_port("[::1]:25"), Some(("::1".into(), "25")));
        assert_eq!(host_and_port(":25"), Some((String::new(), "25")));
        for bad in ["mail", "mail:", "::1:25", "a b:1", "http://x:25"] {
            assert_eq!(host_and_port(bad), None, "{bad}");
        }
    }
}
