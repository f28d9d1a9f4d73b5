//! Letters rendered whole, and read back with poppler, as a reader would.

use std::process::Command;

use proptest::prelude::*;

use crate::*;

/// A decision with something of everything.
fn decision() -> Letter {
    let mut letter = Letter::new("Décision d'attribution de l'aide à l'achat d'un vélo", jiff::civil::date(2026, 11, 24));
    letter.sender = Sender {
        name: "Agglomération du Pays de Lys".into(),
        lines: ["Direction des mobilités", "12 place du Marché", "62190 Beaulieu-sur-Lys", "02 32 00 00 00 – mobilites@paysdelys.example"]
            .map(String::from)
            .to_vec(),
        logo_svg: None,
        brand: "#0b5a63".into(),
    };
    letter.recipient =
        ["Madame Inès BONNARD", "Bâtiment C, appartement 12", "4 rue de l'Abreuvoir", "62190 BEAULIEU-SUR-LYS"].map(String::from).to_vec();
    letter.reference = vec![("Dossier".into(), "D-2026-004512".into()), ("Affaire suivie par".into(), "Paul Lemoine".into())];
    letter.place_date = "Beaulieu-sur-Lys, le 24 novembre 2026".into();
    letter.blocks = vec![
        Block::text("Madame,"),
        Block::Paragraph(vec![
            Inline::text(
                "Vous avez demandé le 3 novembre 2026 une aide pour l'achat d'un vélo à assistance électrique. Après examen de votre dossier, complet depuis le 10 novembre 2026, nous avons le plaisir de vous ",
            ),
            Inline::bold("accorder une aide de 1 890,00 €"),
            Inline::text(". Elle sera versée sur le compte que vous avez indiqué, dans un délai de 30 jours."),
        ]),
        Block::Facts(vec![
            ("Vélo".into(), "Vélo à assistance électrique, neuf".into()),
            ("Prix d'achat".into(), "2 450,00 €".into()),
            ("Aide accordée".into(), "1 890,00 €".into()),
        ]),
        Block::Heading("Ce que vous vous engagez à faire".into()),
        Block::List(vec![
            vec![Inline::text("garder le vélo trois ans ;")],
            vec![Inline::text("répondre à une enquête par an, "), Inline::link("en ligne", "https://paysdelys.example/enquete"), Inline::text(".")],
        ]),
        Block::Notice {
            title: "Voies et délais de recours".into(),
            text: vec![
                Inline::text(
                    "Si vous contestez cette décision, vous pouvez, dans les deux mois qui suivent sa notification, former un recours gracieux auprès de la présidente, ou saisir le tribunal administratif de Rouen, 53 avenue Gustave-Flaubert, 76000 Rouen, ou par ",
                ),
                Inline::link("www.telerecours.fr", "https://www.telerecours.fr"),
                Inline::text("."),
            ],
        },
    ];
    letter.signature = Some(Signature {
        name: "Claire Delaunay".into(),
        role: "La vice-présidente chargée des mobilités".into(),
        service: "Direction des mobilités".into(),
    });
    letter.footer = vec!["Agglomération du Pays de Lys – 12 place du Marché, 62190 Beaulieu-sur-Lys – www.paysdelys.example".into()];
    letter
}

/// Keeps a letter to look at, in the folder named by `PARVIS_KEEP_PDF`.
fn keep(name: &str, pdf: &[u8]) {
    if let Ok(folder) = std::env::var("PARVIS_KEEP_PDF") {
        std::fs::write(format!("{folder}/{name}.pdf"), pdf).unwrap();
    }
}

/// What a tool of poppler says of a PDF.
fn poppler(tool: &str, options: &[&str], pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.pdf");
    std::fs::write(&path, pdf).unwrap();
    let mut command = Command::new(tool);
    command.args(options).arg(&path);
    if tool == "pdftotext" {
        command.arg("-");
    }
    let output = command.output().expect("poppler-utils is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Titles of headings come out in UTF-16, the rest in UTF-8.
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn text_of(pdf: &[u8]) -> String {
    poppler("pdftotext", &["-layout"], pdf).replace(['\u{A0}', '\u{202F}'], " ")
}

#[test]
fn a_decision_is_one_page_that_declares_both_standards() {
    let pdf = render(&decision()).unwrap();
    keep("decision", &pdf);
    let seen = check(&pdf).unwrap();
    assert_eq!(seen.title, "Décision d’attribution de l’aide à l’achat d’un vélo");
    assert_eq!(seen.pages, 1);
}

#[test]
fn the_structure_says_what_each_part_is() {
    let tags = check(&render(&decision()).unwrap()).unwrap().tags;
    for (tag, count) in [("H1", 1), ("H2", 1), ("L", 1), ("LI", 2), ("Table", 1), ("TR", 3), ("TH", 3), ("TD", 3), ("Link", 2)] {
        assert_eq!(tags.get(tag), Some(&count), "{tag} in {tags:?}");
    }
}

#[test]
fn a_screen_reader_hears_sender_recipient_subject_body_signature() {
    let heard = poppler("pdfinfo", &["-struct-text"], &render(&decision()).unwrap());
    let order = ["Agglomération", "Inès", "D-2026-004512", "Décision", "Madame,", "enquête", "recours", "Claire"];
    let places: Vec<_> = order.iter().map(|word| heard.find(word).unwrap_or_else(|| panic!("{word} in {heard}"))).collect();
    assert!(places.is_sorted(), "{heard}");
    assert!(!heard.contains("Page 1"), "page numbers are not read: {heard}");
}

#[test]
fn the_address_stands_in_the_window_of_the_envelope() {
    let words = poppler("pdftotext", &["-bbox"], &render(&decision()).unwrap());
    let line = words.lines().find(|l| l.contains(">BONNARD<")).unwrap();
    let number = |name: &str| -> f64 { line.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().parse().unwrap() };
    let millimetres = 25.4 / 72.0;
    assert!((110.0..200.0).contains(&(number("xMin") * millimetres)), "{line}");
    assert!((45.0..85.0).contains(&(number("yMin") * millimetres)), "{line}");
}

#[test]
fn hostile_text_is_printed_and_never_run() {
    let hostile = "#read(\"/etc/passwd\") #import \"@preview/x:1.0.0\": * $ \\ _a_ *b* \") + read(\"letter.json\") <label> @ref = //";
    let mut letter = decision();
    letter.blocks = vec![Block::text(hostile), Block::Facts(vec![(hostile.into(), hostile.into())]), Block::Heading(hostile.into())];
    letter.recipient = vec![hostile.into()];
    letter.sender.name = hostile.into();
    let text = text_of(&render(&letter).unwrap());
    assert!(text.contains("#read(\"/etc/passwd\")"), "{text}");
    assert!(!text.contains("root:"), "{text}");
}

#[test]
fn a_logo_is_drawn_and_a_bad_one_is_named() {
    let good = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><rect width="10" height="10" fill="#0b5a63"/><circle cx="20" cy="5" r="5"/></svg>"##;
    assert_eq!(check_logo(good), Ok(()));
    let mut letter = decision();
    letter.sender.logo_svg = Some(good.into());
    check(&render(&letter).unwrap()).unwrap();
    assert!(matches!(check_logo("<svg"), Err(Error::Logo(_))));
}

#[test]
fn a_logo_cannot_read_files() {
    let svg = r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9"><image xlink:href="/etc/passwd" width="9" height="9"/></svg>"#;
    assert!(check_logo(svg).is_err());
}

#[test]
fn three_pages_are_numbered_and_keep_one_title() {
    let mut letter = decision();
    letter.blocks = (1..=45).map(|i| Block::text(format!("{i}. {}", "Un paragraphe de longueur moyenne. ".repeat(6)))).collect();
    let pdf = render(&letter).unwrap();
    keep("three", &pdf);
    let pages = check(&pdf).unwrap().pages;
    assert!(pages >= 3);
    let text = text_of(&pdf);
    assert!(text.contains(&format!("Page 2 sur {pages}")), "{text}");
}

#[test]
fn extreme_data_stays_on_the_page() {
    let long = "X".repeat(400);
    let mut letter = Letter::new(long.clone(), jiff::civil::date(2026, 11, 24));
    letter.sender.name = long.clone();
    letter.recipient = vec![long.clone(); 12];
    letter.reference = vec![(long.clone(), long.clone())];
    letter.footer = vec![long.clone(); 3];
    letter.signature = Some(Signature { name: long.clone(), ..Signature::default() });
    letter.blocks = vec![
        Block::text(long.clone()),
        Block::text(format!("https://exemple.fr/é{long}")),
        Block::Numbered(vec![vec![Inline::text(long.clone())]; 12]),
        Block::Notice { title: long.clone(), text: vec![Inline::text(long.clone())] },
        Block::List(vec![vec![Inline::bold(long.clone())]]),
        Block::Facts(vec![(long.clone(), long.clone())]),
        Block::Paragraph(vec![Inline::link("", format!("https://exemple.fr/{long}"))]),
        Block::Paragraph(vec![Inline::link("suivi", format!("https://exemple.fr/{long}"))]),
    ];
    let pdf = render(&letter).unwrap();
    keep("extreme", &pdf);
    let words = poppler("pdftotext", &["-bbox"], &pdf);
    let right = words.lines().filter_map(|l| l.split("xMax=\"").nth(1)?.split('"').next()?.parse::<f64>().ok());
    let furthest = right.fold(0.0, f64::max) * 25.4 / 72.0;
    assert!(furthest <= 190.5, "{furthest} mm");
}

#[test]
fn an_empty_letter_is_still_a_letter() {
    let mut letter = Letter::new("Titre", jiff::civil::date(2026, 11, 24));
    letter.blocks = vec![
        Block::List(vec![]),
        Block::List(vec![vec![]]),
        Block::Facts(vec![]),
        Block::Paragraph(vec![]),
        Block::text(" "),
        Block::Heading(String::new()),
    ];
    letter.signature = Some(Signature::default());
    let seen = check(&render(&letter).unwrap()).unwrap();
    assert_eq!(seen.tags.get("L"), None);
}

#[test]
fn signs_that_no_font_has_are_shown_as_a_square() {
    let mut letter = decision();
    letter.blocks = vec![Block::text("Zoé 😀 مرحبا Łukasz Nguyễn Ελένη Иван")];
    let text = text_of(&render(&letter).unwrap());
    assert!(text.contains("Zoé □ □□□□□ Łukasz Nguyễn Ελένη Иван"), "{text}");
}

#[test]
fn every_sign_of_the_fonts_may_be_printed() {
    let signs: Vec<char> = ('!'..='\u{1FFFF}').filter(|c| world::can_draw(*c)).collect();
    assert!(signs.len() > 2_000, "{}", signs.len());
    let mut letter = decision();
    letter.blocks = signs.chunks(20).map(|line| Block::text(line.iter().collect::<String>())).collect();
    check(&render(&letter).unwrap()).unwrap();
}

#[test]
fn the_same_letter_gives_the_same_bytes() {
    assert_eq!(render(&decision()).unwrap(), render(&decision()).unwrap());
}

#[test]
fn a_file_that_is_not_ours_is_refused() {
    assert!(check(b"%PDF-1.7\n%%EOF").is_err());
    let pdf = render(&decision()).unwrap();
    let plain = String::from_utf8_lossy(&pdf).replace("<pdfuaid:part>1", "<pdfuaid:part>2");
    assert_eq!(check(plain.as_bytes()), Err("not PDF/UA-1".to_owned()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_text_gives_a_conforming_file(text in "\\PC{1,40}", name in any::<String>(), url in any::<String>()) {
        let mut letter = Letter::new(format!("Titre {text}"), jiff::civil::date(2026, 11, 24));
        letter.recipient = vec![name.clone()];
        letter.blocks = Letter::markdown(&text);
        letter.blocks.push(Block::Facts(vec![(name.clone(), text)]));
        letter.blocks.push(Block::Paragraph(vec![Inline::link(name, format!("https://{url}"))]));
        let pdf = render(&letter).unwrap();
        prop_assert!(check(&pdf).is_ok());
    }
}
