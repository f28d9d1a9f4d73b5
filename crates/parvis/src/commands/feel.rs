//! `parvis feel`: lets an integrator try a rule. JSON lines in, JSON lines out; one bad line does not stop the others.

use std::io::{BufRead as _, Write as _};

use kernel::Result;

/// Reads the standard input to its end. Numbers keep all their figures, so lines are answered as text.
pub fn run() -> Result<()> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if !line.trim().is_empty() {
            writeln!(out, "{}", ::feel::answer_line(&line))?;
        }
    }
    Ok(())
}
