//! Every page and mail of the program is drawn with each of its samples: an unknown name in a template is an error
//! here, not in front of somebody.

use kernel::{
    templates::Templates,
    web::{Audience, Site, look::mail_look},
    words::Words,
};
use serde_json::Value;

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
    let mut faults = vec![];
    for sample in &samples {
        for audience in [Audience::Public, Audience::Agent] {
            if let Err(error) = templates.render_sample(sample, &surroundings(audience)) {
                faults.push(format!("{} ({}): {error}", sample.template, sample.number));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
