//! The look of a tenant, computed: one brand colour gives every colour role of
//! both themes, and the tenant's name gives its paving (strip, field, logo).
//!
//! It is pure and deterministic: same name, same square, for ever. It does not
//! serve the sheet nor choose its address, and it never touches the colours of
//! status and focus, which belong to `static/socle.css`.

use serde::Serialize;

use super::colour::{Lch, Rgb, contrast};
pub use super::paving::{Stone, field, logo, stones, strip, tiles};

/// Beyond, a button is a pill and a card an egg.
const MAX_RADIUS: u8 = 12;

/// What a tenant without a readable colour gets.
pub const DEFAULT_BRAND: &str = "#0b5a63";

/// The sixteen roles of one theme, as `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Theme {
    pub paper: String,
    pub sheet: String,
    pub wash: String,
    pub wash_2: String,
    pub line: String,
    pub edge: String,
    pub ink: String,
    pub ink_2: String,
    pub brand: String,
    pub brand_2: String,
    pub on_brand: String,
    pub link: String,
    pub band: String,
    pub band_2: String,
    pub on_band: String,
    pub spark: String,
}

/// Both themes of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Roles {
    pub light: Theme,
    pub dark: Theme,
}

/// Whether `brand` is a colour a tenant may give: `#rgb` or `#rrggbb`.
///
/// ```
/// assert!(kernel::web::look::is_colour("#0b5a63"));
/// assert!(!kernel::web::look::is_colour("bleu"));
/// ```
pub fn is_colour(brand: &str) -> bool {
    Rgb::parse(brand).is_some()
}

/// Contrast of two colours as WCAG counts it, from 1 to 21; nothing when one cannot be read.
///
/// ```
/// assert_eq!(kernel::web::look::ratio("#000", "#fff").map(f64::round), Some(21.0));
/// ```
pub fn ratio(one: &str, other: &str) -> Option<f64> {
    Some(contrast(Rgb::parse(one)?, Rgb::parse(other)?))
}

/// All roles from one brand colour. A colour that cannot be read gives the house's own.
///
/// ```
/// let roles = kernel::web::look::derive("#0b5a63");
/// assert_eq!(roles.light.brand, "#0b5a63");
/// ```
pub fn derive(brand: &str) -> Roles {
    let given = Rgb::parse(brand).or_else(|| Rgb::parse(DEFAULT_BRAND)).expect("the default brand is a colour").to_lch();
    Roles { light: light(given), dark: dark(given) }
}

/// The tenant's stylesheet, served under its hash and kept for ever by browsers.
pub fn tenant_css(brand: &str, radius: u8) -> String {
    let roles = derive(brand);
    let dark = declarations(&roles.dark);
    format!(
        "/* Roles derived by the server from the brand colour, and the radius of corners. */\n\
         :root {{\n{}}}\n\
         @media (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {{\n{dark}}} }}\n\
         [data-theme=dark] {{\n{dark}}}\n\
         :root {{ --r: {}px; }}\n",
        declarations(&roles.light),
        radius.min(MAX_RADIUS),
    )
}

fn declarations(theme: &Theme) -> String {
    let t = theme;
    format!(
        "  --paper: {}; --sheet: {}; --wash: {}; --wash-2: {};\n  \
           --line: {}; --edge: {}; --ink: {}; --ink-2: {};\n  \
           --brand: {}; --brand-2: {}; --on-brand: {}; --link: {};\n  \
           --band: {}; --band-2: {}; --on-band: {}; --spark: {};\n",
        t.paper,
        t.sheet,
        t.wash,
        t.wash_2,
        t.line,
        t.edge,
        t.ink,
        t.ink_2,
        t.brand,
        t.brand_2,
        t.on_brand,
        t.link,
        t.band,
        t.band_2,
        t.on_band,
        t.spark,
    )
}

/// Greys are softened: a pale brand gives nearly neutral grounds.
fn softness(given: Lch) -> f64 {
    (given.c / 0.09).min(1.0)
}

/// The hue opposite to the brand's, moved half-way to the sun (80°).
fn spark_hue(given: Lch) -> f64 {
    let opposite = (given.h + 180.0).rem_euclid(360.0);
    let turn = (80.0 - opposite + 180.0).rem_euclid(360.0) - 180.0;
    (opposite + turn / 2.0).rem_euclid(360.0)
}

const WHITE: Rgb = Rgb([255, 255, 255]);
const TEXT: f64 = 4.6;

fn light(given: Lch) -> Theme {
    let k = softness(given);
    let grey = |l: f64, c: f64| Lch { l, c: c * k, h: given.h }.to_rgb();
    let own = |l: f64| Lch { l, ..given }.to_rgb();
    let (paper, wash, wash_2) = (grey(0.978, 0.0035), grey(0.95, 0.02), grey(0.892, 0.042));

    let mut l = darken(given.l, |l| contrast(own(l), paper) >= 3.02);
    let deep = grey(0.2, 0.03);
    let is_white = contrast(own(l), WHITE) >= TEXT || contrast(own(l), deep) < TEXT;
    if is_white {
        l = darken(l, |l| contrast(own(l), WHITE) >= TEXT);
    }
    let on_brand = if is_white { WHITE } else { deep };
    let link = darken(given.l.min(0.52), |l| [paper, WHITE, wash, wash_2].iter().all(|ground| contrast(own(l), *ground) >= TEXT));

    Theme {
        paper: paper.hex(),
        sheet: WHITE.hex(),
        wash: wash.hex(),
        wash_2: wash_2.hex(),
        line: grey(0.895, 0.012).hex(),
        edge: grey(0.565, 0.022).hex(),
        ink: grey(0.23, 0.022).hex(),
        ink_2: grey(0.43, 0.022).hex(),
        brand: own(l).hex(),
        brand_2: hover(l, is_white, on_brand, own).hex(),
        on_brand: on_brand.hex(),
        link: own(link).hex(),
        band: own(l).hex(),
        band_2: own(if is_white { l + 0.07 } else { l - 0.07 }).hex(),
        on_band: on_brand.hex(),
        spark: Lch { l: 0.82, c: 0.11, h: spark_hue(given) }.to_rgb().hex(),
    }
}

/// The ground under the pointer: one step away from its text, never towards it.
fn hover(l: f64, is_white: bool, text: Rgb, own: impl Fn(f64) -> Rgb) -> Rgb {
    let step = own(if is_white { l - 0.075 } else { l + 0.06 });
    if contrast(step, text) >= 4.5 { step } else { own(l) }
}

fn dark(given: Lch) -> Theme {
    let k = softness(given);
    let grey = |l: f64, c: f64| Lch { l, c: c * k, h: given.h }.to_rgb();
    let c = given.c.min(0.13);
    let own = |l: f64| Lch { l, c, h: given.h }.to_rgb();
    let (paper, sheet, wash) = (grey(0.185, 0.014), grey(0.222, 0.017), grey(0.27, 0.03));
    let on_brand = grey(0.19, 0.03);
    let reads = |colour: Rgb| [paper, sheet, wash].iter().all(|ground| contrast(colour, *ground) >= 5.0);

    let brand = lighten(0.74_f64.max(given.l.min(0.8)), |l| reads(own(l)) && contrast(own(l), on_brand) >= TEXT);
    let soft = |l: f64| Lch { l, c: 0.9 * c, h: given.h }.to_rgb();
    let link = lighten(0.80, |l| reads(soft(l)));

    Theme {
        paper: paper.hex(),
        sheet: sheet.hex(),
        wash: wash.hex(),
        wash_2: grey(0.36, 0.05).hex(),
        line: grey(0.335, 0.018).hex(),
        edge: grey(0.62, 0.025).hex(),
        ink: grey(0.945, 0.01).hex(),
        ink_2: grey(0.775, 0.016).hex(),
        brand: own(brand).hex(),
        brand_2: Lch { l: 0.83_f64.max(brand), c: 0.9 * c, h: given.h }.to_rgb().hex(),
        on_brand: on_brand.hex(),
        link: soft(link).hex(),
        band: grey(0.275, 0.05).hex(),
        band_2: grey(0.36, 0.06).hex(),
        on_band: grey(0.96, 0.01).hex(),
        spark: Lch { l: 0.76, c: 0.10, h: spark_hue(given) }.to_rgb().hex(),
    }
}

/// The colours and the strip of a mail, whose styles stand in the page itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MailLook {
    pub light: Theme,
    pub dark: Theme,
    pub stones: Vec<MailStone>,
}

/// One cell of the strip of a mail: its share of the width in percent, and its colour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MailStone {
    pub width: u32,
    pub colour: String,
}

/// What `mail.html` reads besides the tenant: the first stones of the tenant's strip, enlarged.
pub fn mail_look(name: &str, brand: &str) -> MailLook {
    const SHOWN: usize = 9;
    let Roles { light, dark } = derive(brand);
    let stones: Vec<Stone> = stones(name).into_iter().take(SHOWN).collect();
    let total = stones.iter().map(|stone| stone.width).sum::<u32>().max(1);
    let stones = stones
        .iter()
        .map(|stone| MailStone {
            width: (stone.width * 100 / total).max(1),
            colour: match stone.tint {
                1 => light.band.clone(),
                2 => light.band_2.clone(),
                3 => light.wash_2.clone(),
                _ => light.spark.clone(),
            },
        })
        .collect();
    MailLook { light, dark, stones }
}

/// The first lightness at or below `l` that satisfies, by steps of a hundredth.
fn darken(mut l: f64, is_enough: impl Fn(f64) -> bool) -> f64 {
    while l > 0.0 && !is_enough(l) {
        l -= 0.01;
    }
    l
}

/// The first lightness at or above `l` that satisfies, by steps of a hundredth.
fn lighten(mut l: f64, is_enough: impl Fn(f64) -> bool) -> f64 {
    while l < 1.0 && !is_enough(l) {
        l += 0.01;
    }
    l
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::colour::Rgb;

    const REFERENCE: &str = "\
:root {
  --paper: #f6f8f9; --sheet: #ffffff; --wash: #e3f2f4; --wash-2: #c3e2e6;
  --line: #d6dedf; --edge: #6b797b; --ink: #131f21; --ink-2: #455355;
  --brand: #0b5a63; --brand-2: #05444b; --on-brand: #ffffff; --link: #0b5a63;
  --band: #0b5a63; --band-2: #286e77; --on-band: #ffffff; --spark: #fcb07f;
}
@media (prefers-color-scheme: dark) { :root:not([data-theme=light]) {
  --paper: #0d1415; --sheet: #141d1e; --wash: #182a2c; --wash-2: #224348;
  --line: #2f393a; --edge: #798a8c; --ink: #e7eeef; --ink-2: #adb8ba;
  --brand: #74b8c1; --brand-2: #97d4dc; --on-brand: #061719; --link: #8dcad2;
  --band: #0b2d31; --band-2: #1b444a; --on-band: #ecf3f4; --spark: #e3a074;
} }
";

    #[test]
    fn the_brand_of_the_reference_gives_the_sheet_of_the_reference() {
        let sheet = tenant_css("#0b5a63", 12);
        assert!(sheet.contains("--r: 12px;") && tenant_css("#0b5a63", 200).contains("--r: 12px;"));
        let (_, sheet) = sheet.split_once("*/\n").expect("a comment first");
        assert!(sheet.starts_with(REFERENCE), "{sheet}");
    }

    #[test]
    fn the_strip_of_the_reference_is_drawn_to_the_stone() {
        let svg = strip("Villeneuve-sur-Aure");
        assert!(svg.contains(
            r#"<path class="p2" d="M0 0h4.78v1H0z"/><path class="p2" d="M5 0h2.78v1H5z"/><path class="p2" d="M8 0h8.78v1H8z"/><path class="p3" d="M17 0h8.78v1H17z"/><path class="p4" d="M26 0h11.78v1H26z"/>"#
        ));
        assert!(svg.ends_with(r#"<path class="p2" d="M236 0h3.78v1H236z"/></svg>"#));
    }

    #[test]
    fn a_pale_yellow_takes_dark_text_and_an_orange_keeps_white() {
        assert_eq!(derive("#e2a400").light.on_brand, "#1d1506");
        assert_eq!(derive("#c2410c").light.on_brand, "#ffffff");
    }

    #[test]
    fn an_unreadable_colour_gives_the_house_own() {
        assert_eq!(derive("rouge"), derive(DEFAULT_BRAND));
    }

    /// Text, then the grounds it is written on.
    fn text_pairs(t: &Theme) -> Vec<(&str, &str)> {
        let grounds = [&t.paper, &t.sheet, &t.wash];
        let mut pairs = Vec::new();
        for text in [&t.ink, &t.ink_2, &t.link] {
            pairs.extend(grounds.iter().map(|ground| (text.as_str(), ground.as_str())));
        }
        pairs.extend(
            [(&t.ink, &t.wash_2), (&t.on_brand, &t.brand), (&t.on_brand, &t.brand_2), (&t.on_band, &t.band)].map(|(a, b)| (a.as_str(), b.as_str())),
        );
        pairs
    }

    /// Edges and fills, then what they stand on.
    fn shape_pairs(t: &Theme) -> Vec<(&str, &str)> {
        [(&t.edge, &t.paper), (&t.edge, &t.sheet), (&t.edge, &t.wash), (&t.brand, &t.paper), (&t.brand, &t.sheet)]
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .to_vec()
    }

    fn ratio(a: &str, b: &str) -> f64 {
        contrast(Rgb::parse(a).unwrap(), Rgb::parse(b).unwrap())
    }

    #[test]
    fn every_brand_reads_in_both_themes() {
        let mut state = 0x2545_f491_u32;
        for turn in 0..6000 {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            let brand = match turn {
                0 => "#000000".to_owned(),
                1 => "#ffffff".to_owned(),
                2 => "#808080".to_owned(),
                _ => format!("#{:06x}", state & 0xff_ffff),
            };
            let roles = derive(&brand);
            for theme in [&roles.light, &roles.dark] {
                for (text, ground) in text_pairs(theme) {
                    assert!(ratio(text, ground) >= 4.5, "{brand}: {text} on {ground}: {theme:?}");
                }
                for (shape, ground) in shape_pairs(theme) {
                    assert!(ratio(shape, ground) >= 3.0, "{brand}: {shape} on {ground}: {theme:?}");
                }
            }
            assert!(ratio(&roles.light.link, &roles.light.wash_2) >= 4.5, "{brand}");
        }
    }
}
