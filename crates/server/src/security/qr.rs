//! A QR code as the path of an SVG: drawn on the server, so that no script sees what it holds, and
//! without a style, which the policy of the page would refuse.

use qrcodegen::{QrCode, QrCodeEcc};

/// Light modules around it, without which cameras do not find it (ISO/IEC 18004, 6.3.8).
const QUIET: i32 = 4;

/// A QR code to be drawn.
#[derive(Debug, Clone, Default)]
pub struct Qr {
    /// Its width and height in modules, with the light ones around it.
    pub size: i32,
    /// The dark modules, as the `d` of a path.
    pub path: String,
}

impl Qr {
    /// Draws a text; none when it is too long for one.
    pub(super) fn of(text: &str) -> Option<Self> {
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
        let side = code.size();
        let rows = (0..side).map(|y| row(&code, y));
        Some(Self { size: side + 2 * QUIET, path: rows.collect() })
    }
}

/// The dark runs of a row, each as one rectangle.
fn row(code: &QrCode, y: i32) -> String {
    let (mut runs, mut x) = (Vec::new(), 0);
    while x < code.size() {
        let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
        if run > 0 {
            let (left, top) = (x + QUIET, y + QUIET);
            runs.push(format!("M{left} {top}h{run}v1h-{run}z"));
        }
        x += i32::try_from(run).unwrap_or(0).max(1);
    }
    runs.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_what_the_code_holds() {
        let text = "otpauth://totp/Timeproof:ann%40example.org?secret=ABC";
        let qr = Qr::of(text).unwrap();
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).unwrap();
        assert_eq!(qr.size, code.size() + 8);
        let all = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
        let dark = all.filter(|(x, y)| code.get_module(*x, *y)).count();
        let lengths = qr.path.split('h').skip(1).step_by(2);
        let drawn: usize =
            lengths.map(|run| run.split('v').next().unwrap().parse::<usize>().unwrap()).sum();
        assert_eq!(drawn, dark);
        assert!(qr.path.starts_with("M4 4h7v1h-7z"), "the corner that cameras look for");
        assert!(Qr::of(&"a".repeat(3000)).is_none());
    }
}
