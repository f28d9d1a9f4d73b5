//! What is wrong in a package, said as a compiler says it: file, line, column, what, and the mend.
//! It does not decide what is wrong: `read` and `check` do.

use super::files::Files;
use std::fmt::Write;
use std::sync::Arc;

/// A stretch of one file of the package, in bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub file: Arc<str>,
    pub start: usize,
    pub end: usize,
}

impl Place {
    /// The beginning of a file, for what is said of the file as a whole.
    pub fn file(path: &str) -> Place {
        Place { file: Arc::from(path), start: 0, end: 0 }
    }
}

/// Whether a flaw stops the publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// The package is refused.
    Error,
    /// The package is accepted; the author should look.
    Remark,
}

/// One thing wrong, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub gravity: Gravity,
    pub place: Place,
    pub message: String,
    pub mend: String,
}

impl Flaw {
    /// Line and column, from 1, in characters.
    pub fn position(&self, files: &Files) -> (usize, usize) {
        let text = files.get(&self.place.file).unwrap_or_default();
        position(text, self.place.start)
    }

    /// `pages/01-velo.toml:14:6: message`, for those who want one line.
    pub fn line(&self, files: &Files) -> String {
        let (line, column) = self.position(files);
        format!("{}:{line}:{column}: {}", self.place.file, self.message)
    }

    fn render(&self, files: &Files, out: &mut String) {
        let word = match self.gravity {
            Gravity::Error => "erreur",
            Gravity::Remark => "remarque",
        };
        let (line, column) = self.position(files);
        let _ = writeln!(out, "{word} : {}", self.message);
        let text = files.get(&self.place.file);
        let margin = " ".repeat(line.to_string().len());
        match text.and_then(|text| text.lines().nth(line - 1)) {
            Some(source) => {
                let marks = self.width(source, column);
                let _ = writeln!(out, "{margin}--> {}:{line}:{column}", self.place.file);
                let _ = writeln!(out, "{margin} |");
                let _ = writeln!(out, "{line} | {source}");
                let _ = writeln!(out, "{margin} | {}{}", " ".repeat(column - 1), "^".repeat(marks));
            }
            None => {
                let _ = writeln!(out, "{margin}--> {}", self.place.file);
            }
        }
        if !self.mend.is_empty() {
            let _ = writeln!(out, "{margin} = {}", self.mend);
        }
    }

    /// How many characters to underline: the stretch, cut at the end of its first line.
    fn width(&self, source: &str, column: usize) -> usize {
        let rest = source.chars().count().saturating_sub(column - 1);
        (self.place.end.saturating_sub(self.place.start)).clamp(1, rest.max(1))
    }
}

/// All the flaws of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub flaws: Vec<Flaw>,
}

impl Report {
    /// Adds what stops the publication.
    pub fn error(&mut self, place: &Place, message: impl Into<String>, mend: impl Into<String>) {
        self.push(Gravity::Error, place, message.into(), mend.into());
    }

    /// Adds what deserves a look.
    pub fn remark(&mut self, place: &Place, message: impl Into<String>, mend: impl Into<String>) {
        self.push(Gravity::Remark, place, message.into(), mend.into());
    }

    /// Whether the package is refused.
    pub fn has_errors(&self) -> bool {
        self.flaws.iter().any(|f| f.gravity == Gravity::Error)
    }

    /// How many flaws stop the publication.
    pub fn errors(&self) -> usize {
        self.flaws.iter().filter(|f| f.gravity == Gravity::Error).count()
    }

    /// The whole report as the terminal shows it, ended by one line that counts.
    pub fn render(&self, files: &Files) -> String {
        let mut out = String::new();
        for flaw in &self.flaws {
            flaw.render(files, &mut out);
            out.push('\n');
        }
        let remarks = self.flaws.len() - self.errors();
        out.push_str(&match (self.errors(), remarks) {
            (0, 0) => "Rien à redire.".to_owned(),
            (0, n) => format!("{} ; le paquet peut être mis en ligne.", counted(n, "remarque")),
            (e, 0) => format!("{} ; le paquet ne peut pas être mis en ligne.", counted(e, "erreur")),
            (e, n) => format!("{} et {} ; le paquet ne peut pas être mis en ligne.", counted(e, "erreur"), counted(n, "remarque")),
        });
        out.push('\n');
        out
    }

    /// One sentence for a page: the first error and how many others.
    pub fn sentence(&self, files: &Files) -> String {
        let Some(first) = self.flaws.iter().find(|f| f.gravity == Gravity::Error) else {
            return "Rien à redire.".to_owned();
        };
        match self.errors() {
            1 => first.line(files),
            n => format!("{} (et {})", first.line(files), counted(n - 1, "autre erreur")),
        }
    }

    /// Sorts by file and place, errors and remarks together, and drops repeats.
    pub(crate) fn settle(&mut self) {
        self.flaws.sort_by(|a, b| (&a.place, a.gravity, &a.message).cmp(&(&b.place, b.gravity, &b.message)));
        self.flaws.dedup();
    }

    fn push(&mut self, gravity: Gravity, place: &Place, message: String, mend: String) {
        self.flaws.push(Flaw { gravity, place: place.clone(), message, mend });
    }
}

fn counted(n: usize, word: &str) -> String {
    match n {
        1 => format!("1 {word}"),
        _ => format!("{n} {}", word.split(' ').map(|w| format!("{w}s")).collect::<Vec<_>>().join(" ")),
    }
}

/// Line and column of a byte, from 1, in characters.
pub(crate) fn position(text: &str, byte: usize) -> (usize, usize) {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    let before = &text[..byte];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |i| i + 1);
    (line, before[start..].chars().count() + 1)
}

/// The known name nearest to a misspelt one, when it is near enough to be what was meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).max(1);
    known.into_iter().map(|k| (distance(word, k), !k.starts_with(word), k)).filter(|(d, _, _)| *d <= limit).min().map(|(_, _, k)| k)
}

/// « vouliez-vous dire … ? », or the list of what is known.
pub(crate) fn suggest<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    if let Some(near) = nearest(word, known.clone()) {
        return format!("vouliez-vous dire « {near} » ?");
    }
    let names: Vec<&str> = known.into_iter().take(12).collect();
    match names.as_slice() {
        [] => "rien n’est déclaré sous ce genre de nom".to_owned(),
        names => format!("possible ici : {}", names.join(", ")),
    }
}

/// Damerau-Levenshtein distance (one swap of neighbours counts one).
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_letter_one_missing_one_swap_are_near() {
        assert_eq!(distance("velo", "vélo"), 1);
        assert_eq!(distance("acte", "actes"), 1);
        assert_eq!(distance("acte", "atce"), 1);
        assert_eq!(nearest("prx", ["prix", "date_achat"]), Some("prix"));
        assert_eq!(nearest("zzzz", ["prix", "date_achat"]), None);
    }

    #[test]
    fn positions_count_characters_not_bytes() {
        assert_eq!(position("é = 1\nab", 3), (1, 3));
        assert_eq!(position("é = 1\nab", 8), (2, 2));
    }
}
