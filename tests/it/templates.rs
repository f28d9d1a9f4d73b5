//! Every page and mail of the program is drawn with each of its samples: an unknown name in a template is an error
//! here, not in front of somebody. What is drawn is then read as a screen reader would: one title, a name for each
//! control, the reason of a refusal tied to its control, no address inside the page that leads nowhere.

use std::collections::BTreeSet;

use kernel::{
    templates::Templates,
    web::{Audience, Site, look::mail_look},
    words::Words,
};
use serde_json::Value;

use crate::support::html::{self, Tag};

/// What surrounds a page, and what surrounds a mail, together.
fn surroundings(audience: Audience) -> Value {
    let mut site = serde_json::to_value(Site::sample(audience)).expect("a site");
    let look = serde_json::to_value(mail_look("Commune d’Exemple", "#0b5a63")).expect("a look");
    site.as_object_mut().expect("an object").extend(look.as_object().expect("an object").clone());
    site
}

#[test]
fn every_page_renders_with_every_sample() {
    let templates = Templates::new(&parvis::registries::templates(), Words::installed()).expect("the templates are read");
    let samples = parvis::registries::pages();
    assert!(samples.len() > 40, "the samples were not found");
    let mut faults = BTreeSet::new();
    for sample in &samples {
        for audience in [Audience::Public, Audience::Agent] {
            match templates.render_sample(sample, &surroundings(audience)) {
                Err(error) => drop(faults.insert(format!("{} ({}): {error}", sample.template, sample.number))),
                Ok(html) => {
                    faults.extend(read(sample.template, &html).into_iter().map(|fault| format!("{} ({}): {fault}", sample.template, sample.number)))
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_reading_finds_what_is_wrong() {
    let page = "<!DOCTYPE html><html lang=fr><head><title>T</title></head><body><main><h1>A</h1><h1>B</h1>\
                <label for=x>X</label><input id=y name=y><p class=err id=y-e>Non</p><a href=#z>ici</a>\
                <form method=post><input type=radio name=r></form><p id=y>2</p><p style='color:red'></p></main></body></html>";
    let faults = read("x.html", page).join("; ");
    for wanted in [
        "2 h1",
        "label for « x »",
        "« y » has no name",
        "« y-e » is tied to nothing",
        "« #z »",
        "no key",
        "outside a fieldset",
        "id « y » twice",
        "inline style",
        "vague link",
    ] {
        assert!(faults.contains(wanted), "{wanted} in {faults}");
    }
}

/// What is wrong with a page that was drawn.
fn read(template: &str, html: &str) -> Vec<String> {
    let tags: Vec<Tag> = html::tags(html).into_iter().filter(|tag| !tag.is_closing).collect();
    let page = Reading { html, tags: &tags, ids: tags.iter().filter_map(|tag| tag.get("id")).collect(), is_mail: template.contains("mail/") };
    let mut faults = page.frame();
    faults.extend(page.names());
    faults.extend(page.ties());
    faults.extend(page.forms());
    faults.extend(page.habits());
    if template == "galerie.html" {
        // The gallery shows every part side by side: its parts lead nowhere, and two of them are titles of pages.
        faults.retain(|fault| !fault.contains("leads nowhere") && !fault.ends_with(" h1"));
    }
    faults
}

struct Reading<'a> {
    html: &'a str,
    tags: &'a [Tag],
    ids: Vec<&'a str>,
    is_mail: bool,
}

impl<'a> Reading<'a> {
    fn all(&self, name: &'a str) -> impl Iterator<Item = &'a Tag> {
        self.tags.iter().filter(move |tag| tag.name == name)
    }

    /// The words between a tag and its end.
    fn inside(&self, tag: &Tag) -> String {
        let close = format!("</{}", tag.name);
        let end = self.html[tag.end..].find(&close).map_or(self.html.len(), |at| tag.end + at);
        html::words(&self.html[tag.end..end])
    }

    fn frame(&self) -> Vec<String> {
        let mut faults = vec![];
        if !self.all("html").all(|tag| tag.get("lang").is_some_and(|lang| !lang.is_empty())) || self.all("html").count() != 1 {
            faults.push("the language is not said".into());
        }
        let titles = self.all("h1").count();
        if titles != 1 {
            faults.push(format!("{titles} h1"));
        }
        if self.all("title").any(|tag| self.inside(tag).is_empty()) {
            faults.push("an empty title".into());
        }
        if !self.is_mail && self.all("main").count() != 1 {
            faults.push("not one main".into());
        }
        if !self.is_mail {
            let mut level = 1;
            for tag in self.tags.iter().filter(|tag| tag.name.len() == 2 && tag.name.starts_with('h') && tag.name != "hr") {
                let next = tag.name[1..].parse::<u8>().unwrap_or(1);
                if next > level + 1 && level > 0 {
                    faults.push(format!("h{next} after h{level}: « {} »", self.inside(tag)));
                }
                level = next;
            }
        }
        faults
    }

    /// A control says what it is: a label that names it or stands around it, or a name of its own.
    fn names(&self) -> Vec<String> {
        let mut faults = vec![];
        let labelled: Vec<&str> = self.all("label").filter_map(|tag| tag.get("for")).collect();
        let mut depth = 0;
        for tag in html::tags(self.html) {
            match (tag.name.as_str(), tag.is_closing) {
                ("label", closing) => depth += if closing { -1 } else { 1 },
                ("input" | "select" | "textarea", false) => {
                    let kind = tag.get("type").unwrap_or("text");
                    let is_silent = matches!(kind, "hidden" | "submit" | "button" | "image");
                    let by_id = tag.get("id").is_some_and(|id| labelled.contains(&id));
                    let is_named = by_id || depth > 0 || tag.has("aria-label") || tag.has("aria-labelledby");
                    if !is_silent && !is_named {
                        faults.push(format!("« {} » has no name", tag.get("name").or(tag.get("id")).unwrap_or("?")));
                    }
                }
                _ => {}
            }
        }
        for tag in self.tags.iter().filter(|tag| matches!(tag.name.as_str(), "a" | "button")) {
            let end = format!("</{}>", tag.name);
            let inside = self.html[tag.end..].split(&end).next().unwrap_or_default();
            let is_named = !html::words(inside).is_empty() || tag.has("aria-label") || inside.contains("aria-label=");
            if !is_named {
                faults.push(format!("a {} without words: {:?}", tag.name, tag.get("href")));
            }
        }
        faults
    }

    /// What names another part of the page names one that is there; what is wrong is tied to its control.
    fn ties(&self) -> Vec<String> {
        let mut faults = vec![];
        let mut seen = BTreeSet::new();
        for id in &self.ids {
            if !seen.insert(*id) {
                faults.push(format!("id « {id} » twice"));
            }
        }
        let mut described = BTreeSet::new();
        for tag in self.tags {
            for name in ["aria-describedby", "aria-labelledby", "aria-controls", "list", "popovertarget", "form"] {
                for id in tag.get(name).into_iter().flat_map(str::split_whitespace) {
                    described.insert(id);
                    if !seen.contains(id) {
                        faults.push(format!("{name} « {id} » names nothing"));
                    }
                }
            }
            if let Some(id) = tag.get("for").filter(|id| tag.name == "label" && !seen.contains(id)) {
                faults.push(format!("label for « {id} » names nothing"));
            }
            if let Some(id) = tag.get("href").and_then(|href| href.strip_prefix('#')).filter(|id| !seen.contains(id)) {
                faults.push(format!("the link « #{id} » leads nowhere"));
            }
        }
        for tag in self.tags.iter().filter(|tag| tag.get("class").is_some_and(|class| class.split(' ').any(|one| one == "err"))) {
            if !tag.get("id").is_some_and(|id| described.contains(id)) {
                faults.push(format!("the error « {} » is tied to nothing", tag.get("id").unwrap_or("?")));
            }
        }
        faults
    }

    /// A form that posts is safe to send twice; choices stand in a group that has a legend.
    fn forms(&self) -> Vec<String> {
        let mut faults = vec![];
        for form in html::forms(self.html).iter().filter(|form| form.is_post) {
            // What these make is shown once and never again: there is no answer to give a second time.
            let is_shown_once = ["/cle", "/cles", "/secret"].iter().any(|end| form.action.ends_with(end));
            if !is_shown_once && !form.names.iter().any(|name| name == "_cle") {
                faults.push(format!("the form to « {} » has no key", form.action));
            }
        }
        let mut groups = vec![];
        for tag in html::tags(self.html) {
            match (tag.name.as_str(), tag.is_closing) {
                ("fieldset", false) => groups.push(false),
                ("fieldset", true) => {
                    if groups.pop() == Some(false) {
                        faults.push("a fieldset without legend".into());
                    }
                }
                ("legend", false) => groups.last_mut().into_iter().for_each(|legend| *legend = true),
                ("input", false) if tag.get("type") == Some("radio") && groups.is_empty() => {
                    faults.push(format!("the choice « {} » is outside a fieldset", tag.get("name").unwrap_or("?")));
                }
                _ => {}
            }
        }
        faults
    }

    fn habits(&self) -> Vec<String> {
        let mut faults = vec![];
        for tag in self.tags {
            if tag.has("style") && !self.is_mail {
                faults.push(format!("inline style on {}", tag.name));
            }
            if tag.name == "img" && !tag.has("alt") {
                faults.push("a picture without alternative".into());
            }
            if tag.name == "svg" && !tag.has("aria-hidden") && !(tag.has("aria-label") || tag.has("aria-labelledby")) && !self.is_mail {
                faults.push("a drawing neither hidden nor named".into());
            }
            if tag.name == "button" && !tag.has("type") {
                faults.push(format!("a button without type: « {} »", self.inside(tag)));
            }
            if tag.name == "a" && ["ici", "cliquez ici", "lire la suite", "plus d’informations"].contains(&self.inside(tag).to_lowercase().as_str())
            {
                faults.push(format!("a vague link: « {} »", self.inside(tag)));
            }
            if tag.get("tabindex").is_some_and(|index| index.parse::<i32>().is_ok_and(|index| index > 0)) {
                faults.push(format!("an order forced on {}", tag.name));
            }
        }
        let tables = self.all("table").filter(|tag| !self.is_mail && tag.get("role") != Some("presentation"));
        for table in tables {
            let inside = self.html[table.end..].split("</table>").next().unwrap_or_default();
            if !inside.contains("<th") || !inside.contains("<caption") {
                faults.push("a table without headers or caption".into());
            }
        }
        faults
    }
}
