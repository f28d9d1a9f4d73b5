//! What the law wants of a téléservice: silence, delay, remedies, data, what may reach the registry, no NIR.

use crate::package::flaw::{Report, suggest};
use crate::package::model::{Card, Nature, Phase, Question, Request, Silence};
use crate::package::read::Raw;
use std::cell::RefCell;

pub(super) fn check(card: &Card, raw: &Raw, report: &RefCell<Report>) {
    if let Some(request) = &card.request {
        silence(request, report);
        remedies(request, raw, report);
    }
    gives(card, raw, report);
    nir(raw, report);
    pieces(raw, report);
}

fn silence(request: &Request, report: &RefCell<Report>) {
    let mut report = report.borrow_mut();
    let place = &request.place;
    if request.silence == Silence::SansObjet {
        if request.delay.is_some() {
            report.error(
                place,
                "le silence est « sans objet », et pourtant un délai est donné",
                "retirez « delai », ou dites ce que le silence vaut ; une promesse du service s’écrit « engagement »",
            );
        }
    } else {
        if request.delay.is_none() {
            report.error(place, "le silence a un effet, mais « delai » ne dit pas au bout de combien de temps", "ajoutez delai = \"2 mois\"");
        }
        if request.article.is_none() {
            report.error(place, "le silence a un effet, mais « article » ne dit pas quel texte le prévoit", "ajoutez article = \"…\"");
        }
    }
    if request.nature == Nature::Aide && request.silence != Silence::Rejet {
        report.error(
            place,
            "une demande d’argent est rejetée quand l’administration se tait",
            "CRPA, article L231-4, 3° : mettez silence = \"rejet\"",
        );
    }
}

fn remedies(request: &Request, raw: &Raw, report: &RefCell<Report>) {
    let said = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
    let refuses = raw.circuit.iter().flat_map(|circuit| &circuit.states).any(|state| state.phase == Phase::Refuse);
    let (why, key) = if refuses && !said(request.remedies.as_deref()) {
        ("le circuit permet un refus", "recours")
    } else if request.silence == Silence::Rejet && !said(request.remedies_of_silence()) {
        ("le silence vaut rejet", "recours_silence")
    } else {
        return;
    };
    report.borrow_mut().error(
        &request.place,
        format!("{why}, mais « {key} » ne dit pas comment le contester"),
        format!("ajoutez {key} = \"…\" dans [demande] : devant qui, dans quel délai"),
    );
}

fn gives(card: &Card, raw: &Raw, report: &RefCell<Report>) {
    let questions: Vec<&Question> = raw.pages.iter().flat_map(|page| &page.questions).collect();
    let ids: Vec<&str> = questions.iter().map(|q| q.id.as_str()).collect();
    let mut report = report.borrow_mut();
    let gives = card.gives.iter().map(|give| (&give.question, &give.attribute, true));
    let prefills = card.prefills.iter().map(|prefill| (&prefill.question, &prefill.attribute, false));
    for (located, attribute, gives) in gives.chain(prefills) {
        let Some(question) = questions.iter().find(|q| q.id == located.text) else {
            report.error(&located.place, format!("la question « {} » n’existe pas", located.text), suggest(&located.text, ids.iter().copied()));
            continue;
        };
        if !question.own {
            let message = match gives {
                true => format!("« {} » n’est pas ce que la personne dit d’elle-même : le référentiel ne peut pas l’apprendre", question.id),
                false => format!("« {} » ne parle pas de la personne qui remplit : le référentiel ne peut pas la préremplir", question.id),
            };
            report.error(
                &located.place,
                message,
                "ajoutez pour_soi = true à la question si elle porte sur la personne qui remplit, ou retirez ce tableau",
            );
        }
        match referentiel::attribute(attribute) {
            None => report.error(
                &located.place,
                format!("« {attribute} » n’est pas une information du référentiel"),
                suggest(attribute, referentiel::attributes::ALL.iter().map(|known| known.code)),
            ),
            Some(known) if !fits(known.kind, question.kind.name()) => report.error(
                &located.place,
                format!("« {attribute} » ne va pas avec une question de genre « {} »", question.kind.name()),
                format!("genre attendu : {}", known.kind),
            ),
            Some(_) => {}
        }
    }
}

/// Whether a value of one kind can be kept as the other: a whole date is also a partial one, and a partial one
/// that does not fit a question is simply not proposed.
fn fits(attribute: &str, question: &str) -> bool {
    attribute == question || (attribute == "date_partielle" && question == "date")
}

/// The NIR may be asked only by those a decree names; no package of ours is one.
fn nir(raw: &Raw, report: &RefCell<Report>) {
    let form = raw.pages.iter().flat_map(|page| &page.questions);
    let asked = raw.rules.eligibility.iter().flat_map(|e| &e.questions);
    let fields = raw.circuit.iter().flat_map(|c| &c.transitions).flat_map(|t| &t.fields);
    for question in form.chain(asked).chain(fields) {
        if looks_like_nir(question) {
            report.borrow_mut().error(
                &question.place,
                format!("la question « {} » demande un numéro de sécurité sociale", question.id),
                "retirez-la : le décret n° 2019-341 réserve ce numéro à quelques traitements, dont celui-ci n’est pas",
            );
        }
    }
}

fn looks_like_nir(question: &Question) -> bool {
    let id = question.id.split('_').any(|word| word == "nir" || word == "nss");
    let text = kinds::fold::search_key(&question.label);
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let said = |pattern: &[&str]| words.windows(pattern.len()).any(|window| window == pattern);
    let number = words.iter().any(|w| w.starts_with("numero") || *w == "n");
    id || said(&["nir"])
        || (number && (said(&["securite", "sociale"]) || said(&["secu"]) || said(&["carte", "vitale"]) || said(&["inscription", "au", "repertoire"])))
}

fn pieces(raw: &Raw, report: &RefCell<Report>) {
    for piece in &raw.pieces {
        let text = kinds::fold::search_key(&piece.label);
        if text.contains("justificatif de domicile") {
            report.borrow_mut().remark(
                &piece.place,
                "un justificatif de domicile ne peut presque jamais être demandé",
                "CRPA, article R113-8 : la déclaration de la personne suffit, sauf exceptions",
            );
        }
    }
}
