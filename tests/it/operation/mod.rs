//! What the operator does: back up, restore, stop, open a space, keep files in a bucket, let somebody else's tool try
//! the API. The program is the real one, and so is what stands around it.

mod addresses;
mod backup;
mod bucket;
mod checking;
mod schemathesis;
mod stop;

use std::process::Command;

/// The Python of `./test`, if it has this module; a reason is printed when it has not.
fn python_with(module: &str) -> Option<String> {
    let python = std::env::var("PARVIS_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
    let asked = Command::new(&python).args(["-c", &format!("import {module}")]).output();
    if asked.is_ok_and(|out| out.status.success()) {
        return Some(python);
    }
    println!("skipped: {python} has no module {module}; ./test installs it");
    None
}
