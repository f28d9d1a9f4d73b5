//! Legal days in France: which days are worked, when a month-based delay ends.
//! It knows no procedure and reads no clock; the closing days of a front desk belong to whoever owns the desk.
//! Collectivités of the Pacific, which have a labour law of their own, are not covered.

use std::str::FromStr;

use jiff::{
    ToSpan as _,
    civil::{Date, Weekday},
};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Which public holidays apply (Code du travail, L3133-1, L3134-13, L3422-2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HolidayZone {
    /// Metropolitan France, and Saint-Pierre-et-Miquelon.
    #[default]
    Metropole,
    /// Haut-Rhin, Bas-Rhin and Moselle: Good Friday and 26 December too.
    AlsaceMoselle,
    /// Abolition of slavery on 27 May.
    Guadeloupe,
    /// Abolition of slavery on 22 May.
    Martinique,
    /// Abolition of slavery on 10 June.
    Guyane,
    /// Abolition of slavery on 20 December.
    LaReunion,
    /// Abolition of slavery on 27 April.
    Mayotte,
    /// Abolition of slavery on 28 May.
    SaintMartin,
    /// Abolition of slavery on 9 October.
    SaintBarthelemy,
}

impl HolidayZone {
    /// Every zone, with the name that settings use.
    pub const ALL: [(&'static str, Self); 9] = [
        ("metropole", Self::Metropole),
        ("alsace-moselle", Self::AlsaceMoselle),
        ("guadeloupe", Self::Guadeloupe),
        ("martinique", Self::Martinique),
        ("guyane", Self::Guyane),
        ("la-reunion", Self::LaReunion),
        ("mayotte", Self::Mayotte),
        ("saint-martin", Self::SaintMartin),
        ("saint-barthelemy", Self::SaintBarthelemy),
    ];

    fn abolition(self) -> Option<(i8, i8)> {
        match self {
            Self::Metropole | Self::AlsaceMoselle => None,
            Self::Guadeloupe => Some((5, 27)),
            Self::Martinique => Some((5, 22)),
            Self::Guyane => Some((6, 10)),
            Self::LaReunion => Some((12, 20)),
            Self::Mayotte => Some((4, 27)),
            Self::SaintMartin => Some((5, 28)),
            Self::SaintBarthelemy => Some((10, 9)),
        }
    }
}

impl FromStr for HolidayZone {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|(name, _)| *name == text).map(|(_, zone)| *zone);
        found.ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|(name, _)| *name).collect();
            Error::invalid("holidays", format!("Choisissez un calendrier parmi : {}.", names.join(", ")))
        })
    }
}

/// A public holiday and its name in French.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holiday {
    /// The day.
    pub date: Date,
    /// "Lundi de Pâques".
    pub name: &'static str,
}

/// The public holidays of a year, in order.
///
/// ```
/// use kernel::calendar::{HolidayZone, holidays};
/// assert_eq!(holidays(2026, HolidayZone::Metropole).len(), 11);
/// ```
pub fn holidays(year: i16, zone: HolidayZone) -> Vec<Holiday> {
    let mut days: Vec<Holiday> =
        FIXED.iter().filter_map(|&(month, day, name)| Some(Holiday { date: Date::new(year, month, day).ok()?, name })).collect();
    if let Some(easter) = easter(year) {
        days.extend(MOVING.iter().map(|&(after, name)| Holiday { date: easter.saturating_add(after.days()), name }));
        if zone == HolidayZone::AlsaceMoselle {
            days.push(Holiday { date: easter.saturating_sub(2.days()), name: "Vendredi saint" });
        }
    }
    if zone == HolidayZone::AlsaceMoselle {
        days.extend(Date::new(year, 12, 26).map(|date| Holiday { date, name: "Saint-Étienne" }));
    }
    if let Some((month, day)) = zone.abolition() {
        days.extend(Date::new(year, month, day).map(|date| Holiday { date, name: "Abolition de l’esclavage" }));
    }
    days.sort_by_key(|holiday| holiday.date);
    days
}

const FIXED: [(i8, i8, &str); 8] = [
    (1, 1, "Jour de l’An"),
    (5, 1, "Fête du Travail"),
    (5, 8, "Victoire de 1945"),
    (7, 14, "Fête nationale"),
    (8, 15, "Assomption"),
    (11, 1, "Toussaint"),
    (11, 11, "Armistice de 1918"),
    (12, 25, "Noël"),
];

const MOVING: [(i32, &str); 3] = [(1, "Lundi de Pâques"), (39, "Ascension"), (50, "Lundi de Pentecôte")];

/// Easter Sunday in the Gregorian calendar, by the Meeus/Jones/Butcher computus.
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    Date::new(year, i8::try_from(n / 31).ok()?, i8::try_from(n % 31 + 1).ok()?).ok()
}

/// Whether offices work that day: Monday to Friday, public holidays excepted ("jour ouvré").
pub fn is_working_day(date: Date, zone: HolidayZone) -> bool {
    let week_end = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
    !week_end && !holidays(date.year(), zone).iter().any(|holiday| holiday.date == date)
}

/// The `days`-th working day after `date`, which is not counted itself. Zero gives `date` if it is worked,
/// else the next working day.
///
/// ```
/// use jiff::civil::date;
/// use kernel::calendar::{HolidayZone, add_working_days};
/// // Received on Friday 1 May 2026, a holiday: the next working day is Monday 4 May.
/// assert_eq!(add_working_days(date(2026, 5, 1), 1, HolidayZone::Metropole), date(2026, 5, 4));
/// ```
pub fn add_working_days(date: Date, days: u32, zone: HolidayZone) -> Date {
    let mut at = date;
    for _ in 0..days {
        at = next_working_day(at.saturating_add(1.day()), zone);
    }
    if days == 0 { next_working_day(at, zone) } else { at }
}

/// `date` if it is worked, else the first working day after it.
pub fn next_working_day(date: Date, zone: HolidayZone) -> Date {
    let mut at = date;
    while !is_working_day(at, zone) && at < Date::MAX {
        at = at.saturating_add(1.day());
    }
    at
}

/// Working days after `from`, up to `to` included; zero when `to` is not later.
pub fn working_days_between(from: Date, to: Date, zone: HolidayZone) -> u32 {
    let mut count = 0;
    let mut at = from;
    while at < to {
        at = at.saturating_add(1.day());
        count += u32::from(is_working_day(at, zone));
    }
    count
}

/// The same day of the month `months` months later, or the last day of that month when it is shorter.
/// A silence-based decision arises when that day ends.
///
/// ```
/// use jiff::civil::date;
/// assert_eq!(kernel::calendar::add_months(date(2026, 12, 31), 2), date(2027, 2, 28));
/// ```
pub fn add_months(date: Date, months: i32) -> Date {
    date.saturating_add(months.months())
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, civil::date, tz::TimeZone};

    use super::*;

    /// Easter from 1990 to 2100 as month × 100 + day, made with another algorithm (Oudin) and checked against
    /// the tables of dateutil.
    const EASTERS: [i16; 111] = [
        415, 331, 419, 411, 403, 416, 407, 330, 412, 404, 423, 415, 331, 420, 411, 327, 416, 408, 323, 412, 404, 424, 408, 331, 420, 405, 327, 416,
        401, 421, 412, 404, 417, 409, 331, 420, 405, 328, 416, 401, 421, 413, 328, 417, 409, 325, 413, 405, 425, 410, 401, 421, 406, 329, 417, 409,
        325, 414, 405, 418, 410, 402, 421, 406, 329, 418, 402, 422, 414, 330, 418, 410, 326, 415, 406, 329, 411, 403, 422, 414, 330, 419, 410, 326,
        415, 407, 419, 411, 403, 423, 407, 330, 419, 404, 326, 415, 331, 420, 411, 403, 416, 408, 330, 412, 404, 424, 415, 331, 420, 412, 328,
    ];

    fn days(year: i16, zone: HolidayZone) -> Vec<String> {
        holidays(year, zone).iter().map(|h| h.date.to_string()).collect()
    }

    fn paris() -> TimeZone {
        TimeZone::get("Europe/Paris").expect("the zones are in the program")
    }

    #[test]
    fn easter_is_right_from_1990_to_2100() {
        for (year, expected) in (1990..=2100).zip(EASTERS) {
            let easter = easter(year).expect("every year has an Easter");
            let found = i16::from(easter.month()) * 100 + i16::from(easter.day());
            assert_eq!(found, expected, "Easter of {year}");
            assert_eq!(easter.weekday(), Weekday::Sunday, "Easter of {year}");
        }
    }

    #[test]
    fn the_holidays_of_2026_are_those_of_the_official_list() {
        let expected = [
            "2026-01-01",
            "2026-04-06",
            "2026-05-01",
            "2026-05-08",
            "2026-05-14",
            "2026-05-25",
            "2026-07-14",
            "2026-08-15",
            "2026-11-01",
            "2026-11-11",
            "2026-12-25",
        ];
        assert_eq!(days(2026, HolidayZone::Metropole), expected);
    }

    #[test]
    fn alsace_moselle_adds_two_days_and_overseas_one() {
        let alsace = days(2026, HolidayZone::AlsaceMoselle);
        assert!(alsace.contains(&"2026-04-03".to_string()) && alsace.contains(&"2026-12-26".to_string()));
        assert_eq!(alsace.len(), 13);
        for (name, zone) in &HolidayZone::ALL[2..] {
            assert_eq!(holidays(2026, *zone).len(), 12, "{name}");
        }
        assert!(days(2026, HolidayZone::Mayotte).contains(&"2026-04-27".to_string()));
    }

    #[test]
    fn two_holidays_on_one_day_are_one_day_off() {
        // Ascension fell on 1 May in 2008 and on 8 May in 1997.
        assert_eq!(holidays(2008, HolidayZone::Metropole).iter().filter(|h| h.date == date(2008, 5, 1)).count(), 2);
        assert_eq!(add_working_days(date(2008, 4, 30), 1, HolidayZone::Metropole), date(2008, 5, 2));
    }

    #[test]
    fn a_request_of_friday_night_is_acknowledged_on_the_next_working_day() {
        // Friday 23 October 2026, 23:50 in Paris.
        let received: Timestamp = "2026-10-23T21:50:00Z".parse().expect("an instant");
        let day = paris().to_datetime(received).date();
        assert_eq!(day, date(2026, 10, 23));
        assert_eq!(add_working_days(day, 1, HolidayZone::Metropole), date(2026, 10, 26));
        assert_eq!(add_working_days(day, 10, HolidayZone::Metropole), date(2026, 11, 6));
    }

    #[test]
    fn ten_working_days_skip_holidays() {
        // 1 May and 8 May 2026 are Fridays, Ascension is Thursday 14.
        assert_eq!(add_working_days(date(2026, 4, 30), 10, HolidayZone::Metropole), date(2026, 5, 19));
        assert_eq!(working_days_between(date(2026, 4, 30), date(2026, 5, 19), HolidayZone::Metropole), 10);
    }

    #[test]
    fn months_end_on_the_same_day_or_the_last() {
        assert_eq!(add_months(date(2026, 3, 20), 2), date(2026, 5, 20));
        assert_eq!(add_months(date(2026, 12, 31), 2), date(2027, 2, 28));
        assert_eq!(add_months(date(2027, 12, 31), 2), date(2028, 2, 29));
        assert_eq!(add_months(date(2026, 10, 31), 4), date(2027, 2, 28));
        assert_eq!(add_months(date(2026, 1, 31), -1), date(2025, 12, 31));
    }

    #[test]
    fn a_zone_is_read_by_the_name_of_settings() {
        assert_eq!("alsace-moselle".parse::<HolidayZone>().expect("known"), HolidayZone::AlsaceMoselle);
        assert!("paris".parse::<HolidayZone>().is_err());
        for (name, zone) in HolidayZone::ALL {
            assert_eq!(serde_json::to_value(zone).expect("serialises"), name);
        }
    }
}
