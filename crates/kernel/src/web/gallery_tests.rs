//! The gallery, drawn and read: it is where a fault of a part is seen first.

use std::collections::{HashMap, HashSet};

use super::*;
use crate::{
    templates::{KernelTemplates, Source, Templates},
    web::{Audience, Site},
    words::Words,
};

fn gallery() -> String {
    let templates = Templates::new(&[Source::of::<KernelTemplates>("")], Words::installed()).unwrap();
    templates.render(&Gallery::new(), &Site::sample(Audience::Public)).unwrap_or_else(|error| panic!("{error:#}"))
}

/// The values of an attribute, wherever it stands.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let opening = format!(" {attribute}=\"");
    html.split(&opening).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn nothing_is_inline() {
    let html = gallery();
    assert!(values(&html, "style").is_empty());
    assert!(!html.contains("<style") && !html.contains("javascript:"));
    for script in html.split("<script").skip(1) {
        assert!(script.starts_with(" type=\"module\" src=\""), "{}", &script[..60]);
        assert!(script.contains("></script>"));
    }
    for (at, _) in html.match_indices(" on") {
        let word: String = html[at + 1..].chars().take_while(|letter| letter.is_ascii_lowercase()).collect();
        assert!(!html[at + 1 + word.len()..].starts_with("=\""), "{word}");
    }
}

#[test]
fn ids_are_unique() {
    let html = gallery();
    let mut seen = HashSet::new();
    for id in values(&html, "id") {
        assert!(seen.insert(id), "{id} twice");
    }
}

#[test]
fn descriptions_labels_and_anchors_lead_somewhere() {
    let html = gallery();
    let ids: HashSet<&str> = values(&html, "id").into_iter().collect();
    let told = ["aria-describedby", "aria-labelledby", "for", "popovertarget"];
    for id in told.iter().flat_map(|attribute| values(&html, attribute)).flat_map(str::split_whitespace) {
        assert!(ids.contains(id), "nothing has the id {id}");
    }
    for error in Gallery::new().errors {
        assert!(ids.contains(error.field.as_str()), "the summary leads to {}", error.field);
    }
}

#[test]
fn every_control_has_a_label_and_every_message_its_field() {
    let html = gallery();
    let labels: HashSet<&str> = values(&html, "for").into_iter().collect();
    for control in ["<input ", "<select ", "<textarea "].iter().flat_map(|tag| html.split(tag).skip(1)) {
        let control = control.split('>').next().unwrap_or_default();
        let of = |attribute| values(&format!(" {control}"), attribute).first().map(ToString::to_string);
        if of("type").as_deref() == Some("hidden") || control.contains("data-all") || of("name").as_deref() == Some("d") {
            continue;
        }
        let id = of("id").unwrap_or_else(|| panic!("a control without id: {control}"));
        assert!(labels.contains(id.as_str()), "no label for {id}");
    }
    let described: HashSet<&str> = values(&html, "aria-describedby").into_iter().flat_map(str::split_whitespace).collect();
    for message in html.split("<p class=\"err\" id=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(described.contains(message), "{message} describes nothing");
    }
}

#[test]
fn optional_questions_say_so_and_groups_have_a_legend() {
    let html = gallery();
    let optional = Gallery::new().questions.iter().filter(|question| !question.required).count();
    assert!(html.matches("(facultatif)").count() >= optional);
    let groups: HashMap<&str, bool> = html
        .split("<fieldset ")
        .skip(1)
        .map(|group| (values(group, "id")[0], group.split("</legend>").next().unwrap_or_default().contains("<legend")))
        .collect();
    for name in ["date", "oui_non", "choix", "choix_multiple", "adresse", "commune", "erreur_date"] {
        assert_eq!(groups.get(name), Some(&true), "{name}");
    }
    assert!(!groups.contains_key("choix_long") && !groups.contains_key("choix_fixe"));
}

#[test]
fn a_mail_takes_the_colours_and_the_stones_of_its_tenant() {
    let look = look::mail_look("Bois-Héroult", "#1d5c3a");
    assert_eq!(look.light.brand, "#1d5c3a");
    let width: u32 = look.stones.iter().map(|stone| stone.width).sum();
    assert!((90..=100).contains(&width), "{width}");
    assert!(look.stones.iter().all(|stone| stone.colour.starts_with('#')));
}
