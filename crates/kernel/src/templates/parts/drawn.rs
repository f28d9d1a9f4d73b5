//! The parts that stand in every row of a list, several times: tag, avatar, box to tick, due date. As templates they
//! were two thirds of the time of a page of twenty-five rows.

use minijinja::{
    Error,
    value::{Kwargs, Value, from_args},
};

use crate::templates::{escaped, sentence};

/// Draws a part from the values of its call.
pub(super) type Draw = fn(&[Value]) -> Result<String, Error>;

/// The part of this name, if it is one of these.
pub(super) fn part(name: &str) -> Option<Draw> {
    Some(match name {
        "tag" => tag,
        "avatar" => avatar,
        "pick" => pick,
        "due" => due,
        _ => return None,
    })
}

/// `tag(text, tone="", fill="half", bare=false)`
fn tag(args: &[Value]) -> Result<String, Error> {
    let (text, tone, fill, bare, named): (&str, Option<&str>, Option<&str>, Option<bool>, Kwargs) = from_args(args)?;
    let (tone, fill) = (tone.or(named.get("tone")?), fill.or(named.get("fill")?));
    let is_bare = bare.or(named.get("bare")?).unwrap_or_default();
    named.assert_all_used()?;
    let mut html = String::with_capacity(80);
    html.push_str("<span class=\"tag");
    for class in [tone.unwrap_or_default(), fill.unwrap_or("half"), if is_bare { "bare" } else { "" }] {
        if !class.is_empty() {
            html.push(' ');
            escaped(&mut html, class);
        }
    }
    html.push_str("\">");
    sentence(&mut html, text);
    html.push_str("</span>");
    Ok(html)
}

/// `avatar(initials, name="")`: the name is for those who do not see the letters.
fn avatar(args: &[Value]) -> Result<String, Error> {
    let (initials, name): (&str, Option<&str>) = from_args(args)?;
    let mut html = String::from("<span class=\"avatar\"");
    match name.filter(|name| !name.is_empty()) {
        Some(name) => {
            html.push_str(" role=\"img\" aria-label=\"");
            escaped(&mut html, name);
            html.push_str("\">");
        }
        None => html.push_str(" aria-hidden=\"true\">"),
    }
    escaped(&mut html, initials);
    html.push_str("</span>");
    Ok(html)
}

/// `pick(name, value, about, checked=false)`: the box of a row, before everything else in it.
fn pick(args: &[Value]) -> Result<String, Error> {
    let (name, value, about, checked, named): (&str, String, &str, Option<bool>, Kwargs) = from_args(args)?;
    let is_checked = checked.or(named.get("checked")?).unwrap_or_default();
    named.assert_all_used()?;
    let mut html = String::from("<td role=\"cell\" class=\"pick\"><label class=\"hit\"><input type=\"checkbox\" name=\"");
    escaped(&mut html, name);
    html.push_str("\" value=\"");
    escaped(&mut html, &value);
    html.push_str(if is_checked { "\" checked>" } else { "\">" });
    html.push_str("<span class=\"vh\">");
    sentence(&mut html, &crate::t!("Choisir"));
    html.push(' ');
    sentence(&mut html, about);
    html.push_str("</span></label></td>");
    Ok(html)
}

/// `due(d)`: the legal clock in a list; d = {percent, tone ("", "warn", "bad"), stopped, label, sub, law (or none)}.
fn due(args: &[Value]) -> Result<String, Error> {
    let (d,): (&Value,) = from_args(args)?;
    let (tone, label, sub, law) = (d.get_attr("tone")?, d.get_attr("label")?, d.get_attr("sub")?, d.get_attr("law")?);
    let tone = tone.as_str().unwrap_or_default();
    let spent = match tone {
        _ if d.get_attr("stopped")?.is_true() => "k2",
        "warn" => "k4",
        "bad" => "k5",
        _ => "k1",
    };
    let mut html = String::with_capacity(300);
    html.push_str("<span class=\"due");
    if !tone.is_empty() {
        html.push(' ');
        escaped(&mut html, tone);
    }
    html.push_str("\"><svg class=\"mini\" aria-hidden=\"true\"><rect class=\"k0\" width=\"100%\" height=\"100%\" rx=\"2\"/><rect class=\"");
    html.push_str(spent);
    html.push_str("\" width=\"");
    escaped(&mut html, &d.get_attr("percent")?.to_string());
    html.push_str("%\" height=\"100%\" rx=\"2\"/></svg><b>");
    sentence(&mut html, label.as_str().unwrap_or_default());
    html.push_str("</b>");
    for (text, opening, closing) in [(&sub, " <span class=\"sub\">", "</span>"), (&law, "<b class=\"law sub bad\">", "</b>")] {
        if let Some(text) = text.as_str().filter(|text| !text.is_empty()) {
            html.push_str(opening);
            sentence(&mut html, text);
            html.push_str(closing);
        }
    }
    html.push_str("</span>");
    Ok(html)
}
