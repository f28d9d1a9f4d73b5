//! The `parvis` program: reads the command line, runs one command, says in French what went wrong.

use std::process::ExitCode;

fn main() -> ExitCode {
    parvis::boot::keep_to_ourselves();
    parvis::commands::run()
}
