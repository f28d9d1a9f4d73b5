//! The pages of the double: choosing who one is, and what it says of itself. Plain HTML, no script, a look of their
//! own, so that nobody takes them for the real ones.

use axum::{extract::State, response::Html};

use super::{Fournisseur, Person, Platform};

const SHEET: &str = "\
:root{color-scheme:light dark}\
body{margin:0;font:1.0625rem/1.5 system-ui,sans-serif;background:light-dark(#f4f4f6,#16161d);color:light-dark(#1b1b2f,#eceaf4)}\
header{padding:.75rem 1rem;background:light-dark(#3b2f6b,#2b2350);color:#fff;font-weight:600}\
main{max-width:38rem;margin:0 auto;padding:1.5rem 1rem 3rem}\
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem}\
ul{list-style:none;margin:1.5rem 0;padding:0;display:grid;gap:.625rem}\
button{width:100%;min-height:3rem;padding:.625rem 1rem;text-align:start;font:inherit;color:inherit;cursor:pointer;\
background:light-dark(#fff,#22222c);border:1px solid light-dark(#7a7690,#8d89a6);border-radius:.375rem}\
button:hover{background:light-dark(#ebe8f7,#2f2b45)}\
button:focus-visible,a:focus-visible{outline:3px solid light-dark(#3b2f6b,#b9a9ff);outline-offset:2px}\
button strong{display:block}\
small,.soft{color:light-dark(#55526a,#b6b3c8)}\
.quit{width:auto;background:none}\
code{overflow-wrap:anywhere}";

/// Text that cannot end an attribute or an element.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn page(double: &Fournisseur, title: &str, body: &str) -> Html<String> {
    let name = name(double.0.platform);
    Html(format!(
        "<!DOCTYPE html><html lang=\"fr\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} – {name} d’essai</title><style>{SHEET}</style></head>\
         <body><header>{name} d’essai : tout est inventé</header><main><h1>{title}</h1>{body}</main></body></html>"
    ))
}

fn name(platform: Platform) -> &'static str {
    match platform {
        Platform::FranceConnect => "FranceConnect",
        Platform::ProConnect => "ProConnect",
    }
}

/// Who it is, and whom it knows.
pub(super) async fn home(State(double): State<Fournisseur>) -> Html<String> {
    let line = |person: &Person| format!("<li>{} <small>{}</small></li>", escape(&person.label), escape(&person.about));
    let people: String = double.0.people.iter().map(line).collect();
    let body = format!(
        "<p>Ce service imite une plateforme d’identité, pour les essais et la démonstration. Voici qui peut s’y connecter.</p>\
         <ul>{people}</ul><p class=\"soft\">Émetteur : <code>{}</code></p>",
        escape(&double.0.issuer)
    );
    page(&double, "Personnes d’essai", &body)
}

/// Chooses who one is; `asked` is the request, sent back with the choice.
pub(super) fn choose(double: &Fournisseur, asked: &str) -> Html<String> {
    let action = format!("{}/interaction", double.0.issuer);
    let button = |person: &Person| {
        let (id, label, about) = (escape(&person.id), escape(&person.label), escape(&person.about));
        format!("<li><button type=\"submit\" name=\"personne\" value=\"{id}\"><strong>{label}</strong> <small>{about}</small></button></li>")
    };
    let buttons: String = double.0.people.iter().map(button).collect();
    let body = format!(
        "<p>Cette page tient lieu de {} pendant les essais. Choisissez une personne : vous reviendrez connecté.</p>\
         <form method=\"post\" action=\"{}\"><input type=\"hidden\" name=\"demande\" value=\"{}\"><ul>{buttons}</ul>\
         <p><button type=\"submit\" class=\"quit\" name=\"personne\" value=\"\">Abandonner</button></p></form>",
        name(double.0.platform),
        escape(&action),
        escape(asked)
    );
    page(double, "Qui êtes-vous ?", &body)
}

/// A fault that cannot be told to the service, because its address is not sure.
pub(super) fn refusal(double: &Fournisseur, code: &str, sentence: &str) -> Html<String> {
    page(double, "La demande est refusée", &format!("<p>{}</p><p>Code d’erreur : {}</p>", escape(sentence), escape(code)))
}
