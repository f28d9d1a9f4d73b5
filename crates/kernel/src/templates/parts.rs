//! The parts of Socle: every macro of `parts.html` is a template of its own, found by all others without importing it:
//! `{{ parts.notice("info", text) }}`. Importing the file would make its forty macros anew for each page, which costs
//! more than drawing the page.
//!
//! What is inside a `{% call parts.x() %}` is drawn first; the part finds it as `caller()`. The parts that stand in every
//! row of a list are written in Rust, in `drawn.rs`.

mod drawn;

use std::{collections::HashMap, sync::Arc};

use minijinja::{
    Environment, Error, ErrorKind, State,
    value::{Kwargs, Object, Value, from_args},
};

const OPENING: &str = "{%- macro ";
const CLOSING: &str = "{%- endmacro -%}";

/// One macro of the file.
pub(super) struct Part {
    pub name: String,
    /// As its template is called: its end says that it is HTML.
    pub template: String,
    pub body: String,
    parameters: Vec<(String, Option<String>)>,
}

/// The macros of a file of parts, in order.
pub(super) fn split(file: &str) -> Vec<Part> {
    file.split(OPENING).skip(1).filter_map(|text| part(text.split(CLOSING).next()?)).collect()
}

/// `name(a, b="") -%} body`
fn part(text: &str) -> Option<Part> {
    let (head, body) = text.split_once("%}")?;
    let (name, parameters) = head.trim_end_matches(['-', ' ']).strip_suffix(')')?.split_once('(')?;
    let one = |parameter: &str| match parameter.split_once('=') {
        Some((name, default)) => (name.trim().to_owned(), Some(default.trim().to_owned())),
        None => (parameter.trim().to_owned(), None),
    };
    Some(Part {
        name: name.to_owned(),
        template: format!("parts/{name}.html"),
        body: body.trim().to_owned(),
        parameters: parameters.split(", ").filter(|parameter| !parameter.is_empty()).map(one).collect(),
    })
}

/// What templates know as `parts`.
#[derive(Debug)]
struct Parts(HashMap<String, Arc<Signature>>);

#[derive(Debug)]
struct Signature {
    template: String,
    parameters: Vec<(String, Option<Value>)>,
}

/// What one drawing of a part sees: its parameters, then `caller`.
#[derive(Debug)]
struct Given {
    signature: Arc<Signature>,
    values: Vec<Value>,
    caller: Option<Value>,
}

/// Adds `parts` to an environment that holds their templates.
pub(super) fn add(env: &mut Environment<'static>, parts: &[Part]) -> Result<(), Error> {
    let mut known = HashMap::new();
    for part in parts {
        let mut parameters = Vec::new();
        for (name, default) in &part.parameters {
            let default = default.as_deref().map(|default| env.compile_expression(default)?.eval(()));
            parameters.push((name.clone(), default.transpose()?));
        }
        known.insert(part.name.clone(), Arc::new(Signature { template: part.template.clone(), parameters }));
    }
    env.add_global("parts", Value::from_object(Parts(known)));
    Ok(())
}

impl Object for Parts {
    fn call_method(self: &Arc<Self>, state: &mut State<'_, '_>, name: &str, args: &[Value]) -> Result<Value, Error> {
        let unknown = || Error::new(ErrorKind::UnknownMethod, format!("parts.html has no part {name}"));
        if let Some(draw) = drawn::part(name) {
            return draw(args).map(Value::from_safe_string);
        }
        let signature = self.0.get(name).ok_or_else(unknown)?;
        let given = Given::new(signature, state, args)?;
        let drawn = state.env().get_template(&signature.template)?.render(Value::from_object(given))?;
        Ok(Value::from_safe_string(drawn))
    }
}

impl Given {
    fn new(signature: &Arc<Signature>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Self, Error> {
        let (placed, named): (&[Value], Kwargs) = from_args(args)?;
        let mut used = 0;
        let mut said = |name: &str| {
            let said = named.peek::<Option<Value>>(name).ok().flatten().or_else(|| named.has(name).then(|| Value::from(())));
            used += usize::from(said.is_some());
            said
        };
        let mut values = Vec::with_capacity(signature.parameters.len());
        for (at, (name, default)) in signature.parameters.iter().enumerate() {
            let value = placed.get(at).cloned().or_else(|| said(name)).or_else(|| default.clone());
            let missing = || Error::new(ErrorKind::MissingArgument, format!("{name} of {}", signature.template));
            values.push(value.ok_or_else(missing)?);
        }
        let caller = said("caller").map(|inside| inside.call(state, &[])).transpose()?;
        if placed.len() > values.len() || used < named.args().count() {
            return Err(Error::new(ErrorKind::TooManyArguments, signature.template.clone()));
        }
        let caller = caller.map(|inside| Value::from_function(move || inside.clone()));
        Ok(Self { signature: signature.clone(), values, caller })
    }
}

impl Object for Given {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let at = self.signature.parameters.iter().position(|(parameter, _)| parameter == name);
        at.map(|at| self.values[at].clone()).or_else(|| self.caller.clone().filter(|_| name == "caller"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> Environment<'static> {
        let file = "{#- A title. -#}\n{%- macro title(text, level=2) -%}\n<h{{ level }}>{{ text }}</h{{ level }}>\n{%- endmacro -%}\n\n\
                    {%- macro card(tone=\"\") -%}<div class=\"{{ tone }}\">{{ caller() }}</div>{%- endmacro -%}\n";
        let mut env = Environment::new();
        let parts = split(file);
        add(&mut env, &parts).expect("well written");
        for part in parts {
            env.add_template_owned(part.template, part.body).expect("well written");
        }
        env
    }

    fn draw(text: &str) -> Result<String, Error> {
        environment().render_named_str("page.html", text, ())
    }

    #[test]
    fn a_part_takes_values_by_place_by_name_or_by_default() {
        assert_eq!(draw("{{ parts.title(\"a < b\") }}").expect("drawn"), "<h2>a &lt; b</h2>");
        assert_eq!(draw("{{ parts.title(text=\"a\", level=3) }}").expect("drawn"), "<h3>a</h3>");
        assert_eq!(
            draw("{% call parts.card(\"hot\") %}{{ parts.title(\"a\") }}{% endcall %}").expect("drawn"),
            "<div class=\"hot\"><h2>a</h2></div>"
        );
    }

    #[test]
    fn a_wrong_call_is_refused() {
        for wrong in ["{{ parts.title() }}", "{{ parts.title(1, 2, 3) }}", "{{ parts.title(1, size=2) }}", "{{ parts.none() }}"] {
            assert!(draw(wrong).is_err(), "{wrong}");
        }
    }
}
