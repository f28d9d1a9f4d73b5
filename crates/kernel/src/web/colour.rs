//! Colours as the look needs them: reading and writing `#rrggbb`, OKLCH, and
//! the contrast of WCAG.
//!
//! It knows nothing of roles, themes or tenants.

/// A colour of a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rgb(pub(crate) [u8; 3]);

/// A colour as the eye sorts it: lightness 0 to 1, chroma, hue in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lch {
    pub(crate) l: f64,
    pub(crate) c: f64,
    pub(crate) h: f64,
}

impl Rgb {
    /// Reads `#rgb` or `#rrggbb`.
    pub(crate) fn parse(text: &str) -> Option<Rgb> {
        let digits = text.trim().strip_prefix('#')?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let digits = match digits.len() {
            3 => digits.chars().flat_map(|c| [c, c]).collect::<String>(),
            6 => digits.to_owned(),
            _ => return None,
        };
        let part = |i: usize| u8::from_str_radix(&digits[i..i + 2], 16).ok();
        Some(Rgb([part(0)?, part(2)?, part(4)?]))
    }

    pub(crate) fn hex(self) -> String {
        let [r, g, b] = self.0;
        format!("#{r:02x}{g:02x}{b:02x}")
    }

    pub(crate) fn to_lch(self) -> Lch {
        let [r, g, b] = self.0.map(|v| to_linear(f64::from(v) / 255.0));
        let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
        let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
        let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
        let lightness = 0.210_454_255_3 * l + 0.793_617_785_0 * m - 0.004_072_046_8 * s;
        let a = 1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s;
        let b = 0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s;
        Lch { l: lightness, c: a.hypot(b), h: b.atan2(a).to_degrees().rem_euclid(360.0) }
    }
}

impl Lch {
    /// The nearest colour a screen can show: chroma is taken off until it fits.
    pub(crate) fn to_rgb(self) -> Rgb {
        let mut chroma = self.c;
        loop {
            let linear = Lch { c: chroma, ..self }.to_linear_rgb();
            let fits = linear.iter().all(|v| (-0.000_1..=1.000_1).contains(v));
            if fits || chroma < 0.000_1 {
                return Rgb(linear.map(|v| (to_gamma(v.clamp(0.0, 1.0)) * 255.0).round() as u8));
            }
            chroma *= 0.94;
        }
    }

    fn to_linear_rgb(self) -> [f64; 3] {
        let (sin, cos) = self.h.to_radians().sin_cos();
        let (a, b) = (self.c * cos, self.c * sin);
        let l = (self.l + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
        let m = (self.l - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
        let s = (self.l - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
        [
            4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
            -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
            -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
        ]
    }
}

/// Contrast of two colours as WCAG counts it, from 1 to 21.
pub(crate) fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: Rgb) -> f64 {
    let [r, g, b] = colour.0.map(|v| to_linear(f64::from(v) / 255.0));
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn to_linear(v: f64) -> f64 {
    if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
}

fn to_gamma(v: f64) -> f64 {
    if v <= 0.003_130_8 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_on_white_is_twenty_one_to_one() {
        let ratio = contrast(Rgb([0; 3]), Rgb([255; 3]));
        assert!((ratio - 21.0).abs() < 0.001);
    }

    #[test]
    fn a_colour_survives_the_way_there_and_back() {
        for hex in ["#0b5a63", "#6a2c5f", "#e2a400", "#000000", "#ffffff", "#808080", "#ff0000"] {
            assert_eq!(Rgb::parse(hex).unwrap().to_lch().to_rgb().hex(), hex);
        }
    }

    #[test]
    fn only_hexadecimal_colours_are_read() {
        assert_eq!(Rgb::parse("#fa0").unwrap().hex(), "#ffaa00");
        for text in ["", "#", "0b5a63", "#0b5a6", "#0b5a6g", "red", "#é00"] {
            assert!(Rgb::parse(text).is_none(), "{text}");
        }
    }
}
