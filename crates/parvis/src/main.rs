//! The `parvis` program: reads the command line, runs one command, says in French what went wrong.

use std::process::ExitCode;

/// A page is some thousand small pieces, made and dropped at once: the system's allocator takes a quarter of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    parvis::boot::keep_to_ourselves();
    parvis::commands::run()
}
