//! The paving: the signature of a tenant, drawn from its name alone as SVG made
//! of classes, so that the same drawing follows both themes.
//!
//! It gives drawings, never colours: those are roles of the tenant's sheet.

use std::fmt::Write as _;

use serde::Serialize;

/// Width of the strip, in units.
const STRIP: u32 = 240;
/// Side of a stone of the field, and what is left of it once the joint is taken off.
const CELL: u32 = 40;
const STONE: f64 = 38.6;

/// The strip on top of every page.
///
/// ```
/// let strip = kernel::web::paving::strip("Bois-Héroult");
/// assert!(strip.starts_with("<svg class=\"pave\""));
/// ```
pub fn strip(name: &str) -> String {
    let mut svg = String::from(r#"<svg class="pave" viewBox="0 0 240 1" preserveAspectRatio="none" aria-hidden="true">"#);
    for stone in stones(name) {
        let width = f64::from(stone.width) - 0.22;
        let _ = write!(svg, r#"<path class="p{}" d="M{} 0h{width}v1H{}z"/>"#, stone.tint, stone.x, stone.x);
    }
    svg.push_str("</svg>");
    svg
}

/// One stone of the strip: where it stands, how wide, and its tint from 1 to 4
/// (band, lighter band, wash, spark). Mails draw the strip from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Stone {
    pub x: u32,
    pub width: u32,
    pub tint: u8,
}

/// The stones of the strip, from left to right.
pub fn stones(name: &str) -> Vec<Stone> {
    const WIDTHS: [u32; 6] = [2, 3, 5, 7, 9, 12];
    let mut draw = Draw::new(name);
    let (mut x, mut stones) = (0, Vec::new());
    while x < STRIP {
        let wanted = WIDTHS[draw.below(WIDTHS.len())];
        let width = wanted.min(STRIP - x);
        let tint = match draw.unit() {
            t if t < 0.50 => 1,
            t if t < 0.76 => 2,
            t if t < 0.94 => 3,
            _ => 4,
        };
        stones.push(Stone { x, width, tint });
        x += width;
    }
    stones
}

/// The field of stones of the forecourt: home page and sign-in.
pub fn tiles(name: &str) -> String {
    field(name, 14, 8)
}

/// A field of any size, `columns` by `rows` stones, denser towards the right.
pub fn field(name: &str, columns: u32, rows: u32) -> String {
    let mut draw = Draw::new(name);
    let mut svg =
        format!(r#"<svg class="tiles" viewBox="0 0 {} {}" preserveAspectRatio="xMaxYMid slice" aria-hidden="true">"#, columns * CELL, rows * CELL,);
    let last = f64::from(columns.max(2) - 1);
    for row in 0..rows {
        for column in 0..columns {
            let cell = draw.cell();
            if cell.presence <= 0.06 + 1.15 * (f64::from(column) / last).powf(1.1) {
                let (x, y) = (f64::from(column * CELL), f64::from(row * CELL));
                let _ = write!(svg, r#"<path class="p{}" d="{}"/>"#, cell.tint, cell.path(x, y, STONE));
            }
        }
    }
    svg.push_str("</svg>");
    svg
}

/// The logo of a tenant that gave none: four stones on the band.
pub fn logo(name: &str) -> String {
    let mut draw = Draw::new(name);
    let mut svg = String::from(r#"<svg viewBox="0 0 40 40" aria-hidden="true"><path class="p1" d="M0 0h40v40H0z"/>"#);
    for (x, y) in [(0.0, 0.0), (20.0, 0.0), (20.0, 20.0), (0.0, 20.0)] {
        let cell = draw.cell();
        let _ = write!(svg, r#"<path class="p{}" d="{}"/>"#, cell.tint, cell.path(x, y, 20.0));
    }
    svg.push_str("</svg>");
    svg
}

/// What is drawn for one cell of a field.
struct Cell {
    shape: Shape,
    tint: u8,
    corner: usize,
    presence: f64,
}

enum Shape {
    Full,
    Quarter,
    Half,
}

impl Cell {
    fn path(&self, x: f64, y: f64, side: f64) -> String {
        let (r, b, s) = (Tenth(x + side), Tenth(y + side), Tenth(side));
        let (x, y) = (Tenth(x), Tenth(y));
        match (&self.shape, self.corner) {
            (Shape::Full, _) => format!("M{x} {y}h{s}v{s}h-{s}z"),
            (Shape::Quarter, 0) => format!("M{x} {y}h{s}a{s} {s} 0 0 1-{s} {s}z"),
            (Shape::Quarter, 1) => format!("M{r} {y}v{s}a{s} {s} 0 0 1-{s}-{s}z"),
            (Shape::Quarter, 2) => format!("M{r} {b}h-{s}a{s} {s} 0 0 1 {s}-{s}z"),
            (Shape::Quarter, _) => format!("M{x} {b}v-{s}a{s} {s} 0 0 1 {s} {s}z"),
            (Shape::Half, 0) => format!("M{x} {y}h{s}l-{s} {s}z"),
            (Shape::Half, 1) => format!("M{r} {y}v{s}l-{s}-{s}z"),
            (Shape::Half, 2) => format!("M{r} {b}h-{s}l{s}-{s}z"),
            (Shape::Half, _) => format!("M{x} {b}v-{s}l{s} {s}z"),
        }
    }
}

/// A length written with at most one decimal.
struct Tenth(f64);

impl std::fmt::Display for Tenth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", (self.0 * 10.0).round() / 10.0)
    }
}

/// Draws that depend on a name alone: FNV-1a seeds a xorshift.
struct Draw(u32);

impl Draw {
    fn new(name: &str) -> Draw {
        let seed = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        Draw(if seed == 0 { 1 } else { seed })
    }

    /// From 0 included to 1 excluded.
    fn unit(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        f64::from(self.0) / 4_294_967_296.0
    }

    fn below(&mut self, count: usize) -> usize {
        (self.unit() * count as f64) as usize
    }

    fn cell(&mut self) -> Cell {
        let shape = match self.unit() {
            v if v < 0.30 => Shape::Full,
            v if v < 0.82 => Shape::Quarter,
            _ => Shape::Half,
        };
        let tint = match self.unit() {
            v if v < 0.50 => 2,
            v if v < 0.83 => 3,
            _ => 4,
        };
        Cell { shape, tint, corner: self.below(4), presence: self.unit() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strip_is_paved_from_end_to_end() {
        for name in ["", "Ô", "Port-Aubert", "Saint-Rémy-la-Plaine"] {
            let stones = stones(name);
            let end = stones.iter().fold(0, |x, stone| {
                assert_eq!(stone.x, x);
                x + stone.width
            });
            assert_eq!(end, STRIP);
        }
    }

    #[test]
    fn the_same_name_gives_the_same_square_and_another_name_another() {
        assert_eq!(tiles("Port-Aubert"), tiles("Port-Aubert"));
        assert_ne!(tiles("Port-Aubert"), tiles("Bois-Héroult"));
        assert_ne!(logo("Port-Aubert"), logo("Bois-Héroult"));
    }

    #[test]
    fn the_field_grows_denser_towards_the_right() {
        let count = |from: u32, to: u32| {
            let svg = field("Bois-Héroult", 40, 40);
            svg.match_indices("d=\"M")
                .filter(|(at, _)| {
                    let rest = &svg[at + 4..];
                    let x: f64 = rest[..rest.find(' ').unwrap()].parse().unwrap();
                    x >= f64::from(from * CELL) && x < f64::from(to * CELL)
                })
                .count()
        };
        assert!(count(0, 10) < count(10, 20));
        assert!(count(10, 20) < count(20, 30));
    }
}
