//! Whether two rows of times tell anything: the test of Mann and Whitney.

use std::time::Duration;

/// Asserts that times of known and of unknown addresses cannot be told apart: p > 0.01, and medians less
/// than a millisecond apart. Only of many: few on a busy machine say nothing.
pub(crate) fn assert_alike(mut known: Vec<Duration>, mut unknown: Vec<Duration>) {
    let p = mann_whitney(&known, &unknown);
    let pairs = known.len();
    let (known, unknown) = (median(&mut known), median(&mut unknown));
    println!("{pairs} pairs: known {known:?}, unknown {unknown:?}, p = {p:.3}");
    if pairs >= 100 {
        assert!(known.abs_diff(unknown) < Duration::from_millis(1), "{known:?} {unknown:?}");
        assert!(p > 0.01, "p = {p}");
    }
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
    assert_alike(row(0), row(1));
}
