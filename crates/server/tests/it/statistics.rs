//! Whether two rows of times tell anything: the test of Mann and Whitney.

use std::time::Duration;

/// How times of known and of unknown addresses can be told apart: not where p > 0.01, and the medians are
/// less than a millisecond apart. Only of many: few on a busy machine say nothing.
///
/// Where a test compares more than once, the 0.01 is shared among its `comparisons` (Bonferroni): else
/// one of ten would fail by chance in every tenth run.
pub(crate) fn find_difference(
    what: &str,
    mut known: Vec<Duration>,
    mut unknown: Vec<Duration>,
    comparisons: usize,
) -> Option<String> {
    let p = mann_whitney(&known, &unknown);
    let pairs = known.len();
    let (known, unknown) = (median(&mut known), median(&mut unknown));
    let found = format!("{what}: {pairs} pairs: {known:?}, unknown {unknown:?}, p = {p:.3}");
    println!("{found}");
    let comparisons = f64::from(u32::try_from(comparisons).unwrap());
    let is_far = known.abs_diff(unknown) >= Duration::from_millis(1);
    (pairs >= 100 && (is_far || p <= 0.01 / comparisons)).then_some(found)
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// How likely two rows from one source differ so much, two-sided, by the normal approximation.
#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "a few thousand times")]
fn mann_whitney(one: &[Duration], other: &[Duration]) -> f64 {
    let mut all: Vec<(Duration, bool)> = one.iter().map(|time| (*time, true)).collect();
    all.extend(other.iter().map(|time| (*time, false)));
    all.sort_unstable();
    // Times in nanoseconds hardly ever tie; equal ones share their ranks.
    let mut ranks = 0.0;
    for tied in all.chunk_by(|a, b| a.0 == b.0) {
        let first = all.partition_point(|time| time.0 < tied[0].0);
        let rank = first as f64 + f64::midpoint(1.0, tied.len() as f64);
        ranks += rank * tied.iter().filter(|time| time.1).count() as f64;
    }
    let (n, m) = (one.len() as f64, other.len() as f64);
    let u = ranks - n * (n + 1.0) / 2.0;
    let z = (u - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt();
    2.0 * upper_tail(z.abs())
}

/// Of the normal distribution; Abramowitz and Stegun, 26.2.17, exact to seven digits.
fn upper_tail(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let terms = [0.319_381_53, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let sum = terms.iter().rev().fold(0.0, |sum, term| (sum + term) * t);
    sum * (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

#[test]
fn the_statistics_know_equal_rows_from_shifted_ones() {
    let row = |shift: u64| -> Vec<Duration> {
        (0..500).map(|n| Duration::from_micros(1_000 + n * 7_919 % 500 + shift)).collect()
    };
    assert!(mann_whitney(&row(0), &row(0)) > 0.99);
    assert!(mann_whitney(&row(0), &row(60)) < 0.001);
    assert!((upper_tail(1.959_964) - 0.025).abs() < 1e-6);
    assert_eq!(find_difference("equal", row(0), row(1), 1), None);
    assert!(find_difference("often later", row(0), row(60), 1).is_some());
    assert!(find_difference("later by a millisecond", row(0), row(1_000), 1_000_000).is_some());
}
