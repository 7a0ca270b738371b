//! Style, script and the policy that allows nothing but them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use stentor_domain::bulletin::Theme;

const STYLE: &str = include_str!("templates/style.css");

/// Says by the reader's clock that a page is old.
pub(super) const STALE_SCRIPT: &str = include_str!("templates/stale.js");

/// The look of all pages.
pub(super) struct Look {
    pub(super) style: String,
}

impl Look {
    /// Our style with the organisation's colours. What is no colour is left out, whoever let it through.
    pub(super) fn of(theme: &Theme) -> Self {
        let mut style = STYLE.to_owned();
        if let Some(accent) = colour(theme.accent.as_deref()) {
            style += &format!(":root{{--link:{accent};--bar:{accent}}}");
        }
        // After the light one, so that it holds in the dark even where only the light one was changed.
        match (
            colour(theme.accent.as_deref()),
            colour(theme.accent_dark.as_deref()),
        ) {
            (None, None) => {}
            (_, Some(dark)) => {
                style += &format!(
                    "@media (prefers-color-scheme:dark){{:root{{--link:{dark};--bar:{dark}}}}}"
                );
            }
            (Some(_), None) => {
                style += "@media (prefers-color-scheme:dark){:root{--link:#8fc5f7;--bar:#3b4854}}"
            }
        }
        Self { style }
    }

    /// The Content Security Policy: this style, and this script where there is one. Nothing from elsewhere.
    pub(super) fn policy(&self, script: bool) -> String {
        let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
        let mut policy = format!(
            "default-src 'none'; style-src 'sha256-{}'",
            hash(&self.style)
        );
        if script {
            policy += &format!(
                "; script-src 'sha256-{}'; connect-src 'self'",
                hash(STALE_SCRIPT)
            );
        }
        policy + "; img-src data:; base-uri 'none'; form-action 'none'"
    }
}

/// A colour as `#rrggbb`, and nothing else.
fn colour(text: Option<&str>) -> Option<&str> {
    let text = text?;
    let digits = text.strip_prefix('#')?;
    (digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit())).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_colours_become_style() {
        #[track_caller]
        fn check(text: &str, expect: bool) {
            let theme = Theme {
                accent: Some(text.into()),
                accent_dark: None,
            };
            let style = Look::of(&theme).style;
            assert_eq!(style != STYLE, expect, "{text}");
        }
        check("#0b4f8b", true);
        for bad in ["#fff", "red", "#00000g", "#000000}</style><script>"] {
            check(bad, false);
        }
    }

    #[test]
    fn style_and_script_cannot_end_their_element() {
        for text in [STYLE, STALE_SCRIPT] {
            assert!(!text.contains("</") && !text.contains("<!--"));
        }
    }
}
