//! Reads our own pages as a browser or a reader would: tags, texts, forms with what they would send. It knows the HTML
//! that this program writes, not all HTML.

/// An opening or closing tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    pub name: String,
    pub is_closing: bool,
    attributes: Vec<(String, String)>,
    /// Where the text after it begins.
    pub end: usize,
    /// Where it begins.
    pub start: usize,
}

impl Tag {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str())
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn opens(&self, name: &str) -> bool {
        !self.is_closing && self.name == name
    }
}

/// Every tag of a page, in order; comments and scripts are passed over.
pub fn tags(html: &str) -> Vec<Tag> {
    let mut found = vec![];
    let mut at = 0;
    while let Some(open) = html[at..].find('<').map(|offset| at + offset) {
        if html[open..].starts_with("<!--") {
            at = html[open..].find("-->").map_or(html.len(), |offset| open + offset + 3);
        } else if html[open..].starts_with("<!") {
            at = html[open..].find('>').map_or(html.len(), |offset| open + offset + 1);
        } else {
            let tag = tag(html, open);
            at = tag.end;
            if tag.opens("script") || tag.opens("style") {
                let close = format!("</{}", tag.name);
                at = html[at..].find(&close).map_or(html.len(), |offset| at + offset);
            }
            found.push(tag);
        }
    }
    found
}

fn tag(html: &str, start: usize) -> Tag {
    let is_closing = html[start + 1..].starts_with('/');
    let mut rest = &html[start + 1 + usize::from(is_closing)..];
    let name = rest.split(|c: char| c.is_whitespace() || c == '>' || c == '/').next().unwrap_or_default();
    rest = &rest[name.len()..];
    let mut attributes = vec![];
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            break;
        }
        let key = rest.split(|c: char| c.is_whitespace() || c == '=' || c == '>').next().unwrap_or_default();
        rest = &rest[key.len()..];
        let mut value = "";
        if let Some(after) = rest.trim_start().strip_prefix('=') {
            let after = after.trim_start();
            match after.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    value = after[1..].split(quote).next().unwrap_or_default();
                    rest = after.get(value.len() + 2..).unwrap_or_default();
                }
                _ => {
                    value = after.split(|c: char| c.is_whitespace() || c == '>').next().unwrap_or_default();
                    rest = &after[value.len()..];
                }
            }
        }
        assert!(!key.is_empty(), "a stray mark in a tag: {}", &html[start..(start + 80).min(html.len())]);
        attributes.push((key.to_ascii_lowercase(), unescape(value)));
    }
    let end = (html.len() - rest.len() + 1).min(html.len());
    Tag { name: name.to_ascii_lowercase(), is_closing, attributes, end, start }
}

/// The words of a page as they are read: no tags, no doubled or unbreakable spaces.
pub fn words(html: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    for tag in tags(html) {
        if tag.start >= at {
            out.push_str(&html[at..tag.start]);
        }
        if !matches!(tag.name.as_str(), "b" | "i" | "em" | "strong" | "span" | "a" | "time" | "small" | "abbr") {
            out.push(' ');
        }
        at = tag.end;
    }
    out.push_str(&html[at.min(html.len())..]);
    let text = unescape(&out).replace(['\u{a0}', '\u{202f}'], " ").replace('\u{ad}', "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').filter(|end| *end < 10);
        let known = end.and_then(|end| entity(&rest[1..end]).map(|letter| (letter, end + 1)));
        let (letter, taken) = known.unwrap_or(('&', 1));
        out.push(letter);
        rest = &rest[taken..];
    }
    out + rest
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

/// A form as it stands on a page.
#[derive(Debug, Clone, Default)]
pub struct PageForm {
    pub action: String,
    pub is_post: bool,
    pub is_multipart: bool,
    /// What it would send if nobody touched it.
    pub fields: Vec<(String, String)>,
    /// Every name that may be filled, chosen or pressed.
    pub names: Vec<String>,
    /// The texts of its buttons.
    pub buttons: Vec<String>,
    id: String,
}

/// The forms of a page; a control may stand outside its form and name it.
pub fn forms(html: &str) -> Vec<PageForm> {
    let tags = tags(html);
    let mut forms: Vec<PageForm> = vec![];
    for tag in tags.iter().filter(|tag| tag.opens("form")) {
        forms.push(PageForm {
            action: tag.get("action").unwrap_or_default().to_owned(),
            is_post: tag.get("method").is_some_and(|method| method.eq_ignore_ascii_case("post")),
            is_multipart: tag.get("enctype") == Some("multipart/form-data"),
            id: tag.get("id").unwrap_or_default().to_owned(),
            ..PageForm::default()
        });
    }
    let (mut open, mut count) = (None, 0);
    let mut select = None::<(String, bool)>;
    for (index, tag) in tags.iter().enumerate() {
        if tag.name == "form" {
            open = (!tag.is_closing).then_some(count);
            count += usize::from(!tag.is_closing);
        }
        let named = tag.get("form").and_then(|id| forms.iter().position(|form| form.id == id));
        let Some(form) = named.or(open).and_then(|at| forms.get_mut(at)) else { continue };
        if tag.is_closing {
            continue;
        }
        let name = tag.get("name").unwrap_or_default().to_owned();
        let value = tag.get("value").unwrap_or_default().to_owned();
        match tag.name.as_str() {
            "input" => form.input(tag, name, value),
            "textarea" => {
                let close = tags[index + 1..].iter().find(|tag| tag.name == "textarea").map_or(html.len(), |tag| tag.start);
                form.field(name, unescape(html[tag.end..close].trim_start_matches('\n')));
            }
            "select" => {
                form.names.push(name.clone());
                select = Some((name, false));
            }
            "option" => {
                if let Some((name, is_chosen)) = &mut select {
                    let is_selected = tag.has("selected");
                    if is_selected || !*is_chosen {
                        form.fields.retain(|(of, _)| of != name || *is_chosen);
                        form.fields.push((name.clone(), value));
                        *is_chosen |= is_selected;
                    }
                }
            }
            "button" => {
                let close = tags[index + 1..].iter().find(|tag| tag.name == "button").map_or(html.len(), |tag| tag.start);
                form.buttons.push(words(&html[tag.end..close]));
                if !name.is_empty() {
                    form.names.push(name);
                }
            }
            _ => {}
        }
    }
    forms
}

impl PageForm {
    fn input(&mut self, tag: &Tag, name: String, value: String) {
        match tag.get("type").unwrap_or("text") {
            "radio" | "checkbox" => {
                if tag.has("checked") {
                    let value = if tag.has("value") { value } else { "on".into() };
                    self.fields.push((name.clone(), value));
                }
                self.names.push(name);
            }
            "submit" | "button" | "reset" | "file" => self.names.push(name),
            _ => self.field(name, value),
        }
    }

    fn field(&mut self, name: String, value: String) {
        if !name.is_empty() {
            self.names.push(name.clone());
            self.fields.push((name, value));
        }
    }
}

#[test]
fn a_form_is_read_as_a_browser_reads_it() {
    let html = "<form action='/a' method=post id=f><input type=hidden name=_cle value='&#34;x'><input name=n value=\"É &amp; co\">\
                <input type=radio name=r value=1><input type=radio name=r value=2 checked><textarea name=t>\nlà</textarea>\
                <select name=s><option value=a>A</option><option value=b selected>B</option></select>\
                <button name=go>Aller</button></form><button form=f name=dehors>Dehors</button>";
    let form = &forms(html)[0];
    let sent: Vec<(&str, &str)> = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(sent, [("_cle", "\"x"), ("n", "É & co"), ("r", "2"), ("t", "là"), ("s", "b")]);
    assert!(form.is_post && form.names.contains(&"dehors".to_owned()), "{form:?}");
    assert_eq!(words("<p>Douze&nbsp;<b>mois</b></p><p>ici</p>"), "Douze mois ici");
}
