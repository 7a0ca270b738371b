//! What a heartbeat says in figures: how long a run took, and how much it yielded.

use crate::Problem;

/// A run of more than ten years is none, in milliseconds.
const LONGEST_MS: f64 = 10.0 * 366.0 * 86_400_000.0;

/// A length of time, from seconds as text, in milliseconds.
pub(super) fn duration_ms(text: &str) -> Result<i64, Problem> {
    let ms = text.parse::<f64>().map(|seconds| seconds * 1000.0);
    match ms {
        Ok(ms) if (0.0..=LONGEST_MS).contains(&ms) => Ok(ms.round() as i64),
        _ => Err(bad(
            "duration is not a number of seconds, such as 90 or 0.5",
        )),
    }
}

/// A number of bytes.
pub(super) fn size(text: &str) -> Result<u64, Problem> {
    let size = text.parse();
    size.map_err(|_| bad("size is not a whole number of bytes, such as 1500000000"))
}

/// A heartbeat that is not understood.
pub(super) fn bad(message: &str) -> Problem {
    let todo = "Correct the heartbeat; it was not recorded.";
    Problem::new(
        http::StatusCode::BAD_REQUEST,
        "bad-heartbeat",
        message,
        todo,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_figures() {
        let check = |text: &str, expect: Option<i64>| {
            assert_eq!(duration_ms(text).ok(), expect, "{text}");
        };
        check("0", Some(0));
        check("90", Some(90_000));
        check("0.5", Some(500));
        check("-1", None);
        check("NaN", None);
        check("inf", None);
        check("1e300", None);
        check("1m", None);
        check("", None);
        assert_eq!(size("5000000000000").ok(), Some(5_000_000_000_000));
        for text in ["", "-1", "1.5", "5 GB", "99999999999999999999"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
