//! The migration files, embedded in the program in the order of their names.

use kernel::db::migrate::Migration;

#[derive(rust_embed::Embed)]
#[folder = "../../migrations"]
struct Files;

/// All steps, first to last.
pub fn all() -> Vec<Migration> {
    let mut steps: Vec<Migration> = Files::iter().filter(|file| file.ends_with(".sql")).filter_map(|file| read(&file)).collect();
    steps.sort_by(|a, b| a.name.cmp(&b.name));
    steps
}

fn read(file: &str) -> Option<Migration> {
    let bytes = Files::get(file)?.data;
    let name = file.trim_end_matches(".sql").to_owned();
    Some(Migration { name, sql: String::from_utf8_lossy(&bytes).into_owned() })
}
