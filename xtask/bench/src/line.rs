//! Lines of the table.

/// What, Stentor's figure, Alertmanager's or none, what is aimed at, and whether it was met.
pub(crate) struct Line {
    pub(crate) what: String,
    pub(crate) ours: String,
    pub(crate) theirs: String,
    pub(crate) ratio: String,
    pub(crate) aim: String,
    pub(crate) met: bool,
}

/// What is aimed at when two programs are compared.
#[derive(Clone, Copy)]
pub(crate) enum Aim {
    /// At least so many times theirs.
    Times(f64),
    /// At most this part of theirs.
    Part(f64),
    /// Below this figure, whatever theirs is.
    Below(f64),
    /// Nothing.
    None,
}

/// A figure of both programs.
pub(crate) fn compare(what: &str, ours: f64, theirs: f64, aim: Aim) -> Line {
    let ratio = ours / theirs;
    let (aim, met) = match aim {
        Aim::Times(n) => (format!("at least {n} times"), ratio >= n),
        Aim::Part(n) => (format!("at most {n:.2} of theirs"), ratio <= n),
        Aim::Below(n) => (format!("below {n}"), ours < n),
        Aim::None => ("none".to_owned(), true),
    };
    let digits = if ratio < 10.0 { 2 } else { 1 };
    Line {
        what: what.to_owned(),
        ours: figure(ours),
        theirs: figure(theirs),
        ratio: format!("{ratio:.digits$}"),
        aim,
        met,
    }
}

/// A figure that the other program does not have.
pub(crate) fn alone(what: &str, ours: f64, below: f64) -> Line {
    Line {
        what: what.to_owned(),
        ours: figure(ours),
        theirs: String::new(),
        ratio: String::new(),
        aim: format!("below {below}"),
        met: ours < below,
    }
}

/// With as many digits as mean something.
pub(crate) fn figure(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => thousands(value),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// Whole, with commas.
pub(crate) fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well_and_aims_are_judged() {
        assert_eq!(thousands(1_234_567.4), "1,234,567");
        assert_eq!(thousands(999.0), "999");
        assert_eq!(figure(12.34), "12.3");
        assert_eq!(figure(1.234), "1.23");
        let met = |aim| compare("x", 6.0, 2.0, aim).met;
        assert!(met(Aim::Times(3.0)) && !met(Aim::Times(3.1)));
        assert!(met(Aim::Part(3.0)) && !met(Aim::Part(2.9)));
        assert!(met(Aim::Below(6.1)) && !met(Aim::Below(6.0)));
        assert!(!compare("x", f64::NAN, 2.0, Aim::Times(1.0)).met);
        assert!(!alone("x", f64::NAN, 1.0).met);
    }
}
