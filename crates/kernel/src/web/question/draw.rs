//! The HTML of a question: its label or legend, help, fault, control, provenance. Every text is French typography and
//! escaped; ids are the name followed by `-h` (help), `-e` (fault), `-s` (provenance), `-c` (count), which the control
//! names as its description.

use std::borrow::Cow;

use kinds::{Control, Hints};

use super::{Choice, Part, Question};
use crate::templates::{escaped, french, sentence};

/// More choices than this are a list to open.
const IN_SIGHT: usize = 12;

/// Says a phrase of ours in the language of the page.
pub(crate) type Say<'a> = &'a dyn Fn(&'static str) -> Cow<'a, str>;
/// Draws a sign by its name in `icons.svg`.
pub(crate) type Icon<'a> = &'a dyn Fn(&str) -> String;

/// A question, whole. `legend` is the class of its legend when it has several controls.
pub(crate) fn draw<'a>(question: &Question, legend: &str, say: Say<'a>, icon: Icon<'a>) -> String {
    let mut pen = Pen { html: String::with_capacity(600), say, icon };
    pen.question(question, legend);
    pen.html
}

struct Pen<'a> {
    html: String,
    say: Say<'a>,
    icon: Icon<'a>,
}

impl<'a> Pen<'a> {
    fn question(&mut self, q: &Question, legend: &str) {
        let is_group = is_group(q);
        self.raw(if is_group { "<fieldset class=\"field\"" } else { "<div class=\"field\"><label" });
        if is_group {
            self.attribute("id", &q.name);
            self.described(&q.name, &notes(q, false));
            self.raw("><legend");
            self.attribute_if("class", legend);
        } else {
            self.attribute("for", &q.name);
        }
        self.raw(">");
        self.text(&q.label);
        if !q.required {
            self.raw(" <span class=\"hint\">");
            self.phrase("(facultatif)");
            self.raw("</span>");
        }
        self.raw(if is_group { "</legend>" } else { "</label>" });
        if let Some(hint) = &q.hint {
            self.line("hint", &q.name, "-h", None, hint);
        }
        if let Some(error) = &q.error {
            self.line("err", &q.name, "-e", Some("warn"), error);
        }
        self.control(q);
        if let Some(source) = &q.source {
            self.line("source good", &q.name, "-s", Some("check"), source);
        }
        self.raw(if is_group { "</fieldset>" } else { "</div>" });
    }

    fn control(&mut self, q: &Question) {
        match q.control {
            Control::Boxes => self.boxes(q),
            Control::Stack => self.stack(q),
            Control::YesNo | Control::One | Control::Several if q.readonly => self.fixed(q),
            Control::YesNo if q.choices.is_empty() => self.yes_no(q),
            Control::One if q.choices.len() > IN_SIGHT => self.list(q),
            Control::YesNo | Control::One => self.choices(q, "radio", &q.choices),
            Control::Several => self.choices(q, "checkbox", &q.choices),
            Control::Lines => self.lines(q),
            Control::Measure(unit) => {
                self.raw("<div class=\"unit\">");
                self.input(q, "");
                if !unit.is_empty() {
                    self.raw(" <span>");
                    self.phrase(unit);
                    self.raw("</span>");
                }
                self.raw("</div>");
            }
            Control::Code => self.input(q, " autocapitalize=\"characters\" spellcheck=\"false\""),
            Control::Line => self.input(q, ""),
        }
    }

    fn input(&mut self, q: &Question, more: &str) {
        self.open_input(&q.hints, &q.name, &q.value, matches!(q.control, Control::Measure(_)));
        if let Some(purpose) = &q.autocomplete {
            self.attribute("autocomplete", purpose);
        }
        self.raw(more);
        self.state(q, false);
        self.raw(">");
    }

    /// `<input type id name value class inputmode`, without its end.
    fn open_input(&mut self, hints: &Hints, name: &str, value: &str, is_narrow: bool) {
        self.raw("<input");
        self.attribute("type", hints.input_type);
        self.attribute("id", name);
        self.attribute("name", name);
        self.attribute("value", value);
        self.attribute_if("class", hints.size.filter(|_| is_narrow).map_or("", width));
        self.attribute_if("inputmode", hints.inputmode.unwrap_or_default());
    }

    fn lines(&mut self, q: &Question) {
        self.raw("<textarea");
        self.attribute("id", &q.name);
        self.attribute("name", &q.name);
        self.raw(" rows=\"5\"");
        if let Some(most) = q.max_length {
            self.attribute("data-count", &most.to_string());
        }
        self.state(q, q.max_length.is_some());
        self.raw(">\n");
        self.escaped(&q.value);
        self.raw("</textarea>");
        if let Some(most) = q.max_length {
            self.raw("<p class=\"hint\"");
            self.id(&q.name, "-c");
            self.raw(">");
            self.phrase("Caractères au plus :");
            self.raw(" ");
            self.raw(&most.to_string());
            self.raw("</p>");
        }
    }

    /// What is wrong with a date is said once, for its boxes together.
    fn boxes(&mut self, q: &Question) {
        self.raw("<div class=\"date\">");
        for part in &q.parts {
            self.raw("<div>");
            let purpose = part.hints.autocomplete.filter(|_| q.autocomplete.as_deref() == Some("bday"));
            self.part(q, part, purpose, false);
            self.raw("</div>");
        }
        self.raw("</div>");
    }

    fn stack(&mut self, q: &Question) {
        self.raw("<div class=\"stack\">");
        for part in &q.parts {
            if part.hints.input_type == "hidden" {
                self.raw("<input type=\"hidden\"");
                self.attribute("name", &part.name);
                self.attribute("value", &part.value);
                self.raw(">");
                continue;
            }
            self.raw("<div class=\"field\">");
            let purpose = part.hints.autocomplete.filter(|_| q.autocomplete.as_deref() != Some("off"));
            self.part(q, part, purpose, true);
            self.raw("</div>");
        }
        self.raw("</div>");
    }

    fn part(&mut self, q: &Question, part: &Part, purpose: Option<&str>, says_its_fault: bool) {
        self.raw("<label");
        self.attribute("for", &part.name);
        self.raw(">");
        self.phrase(part.label);
        self.raw("</label>");
        let fault = part.error.as_deref().filter(|_| says_its_fault);
        if let Some(error) = fault {
            self.line("err", &part.name, "-e", Some("warn"), error);
        }
        self.open_input(&part.hints, &part.name, &part.value, true);
        self.attribute_if("autocomplete", purpose.unwrap_or_default());
        self.raw(if q.readonly { " readonly" } else { "" });
        self.raw(if part.error.is_some() { " aria-invalid=\"true\"" } else { "" });
        self.described(&part.name, if fault.is_some() { &["-e"] } else { &[] });
        self.raw(">");
    }

    fn choices(&mut self, q: &Question, input_type: &str, choices: &[Choice]) {
        self.raw("<div class=\"stack stack-s\">");
        for (at, choice) in choices.iter().enumerate() {
            self.choice(q, input_type, at + 1, choice);
        }
        self.raw("</div>");
    }

    fn choice(&mut self, q: &Question, input_type: &str, at: usize, choice: &Choice) {
        let id = format!("{}-{at}", q.name);
        self.raw("<div class=\"choice\"><input");
        self.attribute("type", input_type);
        self.attribute("name", &q.name);
        self.attribute("id", &id);
        self.attribute("value", &choice.value);
        self.raw(if choice.checked { " checked><label" } else { "><label" });
        self.attribute("for", &id);
        self.raw(">");
        self.text(&choice.label);
        if let Some(hint) = choice.hint.as_deref().filter(|hint| !hint.is_empty()) {
            self.raw("<span class=\"hint\">");
            self.text(hint);
            self.raw("</span>");
        }
        self.raw("</label></div>");
    }

    fn yes_no(&mut self, q: &Question) {
        let choice = |value: &str, label: &'static str| Choice::new(value, (self.say)(label), q.value == value);
        let choices = [choice("oui", "Oui"), choice("non", "Non")];
        self.choices(q, "radio", &choices);
    }

    fn list(&mut self, q: &Question) {
        self.raw("<select");
        self.attribute("id", &q.name);
        self.attribute("name", &q.name);
        self.attribute_if("autocomplete", q.autocomplete.as_deref().unwrap_or_default());
        self.state(q, false);
        self.raw("><option value=\"\">");
        self.phrase("Choisissez");
        self.raw("</option>");
        for choice in &q.choices {
            self.raw("<option");
            self.attribute("value", &choice.value);
            self.raw(if choice.checked { " selected>" } else { ">" });
            self.text(&choice.label);
            self.raw("</option>");
        }
        self.raw("</select>");
    }

    /// The chosen labels, where nothing may be changed.
    fn fixed(&mut self, q: &Question) {
        let chosen: Vec<&str> = q.choices.iter().filter(|choice| choice.checked).map(|choice| choice.label.as_str()).collect();
        self.raw("<input type=\"text\"");
        self.attribute("id", &q.name);
        self.attribute("value", &french::typography(&chosen.join(", ")));
        self.raw(" readonly");
        self.described(&q.name, &notes(q, false));
        self.raw(">");
    }

    /// Whether it can be changed, is wrong, and what describes it.
    fn state(&mut self, q: &Question, is_counted: bool) {
        self.raw(if q.readonly { " readonly" } else { "" });
        self.raw(if q.error.is_some() { " aria-invalid=\"true\"" } else { "" });
        self.described(&q.name, &notes(q, is_counted));
    }

    fn described(&mut self, name: &str, notes: &[&str]) {
        for (at, note) in notes.iter().enumerate() {
            self.raw(if at == 0 { " aria-describedby=\"" } else { " " });
            self.escaped(name);
            self.raw(note);
        }
        self.raw(if notes.is_empty() { "" } else { "\"" });
    }

    /// A paragraph beside the control, which describes it.
    fn line(&mut self, class: &str, name: &str, note: &str, icon: Option<&str>, text: &str) {
        self.raw("<p");
        self.attribute("class", class);
        self.id(name, note);
        self.raw(">");
        if let Some(icon) = icon {
            let drawing = (self.icon)(icon);
            self.raw(&drawing);
            self.raw("<span>");
        }
        self.text(text);
        self.raw(if icon.is_some() { "</span></p>" } else { "</p>" });
    }

    fn id(&mut self, name: &str, note: &str) {
        self.raw(" id=\"");
        self.escaped(name);
        self.raw(note);
        self.raw("\"");
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.raw(" ");
        self.raw(name);
        self.raw("=\"");
        self.escaped(value);
        self.raw("\"");
    }

    fn attribute_if(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.attribute(name, value);
        }
    }

    fn phrase(&mut self, phrase: &'static str) {
        let said = (self.say)(phrase);
        self.escaped(&said);
    }

    fn text(&mut self, text: &str) {
        sentence(&mut self.html, text);
    }

    fn escaped(&mut self, text: &str) {
        escaped(&mut self.html, text);
    }

    fn raw(&mut self, html: &str) {
        self.html.push_str(html);
    }
}

/// Whether the question is asked over several controls, so by a legend.
fn is_group(q: &Question) -> bool {
    match q.control {
        Control::Boxes | Control::Stack => true,
        Control::YesNo | Control::Several => !q.readonly,
        Control::One => !q.readonly && q.choices.len() <= IN_SIGHT,
        _ => false,
    }
}

/// The ends of the ids that describe the control.
fn notes(q: &Question, is_counted: bool) -> Vec<&'static str> {
    let notes = [(q.hint.is_some(), "-h"), (q.error.is_some(), "-e"), (q.source.is_some(), "-s"), (is_counted, "-c")];
    notes.into_iter().filter_map(|(is_there, note)| is_there.then_some(note)).collect()
}

/// The class of a control as wide as its value.
fn width(characters: u8) -> &'static str {
    match characters {
        0..=2 => "w2",
        3..=4 => "w4",
        5..=10 => "w6",
        _ => "",
    }
}
