//! Preferences of people and settings of workspaces: clock, language of dates, colour, currency,
//! and what a second timer or an overlap does.

use jiff::civil::{Date, Time, Weekday};

use crate::choice::choice;

choice! {
    /// How times of day are shown.
    ClockFormat {
        /// `13:05`
        H24 => "24h",
        /// `1:05 pm`
        H12 => "12h",
    }
}

choice! {
    /// What starting a timer does to the one that runs.
    SecondTimer {
        /// The running one is stopped at that moment. The default.
        StopsRunning => "stops_running",
        /// The start is refused.
        IsRefused => "is_refused",
    }
}

choice! {
    /// Whether a member's entries may overlap.
    Overlaps {
        /// They may, and are shown. The default.
        Allowed => "allowed",
        /// New and changed entries that overlap are refused.
        Forbidden => "forbidden",
    }
}

choice! {
    /// A language and place, for the form of dates and numbers only; the interface is English.
    ///
    /// Source: Unicode CLDR 46, the `d MMM`, `d MMMM` and `EEEE, d MMMM` patterns of each.
    Locale {
        /// English, American order.
        En => "en",
        /// English, British order.
        EnGb => "en-GB",
        /// German.
        De => "de",
        /// French.
        Fr => "fr",
        /// Spanish.
        Es => "es",
        /// Dutch.
        Nl => "nl",
    }
}

impl Locale {
    /// Weekday, day and month in full, without the year.
    ///
    /// ```
    /// use domain::preference::Locale;
    /// let day = jiff::civil::date(2026, 11, 21);
    /// assert_eq!(Locale::EnGb.format_day_long(day), "Saturday, 21 November");
    /// assert_eq!(Locale::En.format_day_long(day), "Saturday, November 21");
    /// assert_eq!(Locale::De.format_day_long(day), "Samstag, 21. November");
    /// assert_eq!(Locale::Fr.format_day_long(day), "samedi 21 novembre");
    /// assert_eq!(Locale::Es.format_day_long(day), "sábado, 21 de noviembre");
    /// assert_eq!(Locale::Nl.format_day_long(day), "zaterdag 21 november");
    /// ```
    pub fn format_day_long(self, day: Date) -> String {
        let weekday = self.weekday_long(day.weekday());
        let month = self.month_long(day.month());
        let number = day.day();
        match self {
            Self::En => format!("{weekday}, {month} {number}"),
            Self::EnGb => format!("{weekday}, {number} {month}"),
            Self::De => format!("{weekday}, {number}. {month}"),
            Self::Fr if number == 1 => format!("{weekday} 1er {month}"),
            Self::Fr | Self::Nl => format!("{weekday} {number} {month}"),
            Self::Es => format!("{weekday}, {number} de {month}"),
        }
    }

    /// Day and short month: `"21 Nov"`, `"Nov 21"`, `"21. Nov."`.
    pub fn format_day_short(self, day: Date) -> String {
        let month = self.month_short(day.month());
        let number = day.day();
        match self {
            Self::En => format!("{month} {number}"),
            Self::De => format!("{number}. {month}"),
            Self::Fr if number == 1 => format!("1er {month}"),
            Self::EnGb | Self::Fr | Self::Es | Self::Nl => format!("{number} {month}"),
        }
    }

    /// Day, short month and year: `"21 Nov 2026"`, `"Nov 21, 2026"`.
    pub fn format_date(self, day: Date) -> String {
        let short = self.format_day_short(day);
        let comma = if self == Self::En { "," } else { "" };
        format!("{short}{comma} {}", day.year())
    }

    /// Time of day to the minute, cut: `"13:05"` or `"1:05 pm"`.
    ///
    /// Noon is `12:00 pm`, midnight `12:00 am`.
    pub fn format_time(self, time: Time, clock: ClockFormat) -> String {
        let (hour, minute) = (time.hour(), time.minute());
        match clock {
            ClockFormat::H24 => format!("{hour:02}:{minute:02}"),
            ClockFormat::H12 => {
                let half = if hour < 12 { "am" } else { "pm" };
                let shown = if hour % 12 == 0 { 12 } else { hour % 12 };
                format!("{shown}:{minute:02} {half}")
            }
        }
    }

    /// Time of day to the second: `"13:05:09"` or `"1:05:09 pm"`.
    pub fn format_time_to_second(self, time: Time, clock: ClockFormat) -> String {
        let minutes = self.format_time(time, clock);
        let (minutes, half) = match minutes.split_once(' ') {
            Some((minutes, half)) => (minutes, format!(" {half}")),
            None => (minutes.as_str(), String::new()),
        };
        format!("{minutes}:{:02}{half}", time.second())
    }

    /// What stands between whole and part in a number.
    pub const fn decimal_mark(self) -> char {
        match self {
            Self::En | Self::EnGb => '.',
            Self::De | Self::Fr | Self::Es | Self::Nl => ',',
        }
    }

    /// The weekday in full, as within a sentence.
    pub fn weekday_long(self, weekday: Weekday) -> &'static str {
        nth(self.words().weekdays, weekday.to_monday_zero_offset())
    }

    /// The weekday in two or three letters.
    pub fn weekday_short(self, weekday: Weekday) -> &'static str {
        nth(self.words().weekdays_short, weekday.to_monday_zero_offset())
    }

    /// The month in full, as within a sentence; `month` is 1 to 12.
    pub fn month_long(self, month: i8) -> &'static str {
        nth(self.words().months, month - 1)
    }

    /// The month abbreviated, with a point where the language writes one; `month` is 1 to 12.
    pub fn month_short(self, month: i8) -> &'static str {
        nth(self.words().months_short, month - 1)
    }

    const fn words(self) -> &'static Words {
        match self {
            Self::En | Self::EnGb => &ENGLISH,
            Self::De => &GERMAN,
            Self::Fr => &FRENCH,
            Self::Es => &SPANISH,
            Self::Nl => &DUTCH,
        }
    }
}

/// Names of days from Monday, of months from January, each separated by a space.
struct Words {
    weekdays: &'static str,
    weekdays_short: &'static str,
    months: &'static str,
    months_short: &'static str,
}

const ENGLISH: Words = Words {
    weekdays: "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    weekdays_short: "Mon Tue Wed Thu Fri Sat Sun",
    months: "January February March April May June July August September October November December",
    months_short: "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
};

const GERMAN: Words = Words {
    weekdays: "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    weekdays_short: "Mo Di Mi Do Fr Sa So",
    months: "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    months_short: "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
};

const FRENCH: Words = Words {
    weekdays: "lundi mardi mercredi jeudi vendredi samedi dimanche",
    weekdays_short: "lun. mar. mer. jeu. ven. sam. dim.",
    months: "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    months_short: "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
};

const SPANISH: Words = Words {
    weekdays: "lunes martes miércoles jueves viernes sábado domingo",
    weekdays_short: "lun mar mié jue vie sáb dom",
    months: "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    months_short: "ene feb mar abr may jun jul ago sept oct nov dic",
};

const DUTCH: Words = Words {
    weekdays: "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    weekdays_short: "ma di wo do vr za zo",
    months: "januari februari maart april mei juni juli augustus september oktober november december",
    months_short: "jan feb mrt apr mei jun jul aug sep okt nov dec",
};

fn nth(words: &'static str, index: i8) -> &'static str {
    usize::try_from(index).ok().and_then(|n| words.split(' ').nth(n)).unwrap_or_default()
}

/// A number outside what a preference can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("hue outside 1 to 12")]
pub struct HueError;

/// One of twelve colours of the palette, 1 to 12. What each looks like is the style sheet's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hue(u8);

impl Hue {
    /// How many there are.
    pub const COUNT: u8 = 12;

    /// Errors: [`HueError`] outside 1 to 12.
    pub const fn new(number: u8) -> Result<Self, HueError> {
        if number >= 1 && number <= Self::COUNT { Ok(Self(number)) } else { Err(HueError) }
    }

    /// The number, 1 to 12.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The colour for the next of `existing` things when nobody chose one: round and round.
    pub fn for_nth(existing: u64) -> Self {
        let number = existing % u64::from(Self::COUNT) + 1;
        Self(u8::try_from(number).unwrap_or(1))
    }
}

/// A currency in circulation, with the digits of its minor unit.
///
/// Without funds, precious metals, testing codes and accounting units, which nobody is paid in.
///
/// Source: ISO 4217, list one, as of 2026-01-01 (the lev had become the euro that day).
///
/// ```
/// use domain::preference::Currency;
/// let yen: Currency = "JPY".parse()?;
/// assert_eq!((yen.as_str(), yen.minor_digits()), ("JPY", 0));
/// # Ok::<(), domain::UnknownChoice>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    code: &'static str,
    minor_digits: u8,
}

impl Currency {
    /// The euro.
    pub const EUR: Self = Self { code: "EUR", minor_digits: 2 };

    /// The code, three capitals.
    pub const fn as_str(self) -> &'static str {
        self.code
    }

    /// How many digits the minor unit has: 0, 2 or 3.
    pub const fn minor_digits(self) -> u8 {
        self.minor_digits
    }

    /// Every currency, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        CODES.split_ascii_whitespace().map(|code| Self { code, minor_digits: minor_digits(code) })
    }
}

impl std::str::FromStr for Currency {
    type Err = crate::UnknownChoice;

    /// Capitals only, as in the standard.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = crate::UnknownChoice { choice: "Currency" };
        Self::all().find(|currency| currency.code == text).ok_or(unknown)
    }
}

impl crate::Choice for Currency {
    fn words() -> Vec<&'static str> {
        Self::all().map(Self::as_str).collect()
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.code)
    }
}

fn minor_digits(code: &str) -> u8 {
    match code {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

const CODES: &str = "
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
    GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW
    KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR
    MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR
    SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
    USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    #[test]
    fn texts_round_trip() {
        for locale in Locale::ALL {
            assert_eq!(locale.as_str().parse(), Ok(*locale));
        }
        assert_eq!("stops_running".parse(), Ok(SecondTimer::StopsRunning));
        assert_eq!("forbidden".parse(), Ok(Overlaps::Forbidden));
        assert_eq!("12h".parse(), Ok(ClockFormat::H12));
        assert!("EN".parse::<Locale>().is_err());
    }

    #[test]
    fn every_language_has_all_its_names() {
        for locale in Locale::ALL {
            let words = locale.words();
            assert_eq!(words.weekdays.split(' ').count(), 7);
            assert_eq!(words.weekdays_short.split(' ').count(), 7);
            assert_eq!(words.months.split(' ').count(), 12);
            assert_eq!(words.months_short.split(' ').count(), 12);
        }
    }

    #[test]
    fn short_days() {
        let day = date(2026, 3, 1);
        let short: Vec<_> = Locale::ALL.iter().map(|l| l.format_day_short(day)).collect();
        assert_eq!(short, ["Mar 1", "1 Mar", "1. März", "1er mars", "1 mar", "1 mrt"]);
        assert_eq!(Locale::En.format_date(day), "Mar 1, 2026");
        assert_eq!(Locale::De.format_date(day), "1. März 2026");
        assert_eq!(Locale::Fr.format_day_long(day), "dimanche 1er mars");
    }

    #[test]
    fn times() {
        for (hour, minute, h24, h12) in [
            (13, 5, "13:05", "1:05 pm"),
            (0, 5, "00:05", "12:05 am"),
            (12, 0, "12:00", "12:00 pm"),
            (11, 59, "11:59", "11:59 am"),
        ] {
            let at = time(hour, minute, 59, 0);
            assert_eq!(Locale::En.format_time(at, ClockFormat::H24), h24);
            assert_eq!(Locale::En.format_time(at, ClockFormat::H12), h12);
        }
    }

    #[test]
    fn hues() {
        assert_eq!(Hue::new(0), Err(HueError));
        assert_eq!(Hue::new(13), Err(HueError));
        assert_eq!(Hue::new(12).unwrap().get(), 12);
        assert_eq!(Hue::for_nth(0).get(), 1);
        assert_eq!(Hue::for_nth(12).get(), 1);
        assert_eq!(Hue::for_nth(u64::MAX).get(), 4);
    }

    #[test]
    fn currencies() {
        let codes: Vec<_> = Currency::all().map(Currency::as_str).collect();
        assert!(codes.is_sorted() && codes.iter().all(|c| c.len() == 3));
        assert_eq!("EUR".parse(), Ok(Currency::EUR));
        assert_eq!("KWD".parse::<Currency>().unwrap().minor_digits(), 3);
        for text in ["eur", "XXX", "DEM", "BGN", ""] {
            assert!(text.parse::<Currency>().is_err());
        }
    }
}
