//! A place in a tree: `Demandeur/Nom`, `Titulaire[2]/Nom`, `Envoi/@canal`. Pure.

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub name: String,
    /// From 0.
    pub index: usize,
    /// Whether the rank was written.
    pub is_ranked: bool,
}

/// Where a value goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub steps: Vec<Step>,
    pub attribute: Option<String>,
}

/// Reads a path; nothing when it is not one.
pub(super) fn parse(path: &str) -> Option<Place> {
    let mut steps = Vec::new();
    let mut attribute = None;
    for part in path.split('/') {
        if attribute.is_some() {
            return None;
        }
        match part.strip_prefix('@') {
            Some(name) if is_name(name) => attribute = Some(name.to_owned()),
            Some(_) => return None,
            None => steps.push(step(part)?),
        }
    }
    Some(Place { steps, attribute })
}

fn step(part: &str) -> Option<Step> {
    let (name, index, is_ranked) = match part.split_once('[') {
        None => (part, 1, false),
        Some((name, rest)) => (name, rest.strip_suffix(']')?.parse::<usize>().ok()?, true),
    };
    (is_name(name) && (1..=255).contains(&index)).then(|| Step { name: name.to_owned(), index: index - 1, is_ranked })
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_steps_ranks_and_one_last_attribute() {
        let place = parse("Titulaire[2]/Nom/@code").expect("a path");
        assert_eq!(
            place.steps,
            [Step { name: "Titulaire".into(), index: 1, is_ranked: true }, Step { name: "Nom".into(), index: 0, is_ranked: false },]
        );
        assert_eq!(place.attribute.as_deref(), Some("code"));
        assert_eq!(parse("@canal").expect("an attribute of the root").steps, []);
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for wrong in ["", "A//B", "A[0]", "A[x]", "A[1", "@a/B", "É", "1A", "A B", "A[999]"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
