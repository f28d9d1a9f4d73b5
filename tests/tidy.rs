//! The conventions that a test can keep: every rule marked (T) in CONVENTIONS.md has here a function named after its
//! number. They read files as text; what needs a running program is in `it/`, and is named here.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The crates of the domains, left to right.
const DOMAINS: &[&str] = &["comptes", "rgpd", "echanges", "referentiel", "teleservices", "dossiers"];

struct File {
    path: String,
    text: String,
}

impl File {
    /// The code, without its unit tests.
    fn code(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap_or_default()
    }

    fn is(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.path.ends_with(name) || self.path.contains(&format!("{name}/")))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the root of the tree")
}

fn files(folder: &str, extension: &str) -> Vec<File> {
    let mut found = vec![];
    walk(&root().join(folder), extension, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn walk(folder: &Path, extension: &str, found: &mut Vec<File>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if !path.ends_with("target") && !path.ends_with("node_modules") {
                walk(&path, extension, found);
            }
        } else if path.extension().is_some_and(|e| e == extension) {
            let text = fs::read_to_string(&path).expect("a readable file");
            let path = path.strip_prefix(root()).expect("below the root").display().to_string();
            found.push(File { path, text });
        }
    }
}

fn sources() -> Vec<File> {
    files("crates", "rs")
}

fn of_crate<'a>(files: &'a [File], name: &str) -> Vec<&'a File> {
    let prefix = format!("crates/{name}/src/");
    files.iter().filter(|f| f.path.starts_with(&prefix)).collect()
}

fn none(rule: &str, faults: Vec<String>) {
    assert!(faults.is_empty(), "{rule}\n  {}", faults.join("\n  "));
}

fn has_sql(code: &str) -> bool {
    ["\"select ", "\"insert into ", "\"update ", "\"delete from "].iter().any(|start| code.contains(start))
}

#[test]
fn every_marked_rule_has_its_function() {
    let conventions = fs::read_to_string(root().join("CONVENTIONS.md")).expect("CONVENTIONS.md");
    let here = fs::read_to_string(root().join("tests/tidy.rs")).expect("this file");
    let marked = conventions.lines().filter(|line| line.contains("(T)"));
    let numbers: Vec<&str> = marked.filter_map(|line| line.split_once(". ")).map(|(n, _)| n.trim()).collect();
    assert!(numbers.len() > 10, "the marked rules were not found");
    let missing = numbers.iter().filter(|n| !here.contains(&format!("fn rule_{n}_")));
    none("a rule marked (T) without a test", missing.map(|n| format!("rule {n}")).collect());
}

#[test]
fn rule_2_sql_is_in_stores_and_axum_in_web() {
    let files = sources();
    let mut faults = vec![];
    for domain in DOMAINS {
        for file in of_crate(&files, domain) {
            if has_sql(file.code()) && !file.is(&["store.rs", "store"]) {
                faults.push(format!("{}: SQL outside store.rs", file.path));
            }
            if file.code().contains("axum::") && !file.is(&["web.rs", "web", "api.rs", "api"]) {
                faults.push(format!("{}: axum outside web/ and api.rs", file.path));
            }
        }
    }
    for file in of_crate(&files, "kernel") {
        let may = file.is(&["db", "journal", "store.rs", "store", "tenant.rs", "jobs/admin.rs"]);
        if has_sql(file.code()) && !may {
            faults.push(format!("{}: SQL outside the kernel's stores", file.path));
        }
    }
    for file in of_crate(&files, "parvis") {
        if has_sql(file.code()) {
            faults.push(format!("{}: SQL in the program", file.path));
        }
    }
    none("SQL in store.rs, axum in web/ and api.rs", faults);
}

#[test]
fn only_pages_use_pages() {
    let mut faults = vec![];
    for file in sources().iter().filter(|file| DOMAINS.iter().any(|name| file.path.starts_with(&format!("crates/{name}/src/")))) {
        if file.path.contains("/src/web/") || file.is(&["lib.rs", "api.rs"]) {
            continue;
        }
        let uses = file.code().split("use crate::").skip(1).map(|rest| rest.split(';').next().unwrap_or_default());
        let is_of_pages = |used: &str| used.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == "web");
        if uses.into_iter().any(is_of_pages) || file.code().contains("crate::web::") {
            faults.push(file.path.clone());
        }
    }
    none("what is not a page uses one: move what is shared out of web/", faults);
}

#[test]
fn rule_4_the_kernel_knows_no_word_of_a_domain() {
    let words = ["dossier", "usager", "teleservice", "piece", "courrier", "habilitation", "demarche", "foyer"];
    let mut faults = vec![];
    for file in of_crate(&sources(), "kernel") {
        if file.is(&["ids.rs", "actor.rs", "guards.rs", "gallery.rs", "journal/mod.rs", "lib.rs", "look.rs"]) {
            continue; // ids cross borders; the actor and the subject of an event are made of them
        }
        for (number, line) in file.code().lines().enumerate() {
            let is_name = |word: &&&str| {
                let line = line.to_lowercase();
                ["struct ", "enum ", "fn ", "mod ", "const "].iter().any(|k| {
                    line.split_once(k).is_some_and(|(_, rest)| {
                        rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().is_some_and(|name| name.contains(**word))
                    })
                })
            };
            if let Some(word) = words.iter().find(is_name) {
                faults.push(format!("{}:{}: {word}", file.path, number + 1));
            }
        }
    }
    none("the kernel names a domain", faults);
}

#[test]
fn rule_8_nothing_is_named_after_a_tenant() {
    let mut faults = vec![];
    for file in sources().iter().chain(&files("crates", "html")) {
        if file.path.contains("/demo") || file.path.contains("gallery") || file.path.contains("look.rs") {
            continue; // the demonstration is data
        }
        let code = file.code().to_lowercase();
        if code.contains("villeneuve") || code.contains("val d’aure") || code.contains("val_aure") {
            faults.push(file.path.clone());
        }
    }
    none("a tenant is data", faults);
}

#[test]
fn rule_11_the_clock_is_read_in_one_place() {
    let clippy = fs::read_to_string(root().join("clippy.toml")).expect("clippy.toml");
    assert!(clippy.contains("jiff::Timestamp::now") && clippy.contains("SystemTime::now"));
    let faults = sources().into_iter().filter(|f| !f.path.ends_with("kernel/src/clock.rs"));
    let faults = faults.filter(|f| ["Timestamp::now()", "SystemTime::now()", "Zoned::now()"].iter().any(|c| f.code().contains(c)));
    none("time comes through Tx or the clock", faults.map(|f| f.path).collect());
}

/// The string literals of a file that are statements, each on one line.
fn statements(code: &str) -> Vec<String> {
    let mut found = vec![];
    for start in ["\"select ", "\"insert into ", "\"update ", "\"delete from "] {
        for (at, _) in code.match_indices(start) {
            let body = &code[at + 1..];
            let mut end = 0;
            let bytes = body.as_bytes();
            while end < bytes.len() && bytes[end] != b'"' {
                end += if bytes[end] == b'\\' { 2 } else { 1 };
            }
            found.push(body[..end.min(body.len())].replace("\\\n", " ").split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    found
}

#[test]
fn rule_13_the_tenant_is_the_first_value_of_every_statement() {
    let mut faults = vec![];
    for file in sources().iter().filter(|f| DOMAINS.iter().any(|d| f.path.starts_with(&format!("crates/{d}/src/")))) {
        for sql in statements(file.code()) {
            if !sql.contains("tenant_id") || !sql.contains("$1") {
                faults.push(format!("{}: {sql}", file.path));
            }
        }
    }
    none("a statement without its tenant", faults);
}

#[test]
fn rule_22_one_text_serves_both_databases() {
    let forbidden = [" like ", " ilike ", " offset ", "now()", "for update", "skip locked", "array[", "::", "pragma ", "rowid", "datetime("];
    let mut faults = vec![];
    for file in sources().iter().filter(|f| !f.is(&["kernel/src/db"])) {
        for sql in statements(file.code()) {
            let lower = sql.to_lowercase();
            faults.extend(forbidden.iter().filter(|w| lower.contains(**w)).map(|w| format!("{}: `{w}` in {sql}", file.path)));
        }
    }
    none("SQL that one of the databases does not speak alike", faults);
}

#[test]
fn rule_23_columns_have_the_allowed_types() {
    let types = ["text", "bigint", "double", "boolean", "uuid", "timestamptz", "date", "jsonb", "bytea"];
    let mut faults = vec![];
    for file in files("migrations", "sql") {
        let mut inside = false;
        for line in file.text.lines().map(str::trim) {
            if line.starts_with("create table") {
                inside = true;
            } else if line.starts_with(')') {
                inside = false;
            } else if inside
                && !line.is_empty()
                && !line.starts_with("--")
                && !line.starts_with("primary key")
                && !line.starts_with("foreign key")
                && !line.starts_with("references")
            {
                let kind = line.split_whitespace().nth(1).unwrap_or_default().trim_end_matches(',');
                if !types.contains(&kind) {
                    faults.push(format!("{}: {line}", file.path));
                }
            }
        }
    }
    none("a column type that the two databases do not share", faults);
}

#[test]
fn rule_25_use_cases_borrow_transactions() {
    // Numbers are taken by blocks in a unit of their own, so that no deposit waits for another's.
    let may = ["web", "web.rs", "api", "api.rs", "jobs", "jobs.rs", "dossiers/src/numbers.rs"];
    let mut faults = vec![];
    for domain in DOMAINS {
        for file in of_crate(&sources(), domain) {
            let opens = [".db.write(", ".db.read(", "db.write(&", "db.read(&"].iter().any(|c| file.code().contains(c));
            if opens && !file.is(&may) {
                faults.push(file.path.clone());
            }
        }
    }
    none("a transaction opened outside web, api, jobs", faults);
}

#[test]
fn rule_27_every_table_of_a_person_says_how_long_it_keeps() {
    let all: String = sources().iter().filter(|f| f.text.contains("PersonalData for")).map(|f| f.text.clone()).collect();
    let mut faults = vec![];
    for file in files("migrations", "sql") {
        for table in file.text.split("create table ").skip(1) {
            let name = table.split_whitespace().next().unwrap_or_default();
            let body = table.split(");").next().unwrap_or_default();
            if (body.contains("usager_id") || body.contains("mail") || name == "usager") && !all.contains(&format!("table: \"{name}\"")) {
                faults.push(format!("{}: {name}", file.path));
            }
        }
    }
    none("a table with personal data and no retention rule", faults);
}

/// Rules that only a running program can keep: the test that does is named, and must exist.
fn kept_by(test: &str, file: &str) {
    let text = fs::read_to_string(root().join(file)).unwrap_or_default();
    assert!(text.contains(&format!("fn {test}")), "{file} has no test {test}");
}

#[test]
fn rule_31_every_page_renders_with_its_samples() {
    kept_by("every_page_renders_with_every_sample", "tests/it/templates.rs");
}

#[test]
fn rule_32_words_are_in_templates() {
    let mut faults = vec![];
    for file in files("crates", "html") {
        if file.path.contains("/mail") {
            continue; // mail readers drop style sheets
        }
        for (number, line) in file.text.lines().enumerate() {
            if line.contains("style=\"") || line.contains("onclick=") || line.contains("<script>") {
                faults.push(format!("{}:{}: inline style or script", file.path, number + 1));
            }
        }
    }
    none("templates hold words and structure, nothing inline", faults);
}

#[test]
fn rule_35_the_api_document_is_a_snapshot() {
    kept_by("the_api_document_is_the_reviewed_one", "tests/it/api.rs");
}

#[test]
fn rule_36_data_leaves_by_one_door() {
    let api = sources().into_iter().filter(|f| f.path.ends_with("api.rs") && f.path.contains("referentiel"));
    for file in api {
        assert!(file.code().contains("disclose("), "{}: reads without the exit check", file.path);
        assert!(!file.code().contains("referentiel::record(") && !file.code().contains("crate::record("), "{}: reads without a permit", file.path);
    }
    let permits = sources().into_iter().filter(|f| f.code().contains("Permit {") && !f.path.contains("rgpd/src/disclose.rs"));
    none("a permit made elsewhere", permits.map(|f| f.path).collect());
}

#[test]
fn rule_39_each_route_is_tried_by_each_role() {
    kept_by("each_route_answers_each_role_as_reviewed", "tests/it/access.rs");
}

#[test]
fn rule_40_a_left_over_job_fails_its_test() {
    kept_by("drop", "tests/it/support/app.rs");
}

#[test]
fn rule_42_every_file_says_what_it_is_for() {
    let all = sources().into_iter().chain(files("tests", "rs"));
    none("a file that does not start with //!", all.filter(|f| !f.text.starts_with("//!")).map(|f| f.path).collect());
}

#[test]
fn the_kernel_line_of_crates_is_the_one_of_architecture() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let crates: BTreeSet<String> =
        fs::read_dir(root().join("crates")).expect("crates").flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    none("a crate that ARCHITECTURE.md does not name", crates.into_iter().filter(|name| !map.contains(&format!("`{name}`"))).collect());
}

#[test]
fn links_of_the_documents_lead_somewhere() {
    let mut faults = vec![];
    let documents = files("docs", "md").into_iter().chain(
        ["README.md", "ARCHITECTURE.md", "CONVENTIONS.md", "GLOSSARY.md", "CHANGELOG.md"]
            .map(|name| File { path: name.into(), text: fs::read_to_string(root().join(name)).unwrap_or_default() }),
    );
    for file in documents {
        let folder = root().join(&file.path).parent().expect("a folder").to_owned();
        for target in file.text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap_or_default();
            if !path.is_empty() && !path.contains("://") && !path.starts_with("mailto:") && !path.starts_with('/') && !folder.join(path).exists() {
                faults.push(format!("{}: {target}", file.path));
            }
        }
    }
    none("a link that leads nowhere", faults);
}
