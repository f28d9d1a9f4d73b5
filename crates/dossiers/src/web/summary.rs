//! The list of what is to correct, on top of a form: each line names its question, so that three empty answers are
//! not three times the same words. Beside the field itself the sentence stands alone.

use kernel::{FieldError, FieldErrors};
use teleservices::package::Question;

use crate::words::lower_first;

/// The faults of a form, each named by the question it is about; those of no question stay as they are.
pub(crate) fn named<'q>(faults: &FieldErrors, questions: impl Iterator<Item = &'q Question> + Clone) -> Vec<FieldError> {
    let label = |field: &str| {
        let id = field.split('.').next().unwrap_or(field);
        questions.clone().find(|question| question.id == id).map(|question| question.label.as_str())
    };
    let line = |fault: &FieldError| FieldError {
        field: fault.field.clone(),
        sentence: label(&fault.field).map_or_else(|| fault.sentence.clone(), |label| name(label, &fault.sentence)),
    };
    faults.0.iter().map(line).collect()
}

/// « Votre nom : écrivez votre réponse. », or « Quand l’avez-vous acheté ? Écrivez la date. » after a true question.
pub(crate) fn name(label: &str, sentence: &str) -> String {
    let label = label.trim_end();
    if label.ends_with('?') {
        return format!("{label} {sentence}");
    }
    format!("{label} : {}", lower_first(sentence))
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_fault_is_named_by_its_question() {
        assert_eq!(name("Votre nom de naissance", "Écrivez votre réponse."), "Votre nom de naissance : écrivez votre réponse.");
        assert_eq!(name("Quand l’avez-vous acheté ?", "Écrivez la date."), "Quand l’avez-vous acheté ? Écrivez la date.");
    }
}
