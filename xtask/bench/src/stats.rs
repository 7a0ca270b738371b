//! Medians and percentiles.

use std::time::Duration;

/// The middle one; the lower of two.
pub(crate) fn median<T: PartialOrd + Copy>(values: &[T]) -> Option<T> {
    percentile(values, 50)
}

/// The smallest value that at least `percent` of all do not exceed.
pub(crate) fn percentile<T: PartialOrd + Copy>(values: &[T], percent: usize) -> Option<T> {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

/// Milliseconds.
pub(crate) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let values: Vec<u32> = (1..=100).rev().collect();
        let check = |percent, expect| assert_eq!(percentile(&values, percent), Some(expect));
        check(50, 50);
        check(99, 99);
        check(100, 100);
        assert_eq!(percentile(&[7], 99), Some(7));
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median::<u32>(&[]), None);
    }
}
