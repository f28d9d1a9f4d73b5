//! Markdown of the texts of a téléservice and of a tenant, as safe HTML with French typography.
//! Raw HTML in the source is shown as text, and what comes out is cleaned once more.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, RwLock},
};

use ammonia::Builder;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

use super::french;

/// The texts are few and shown often: their HTML is kept, up to a bound.
static KEPT: LazyLock<RwLock<HashMap<String, Arc<str>>>> = LazyLock::new(RwLock::default);
const KEPT_AT_MOST: usize = 1_000;
const KEPT_LENGTH: usize = 8_000;

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::default();
    cleaner.url_schemes(["https", "http", "mailto", "tel"].into()).link_rel(Some("noopener"));
    cleaner.rm_tags(["img", "map", "area", "bdo"]);
    cleaner
});

/// The HTML of a Markdown text.
pub fn html(source: &str) -> Arc<str> {
    if let Some(kept) = KEPT.read().ok().and_then(|kept| kept.get(source).cloned()) {
        return kept;
    }
    let made: Arc<str> = make(source).into();
    if source.len() <= KEPT_LENGTH
        && let Ok(mut kept) = KEPT.write()
    {
        if kept.len() >= KEPT_AT_MOST {
            kept.clear();
        }
        kept.insert(source.into(), made.clone());
    }
    made
}

fn make(source: &str) -> String {
    let (mut in_code, mut in_heading) = (false, false);
    let (mut heading, mut captions) = (String::new(), Vec::new());
    let events = Parser::new_ext(source, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH).map(|event| {
        match &event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Start(Tag::Heading { .. }) => {
                in_heading = true;
                heading.clear();
            }
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Text(text) if in_heading => heading.push_str(text),
            Event::Start(Tag::Table(_)) => captions.push(heading.clone()),
            _ => {}
        }
        match event {
            Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
            Event::Text(text) if !in_code => Event::Text(french::typography(&text).into()),
            other => other,
        }
    });
    let mut out = String::with_capacity(source.len() * 2);
    html::push_html(&mut out, events);
    captioned(&CLEANER.clean(&out).to_string(), &captions)
}

/// Gives each table the heading it stands under as a caption for those who do not see it, and says what its headers head.
fn captioned(html: &str, captions: &[String]) -> String {
    let mut parts = html.split("<table>");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (part, caption) in parts.zip(captions) {
        out.push_str("<table>");
        if !caption.is_empty() {
            let caption = french::typography(caption).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            out.push_str(&format!("<caption class=\"vh\">{caption}</caption>"));
        }
        out.push_str(part);
    }
    out.replace("<th>", "<th scope=\"col\">")
}

#[cfg(test)]
mod tests {
    use super::html;

    #[test]
    fn text_becomes_html_with_french_spaces() {
        let made = html("**Prêt ?** [Suivre](https://exemple.fr/a/b)\n\n- un\n- deux\n");
        assert!(made.contains("<strong>Prêt\u{202f}?</strong>"), "{made}");
        assert!(made.contains("href=\"https://exemple.fr/a/b\"") && made.contains("<li>deux</li>"), "{made}");
    }

    #[test]
    fn a_table_is_captioned_by_the_heading_it_stands_under() {
        let made = html("## Combien & quand\n\n| Neuf | Usé |\n| --- | ---: |\n| 400 | 250 |\n\nFin");
        assert!(made.contains("<table><caption class=\"vh\">Combien &amp; quand</caption>"), "{made}");
        assert_eq!(made.matches("<th scope=\"col\">").count(), 2, "{made}");
        assert!(made.contains("250") && made.contains("Fin"), "{made}");
    }

    #[test]
    fn nothing_that_runs_gets_through() {
        for source in [
            "<script>alert(1)</script>",
            "[x](javascript:alert(1))",
            "<img src=x onerror=alert(1)>",
            "![x](https://ailleurs.exemple/mouchard.gif)",
            "<a href=\"data:text/html,x\" onclick=\"x\">y</a>",
        ] {
            let made = html(source);
            for danger in ["<script", "javascript:", "<img", "<a href=\"data:", "<a onclick"] {
                assert!(!made.contains(danger), "{source} gave {made}");
            }
        }
    }
}
