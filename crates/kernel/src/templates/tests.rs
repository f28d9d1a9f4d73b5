//! Tests of the engine, with templates of their own.

use serde_json::json;

use super::*;

const FILES: [(&str, &str); 7] = [
    ("layout.html", "<title>{% block title %}{% endblock %}</title>{% block main %}{% endblock %}"),
    ("parts.html", "{%- macro stamp(at) -%}<time>{{ at|moment }}</time>{%- endmacro -%}"),
    (
        "suivi.html",
        "{% extends \"layout.html\" %}\
         {% block title %}{{ _(\"Suivi : prêt ?\") }}{% endblock %}\
         {% block main %}{{ page.name }} {{ parts.stamp(page.at) }} {{ \"check\"|icon }} {{ page.none }}{{ page.yes }}\
         {{ page.path }} {{ page.count|plural(\"{n} dossier\", \"{n} dossiers\") }} {{ _(\"Encore {n} jours\", n=page.count) }}\
         {% endblock %}",
    ),
    ("icons.svg", "<symbol id=\"i-check\"><path d=\"m4 12\"/></symbol>\n<symbol id=\"i-cross\"/>\n"),
    ("wrong_icon.html", "{{ \"licorne\"|icon }}"),
    ("mail.txt", "{{ page.name }} {{ page.at|date }}"),
    ("hole.html", "{{ page.nothing_of_that_name }}"),
];

fn files() -> Source {
    Source {
        prefix: "",
        get: |path| FILES.iter().find(|(name, _)| *name == path).map(|(_, text)| text.to_string()),
        list: || FILES.iter().map(|(name, _)| name.to_string()).collect(),
    }
}

fn words() -> &'static Words {
    let mut words = Words::new();
    words.add("en", "msgid \"Suivi : prêt ?\"\nmsgstr \"Ready?\"\n\nmsgid \"{n} dossier\"\nmsgstr \"{n} case\"\n").expect("a catalogue");
    Box::leak(Box::new(words))
}

fn templates() -> Templates {
    Templates::new(&[files()], words()).expect("templates")
}

fn page() -> serde_json::Value {
    json!({"name": "<Inès & \"co\">", "at": "2026-11-24T13:05:00Z", "none": null, "yes": true, "path": "/a/b", "count": 1})
}

fn render(site: serde_json::Value) -> String {
    templates().render_named("suivi.html", &page(), &site).expect("rendered")
}

#[test]
fn a_page_is_escaped_where_html_needs_it_and_slashes_stay() {
    let made = render(json!({}));
    assert!(made.contains("&lt;Inès &amp; &quot;co&quot;&gt;") && made.contains("/a/b"), "{made}");
}

#[test]
fn none_writes_nothing_and_truth_is_in_lower_case() {
    let made = render(json!({}));
    assert!(made.contains("</svg> true/a/b"), "{made}");
}

#[test]
fn a_macro_shows_instants_in_the_zone_of_the_tenant() {
    assert!(render(json!({})).contains("24\u{a0}novembre 2026 à 14\u{a0}h\u{a0}05"));
    assert!(render(json!({"zone": "America/Martinique"})).contains("à 9\u{a0}h\u{a0}05"));
    assert!(render(json!({})).contains("à 14"), "the zone of a page does not stay for the next one");
}

#[test]
fn phrases_are_said_in_the_language_of_the_site() {
    let french = render(json!({"lang": "fr"}));
    assert!(french.contains("<title>Suivi\u{a0}: prêt\u{202f}?</title>") && french.contains("1 dossier Encore 1 jours"), "{french}");
    let english = render(json!({"lang": "en"}));
    assert!(english.contains("<title>Ready?</title>") && english.contains("1 case"), "{english}");
    assert!(render(json!({"lang": "xx"})).contains("prêt"));
}

#[test]
fn an_icon_is_drawn_where_it_stands_and_hidden_from_readers() {
    let made = render(json!({}));
    assert!(made.contains("<svg class=\"i\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"m4 12\"/></svg>"), "{made}");
    let unknown = templates().render_named("wrong_icon.html", &page(), &json!({})).expect_err("no such icon");
    assert!(format!("{unknown:#}").contains("licorne"), "{unknown:#}");
}

#[test]
fn a_name_that_does_not_exist_is_an_error() {
    let error = templates().render_named("hole.html", &page(), &json!({})).expect_err("a hole");
    assert!(error.to_string().contains("hole.html"), "{error}");
    assert!(templates().render_named("absent.html", &page(), &json!({})).is_err());
}

#[test]
fn text_templates_are_not_escaped() {
    let made = templates().render_named("mail.txt", &page(), &json!({})).expect("rendered");
    assert_eq!(made, "<Inès & \"co\"> 24\u{a0}novembre 2026");
}

#[test]
fn a_folder_is_reached_under_the_name_of_its_crate() {
    let source = Source { prefix: "dossiers", ..files() };
    let templates = Templates::new(&[source], words()).expect("templates");
    assert_eq!(templates.names()[1], "dossiers/parts.html");
    assert!(templates.render_named("dossiers/mail.txt", &page(), &json!({})).is_ok());
    assert!(templates.render_named("mail.txt", &page(), &json!({})).is_err());
}

#[test]
fn phrases_are_listed_for_the_translator() {
    assert_eq!(templates().phrases(), ["Encore {n} jours", "Suivi : prêt ?"]);
    assert_eq!(phrases_of("{{ _('a') if x else _(\"b\") }} {{ _(c) }}"), ["a", "b"]);
}

#[test]
fn a_phrase_alone_is_written_into_the_template() {
    let words = words();
    assert_eq!(with_phrases("a {{ _(\"L'été ?\") }} b", words, "fr"), "a L’été\u{202f}? b");
    assert_eq!(with_phrases("{{ _('Lancer la recherche') }}", words, "fr"), "Lancer la recherche");
    for kept in ["{{ _(\"a {n}\", n=1) }}", "{{ _(\"a\")|upper }}", "{{ x }}", "{{ _(page.label) }}", "{{"] {
        assert_eq!(with_phrases(kept, words, "fr"), kept);
    }
}

#[test]
fn samples_render_like_pages() {
    #[derive(Serialize)]
    struct Mail {
        name: &'static str,
        at: &'static str,
    }
    impl Page for Mail {
        const TEMPLATE: &'static str = "mail.txt";
        fn samples() -> Vec<Self> {
            vec![Self { name: "Inès", at: "2026-11-01" }, Self { name: "", at: "2026-12-02" }]
        }
    }
    let templates = templates();
    let made = samples::<Mail>().iter().map(|sample| templates.render_sample(sample, &json!({})).expect("rendered")).collect::<Vec<_>>();
    assert_eq!(made, ["Inès 1er\u{a0}novembre 2026", " 2\u{a0}décembre 2026"]);
    assert_eq!(templates.render(&Mail { name: "x", at: "2026-11-24" }, &json!({})).expect("rendered"), "x 24\u{a0}novembre 2026");
}

#[test]
fn an_edited_text_is_filled_and_its_faults_are_told_in_french() {
    let templates = templates();
    let values: HashMap<&str, serde_json::Value> = [("montant", json!(40_000)), ("le", json!("2026-11-24"))].into();
    let filled = templates.fill("Aide de {{ montant|euros }}, le {{ le|date }} & <b>", &values, None);
    assert_eq!(filled.expect("filled"), "Aide de 400,00\u{a0}€, le 24\u{a0}novembre 2026 & <b>");
    let unknown = templates.fill("a\n{{ absent }}", &values, None).expect_err("unknown name");
    assert_eq!((unknown.line, unknown.message.contains("n’existe pas")), (2, true), "{unknown}");
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
    assert!(templates.fill(endless, &values, None).expect_err("too long").message.contains("trop de calculs"));
    assert!(templates.fill("{% include \"layout.html\" %}", &values, None).is_err());
}

#[test]
fn typography_keeps_what_is_safe_and_leaves_what_is_not_text() {
    let fill = |text: &str| templates().fill(text, &json!({"n": 3, "none": null}), None).expect("filled");
    assert_eq!(fill("{{ n|fr }}{{ none|fr }}"), "3");
    let env = &templates().0.by_language["fr"];
    let html =
        env.render_named_str("x.html", "{% macro m() %}{{ \"a < b ?\" }}{% endmacro %}{{ m()|trim|fr }}", json!({}).to_string()).expect("rendered");
    assert_eq!(html, "a &lt; b\u{202f}?");
}
