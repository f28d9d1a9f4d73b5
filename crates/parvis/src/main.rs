//! The `parvis` program.
fn main() {}
