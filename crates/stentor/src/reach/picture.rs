//! The foundations as a picture: a row for each site, a column for each foundation, and what is shared marked.

use std::fmt::Write as _;

use stentor_domain::shared_fate::{Foundation, SharedFate};

use super::{cell, part};

const ROW: usize = 34;
const COLUMN: usize = 150;
const FIRST: usize = 210;
/// Longer texts would run into the next column, in characters.
const LONGEST: usize = 20;

/// Draws it as an SVG file that stands by itself.
pub(super) fn draw(fate: &SharedFate) -> String {
    let width = FIRST + COLUMN * Foundation::ALL.len();
    let height = ROW * (fate.sites.len() + 1) + 10;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" font-family=\"sans-serif\" font-size=\"13\">\n<title>What mirrors and signing sites stand on</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    for (column, foundation) in Foundation::ALL.into_iter().enumerate() {
        text(
            &mut svg,
            FIRST + COLUMN * column,
            ROW - 12,
            foundation.title(),
            "#222",
            "bold",
        );
    }
    for (row, site) in fate.sites.iter().enumerate() {
        let y = ROW * (row + 1);
        let name = format!("{} {}", part(site.part), site.name);
        text(&mut svg, 10, y + 21, &name, "#222", "bold");
        for (column, foundation) in Foundation::ALL.into_iter().enumerate() {
            let x = FIRST + COLUMN * column;
            let shared = fate.blows.iter().any(|blow| {
                let labels = site.stands_on.0.get(&foundation);
                let same = |l: &String| l.to_lowercase() == blow.label.to_lowercase();
                blow.foundation == foundation && labels.is_some_and(|l| l.iter().any(same))
            });
            let unknown = !site.stands_on.0.contains_key(&foundation);
            // Each state has its own colour, border and word, so that none depends on colour alone.
            let (fill, dash, mark) = match (shared, unknown) {
                (true, _) => ("#ffd9d4", "", "! "),
                (_, true) => ("#fff3c4", " stroke-dasharray=\"4 3\"", ""),
                _ => ("#e3f4e1", "", ""),
            };
            let (w, h) = (COLUMN - 8, ROW - 6);
            let _ = writeln!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"4\" fill=\"{fill}\" stroke=\"#555\"{dash}/>"
            );
            let shown = format!("{mark}{}", cell(site, foundation));
            text(&mut svg, x + 8, y + 19, &shown, "#222", "normal");
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn text(svg: &mut String, x: usize, y: usize, text: &str, fill: &str, weight: &str) {
    let short: String = match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    };
    let _ = writeln!(
        svg,
        "<text x=\"{x}\" y=\"{y}\" fill=\"{fill}\" font-weight=\"{weight}\"><title>{}</title>{}</text>",
        escape(text),
        escape(&short)
    );
}

fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use stentor_domain::shared_fate::{Part, Site, StandsOn};

    use super::*;

    #[test]
    fn labels_are_text_and_states_are_told_apart() {
        let hosts = vec!["<script>&\"".to_owned()];
        let site = |name: &str| Site {
            part: Part::Mirror,
            name: name.to_owned(),
            stands_on: StandsOn(BTreeMap::from([
                (Foundation::Host, hosts.clone()),
                (Foundation::Network, Vec::new()),
            ])),
        };
        let svg = draw(&SharedFate::of(vec![site("one"), site("two")]));
        assert!(!svg.contains("<script>"), "{svg}");
        assert_eq!(svg.matches("! &lt;script&gt;&amp;&quot;").count(), 4);
        assert!(svg.contains(">none<") && svg.contains(">unknown<"), "{svg}");
    }
}
