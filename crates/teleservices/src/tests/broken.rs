//! Broken packages, and the exact words that refuse each: file, line, column, what, the mend. The corpus is
//! `broken.toml`; what a folder or an archive may hold is tried here too.

use super::ready_made::read;
use crate::package::{Files, Gravity, MAX_FILE, Package, Report, Words};
use flate2::{Compression, write::GzEncoder};
use std::fmt::Write;

#[derive(serde::Deserialize)]
struct Corpus {
    cas: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    paquet: String,
    fichier: String,
    remplace: String,
    par: String,
    dit: String,
}

#[test]
fn each_fault_is_said_with_its_place_and_its_mend() {
    let corpus: Corpus = toml::from_str(include_str!("broken.toml")).unwrap();
    assert!(corpus.cas.len() > 50);
    for case in corpus.cas {
        let files = read(&case.paquet);
        let text = files.get(&case.fichier).unwrap();
        assert!(text.contains(&case.remplace), "{} does not hold {}", case.fichier, case.remplace);
        let files = files.clone().with(&case.fichier, text.replacen(&case.remplace, &case.par, 1));
        assert_eq!(said(&files), case.dit, "{} → {}", case.remplace, case.par);
    }
}

fn said(files: &Files) -> String {
    let checked = Package::check(files, &Words::default());
    let mut out = String::new();
    for flaw in &checked.report.flaws {
        let word = if flaw.gravity == Gravity::Error { "" } else { "remarque : " };
        writeln!(out, "{word}{} = {}", flaw.line(files), flaw.mend).unwrap();
    }
    out.trim_end().to_owned()
}

#[test]
fn a_report_shows_the_line_and_underlines_the_fault() {
    let files = read("contact");
    let text = files.get("circuit.toml").unwrap().replacen("mail = \"reponse\"", "mail = \"response\"", 1);
    let files = files.with("circuit.toml", text);
    let report = Package::check(&files, &Words::default()).report.render(&files);
    assert!(
        report.starts_with(
            "erreur : il n’y a pas de courrier « response »\n  --> circuit.toml:56:8\n   |\n56 | mail = \"response\"\n   |        ^^^^^^^^^^\n   = vouliez-vous dire « reponse » ?\n"
        ),
        "{report}"
    );
    assert!(report.ends_with("1 erreur et 1 remarque ; le paquet ne peut pas être mis en ligne.\n"), "{report}");
}

fn message(refused: Result<Files, Report>) -> String {
    refused.unwrap_err().flaws[0].message.clone()
}

#[test]
fn a_package_holds_only_the_files_of_the_format() {
    let base = || vec![("teleservice.toml".to_owned(), "format = 1".to_owned())];
    let with = |path: &str, text: String| {
        let mut texts = base();
        texts.push((path.to_owned(), text));
        message(Files::from_texts(texts))
    };
    assert_eq!(with("script.sh", "rm".into()), "le fichier « script.sh » n’a pas sa place dans un paquet");
    assert_eq!(with("page/01-a.toml", String::new()), "le dossier « page » n’a pas sa place dans un paquet");
    assert_eq!(with("pages/01-Été.toml", String::new()), "« 01-Été.toml » n’est pas un nom attendu dans « pages »");
    assert_eq!(with("../pages/01-a.toml", String::new()), "le dossier « .. » n’a pas sa place dans un paquet");
    assert_eq!(with("regles.toml", "x".repeat(MAX_FILE + 1)), "le paquet est trop gros : 256 Kio par fichier et 2 Mio en tout");
    let many = (0..300).map(|n| (format!("pages/{n}-a.toml"), String::new()));
    assert_eq!(message(Files::from_texts(many)), "un paquet a au plus 200 fichiers");
    let nothing: [(&str, &str); 0] = [];
    assert_eq!(message(Files::from_texts(nothing)), "il n’y a pas de fichier « teleservice.toml »");
}

#[test]
fn a_folder_with_a_link_or_a_text_that_is_not_utf8_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("teleservice.toml"), [0xff, 0xfe]).unwrap();
    assert_eq!(message(Files::read(folder.path())), "ce fichier n’est pas un texte en UTF-8");
    std::fs::write(folder.path().join("teleservice.toml"), "format = 1").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("regles.toml")).unwrap();
    assert_eq!(message(Files::read(folder.path())), "un lien symbolique est refusé");
}

/// An archive made by hand, as somebody who means harm would.
fn archive(entries: &[(&str, &[u8], tar::EntryType)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, bytes, kind) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_size(bytes.len() as u64);
        header.as_gnu_mut().unwrap().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_cksum();
        tar.append(&header, *bytes).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

#[test]
fn an_archive_cannot_escape_nor_explode() {
    use tar::EntryType::{Regular, Symlink};
    let of = |entries: &[(&str, &[u8], tar::EntryType)]| message(Files::unpack(&archive(entries)));
    assert_eq!(of(&[("../regles.toml", b"x", Regular)]), "ce chemin sort du paquet");
    assert_eq!(of(&[("/etc/regles.toml", b"x", Regular)]), "ce chemin sort du paquet");
    assert_eq!(of(&[("regles.toml", b"", Symlink)]), "l’archive contient autre chose que des fichiers (lien, périphérique…)");
    let bomb = vec![b'a'; 50_000_000];
    assert_eq!(of(&[("regles.toml", &bomb, Regular)]), "le paquet est trop gros : 256 Kio par fichier et 2 Mio en tout");
    let twice: [(&str, &[u8], tar::EntryType); 2] = [("teleservice.toml", b"a = 1", Regular), ("teleservice.toml", b"b = 2", Regular)];
    assert_eq!(of(&twice), "ce fichier est deux fois dans l’archive");
    assert_eq!(message(Files::unpack(b"not an archive")), "ce n’est pas une archive .tar.gz lisible");
}

#[test]
fn what_is_packed_is_unpacked_alike_and_always_the_same() {
    let files = read("acte-etat-civil");
    let packed = files.pack().unwrap();
    assert_eq!(packed, files.pack().unwrap());
    let back = Files::unpack(&packed).unwrap();
    assert_eq!(back, files);
    assert_eq!(back.digest(), files.digest());
    assert_ne!(read("contact").digest(), files.digest());
    assert_eq!(Files::from_json(&files.to_json()).unwrap(), files);
}

#[test]
fn too_many_questions_are_refused() {
    let question = |n: usize| format!("[[question]]\nid = \"q{n}\"\nkind = \"texte\"\nlibelle = \"Q\"\n");
    let page = format!("[page]\ntitre = \"Longue\"\n{}", (0..501).map(question).collect::<String>());
    let said = said(&read("contact").with("pages/02-longue.toml", page));
    assert!(said.contains("ce téléservice a 508 questions sur 2 pages = au plus 500 questions sur 60 pages"), "{said}");
}
