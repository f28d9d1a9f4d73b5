//! The kernel's own layouts and parts, drawn with the engine: a page of each layout that uses every part.

use serde_json::{Value as Json, json};

use super::*;
use crate::web::{
    Audience, Site,
    question::{Choice, Question},
};

const PAGES: [(&str, &str); 5] = [
    ("page.html", include_str!("socle_tests/page.html")),
    ("step.html", include_str!("socle_tests/step.html")),
    ("agent_page.html", include_str!("socle_tests/agent_page.html")),
    ("mail_page.html", include_str!("socle_tests/mail_page.html")),
    ("only.html", "{% extends \"layout_plain.html\" %}{% block title %}Seule{% endblock %}{% block main %}<h1>Seule</h1>{% endblock %}"),
];

fn templates() -> Templates {
    let pages = Source {
        prefix: "",
        get: |path| PAGES.iter().find(|(name, _)| *name == path).map(|(_, text)| text.to_string()),
        list: || PAGES.iter().map(|(name, _)| name.to_string()).collect(),
    };
    Templates::new(&[pages, Source::of::<KernelTemplates>("")], Words::installed()).expect("templates")
}

fn draw(name: &str, page: &impl Serialize, audience: Audience) -> String {
    templates().render_named(name, page, &Site::sample(audience)).unwrap_or_else(|error| panic!("{name}: {error:#}"))
}

fn page() -> Json {
    json!({"errors": [{"field": "nom", "sentence": "Indiquez le nom, par exemple l'\"Aure\" ?"}], "at": "2026-11-24T13:05:00Z"})
}

/// A question with all it can have.
fn question(kind: &dyn kinds::Kind) -> Question {
    let choices = vec![Choice::new("a", "Un", true), Choice { hint: Some("x".into()), ..Choice::new("b", "Deux", false) }];
    Question {
        hint: Some("Par exemple : 12.".into()),
        required: false,
        error: Some("Indiquez-le.".into()),
        choices,
        value: "x".into(),
        source: Some("Déclaré par vous".into()),
        max_length: Some(200),
        ..Question::new(kind, "q", "Votre réponse ?")
    }
}

/// The questions of a step, as its page has them.
#[derive(Serialize)]
struct Step {
    errors: Vec<crate::FieldError>,
    questions: Vec<Question>,
}

fn well_formed(html: &str) {
    for tag in ["main", "div", "section", "form", "fieldset", "ul", "ol", "p", "table", "span"] {
        let open = html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
        assert_eq!(open, html.matches(&format!("</{tag}>")).count(), "<{tag}> in\n{html}");
    }
}

#[test]
fn a_page_of_people_draws_every_part() {
    let html = draw("page.html", &page(), Audience::Public);
    well_formed(&html);
    assert!(html.contains("<title>Erreur\u{a0}:"), "{html}");
    assert!(html.contains("par exemple l’&quot;Aure&quot;\u{202f}?") && !html.contains("&amp;"), "escaped once\n{html}");
    assert!(html.contains("24\u{a0}novembre 2026 à 14\u{a0}h\u{a0}05"), "{html}");
}

#[test]
fn a_step_draws_every_kind_of_question() {
    let questions: Vec<Question> = kinds::all().iter().map(|kind| question(*kind)).collect();
    let html = draw("step.html", &Step { errors: vec![], questions }, Audience::Public);
    well_formed(&html);
    assert_eq!(html.matches("Votre réponse\u{202f}?").count(), kinds::all().len(), "{html}");
}

#[test]
fn agents_mails_and_plain_pages_are_drawn() {
    well_formed(&draw("agent_page.html", &json!({}), Audience::Agent));
    well_formed(&draw("only.html", &json!({}), Audience::Public));
    let look = json!({"paper": "#fff", "sheet": "#fff", "ink": "#000", "ink_2": "#333", "link": "#00f", "brand": "#0b5a63", "on_brand": "#fff", "wash_2": "#eee"});
    let site = json!({
        "tenant": {"name": "Commune d’Exemple", "baseline": "", "phone": "02 37 00 00 00", "hours": ""},
        "light": look, "dark": look, "stones": [{"width": 40, "colour": "#123"}, {"width": 60, "colour": "#456"}],
    });
    let mail = templates().render_named("mail_page.html", &json!({}), &site).unwrap_or_else(|error| panic!("{error:#}"));
    well_formed(&mail);
    assert!(mail.contains("href=\"https://exemple.fr/a?b=1\""), "{mail}");
}

#[test]
fn an_error_is_drawn_for_people_and_agents() {
    for audience in [Audience::Public, Audience::Agent] {
        let page = json!({
            "audience": audience, "title": "Page introuvable", "sentence": "Cette page n'existe pas.", "is_saved": true,
            "status": 404, "number": "a1b2", "errors": [],
        });
        well_formed(&draw("errors/erreur.html", &page, audience));
    }
}

#[test]
fn every_icon_that_a_template_names_is_drawn() {
    let drawn = drawings(&[Source::of::<KernelTemplates>("")]);
    let templates = templates();
    for name in templates.names() {
        let text = templates.0.sources.iter().find_map(|source| source.read(&name)).unwrap_or_default();
        for (at, _) in text.match_indices("\"|icon") {
            let icon = text[..at].rsplit('"').next().unwrap_or_default();
            assert!(drawn.contains_key(icon), "{name} wants {icon}");
        }
    }
}
