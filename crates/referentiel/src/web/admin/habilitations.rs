//! "Contrats de service": which partner may read what, why, on what basis, until when. Granted and closed here.

use axum::{extract::Path, http::StatusCode, response::Response};
use comptes::Partenaire;
use kernel::{
    Error, FieldError, HabilitationId, PartenaireId, Result, t,
    templates::{Page, french},
    web::{AdminCx, Form},
};
use rgpd::{AUDIT, Basis, HABILITATE, Habilitation, NewHabilitation};
use serde::Serialize;

use crate::attributes;

/// All contracts.
#[derive(Serialize)]
pub(super) struct HabilitationsPage {
    lines: Vec<LineView>,
    may_grant: bool,
    has_partner: bool,
}

#[derive(Clone, Serialize)]
struct LineView {
    who: String,
    title: String,
    purpose: String,
    attributes: String,
    basis: String,
    reference: String,
    /// "depuis le…", "jusqu’au…", "fermé le…".
    since: String,
    is_open: bool,
    close: String,
}

/// The form of a new one.
#[derive(Clone, Serialize)]
pub(super) struct NewPage {
    partenaires: Vec<Choice>,
    attributes: Vec<Choice>,
    bases: Vec<Choice>,
    purpose: String,
    title: String,
    reference: String,
    valid_to: Boxes,
    errors: Vec<FieldError>,
}

/// A date as it was typed, box by box.
#[derive(Clone, Serialize)]
struct Boxes {
    jour: String,
    mois: String,
    annee: String,
}

#[derive(Clone, Serialize)]
struct Choice {
    value: String,
    label: String,
    hint: String,
    selected: bool,
    checked: bool,
}

impl Page for HabilitationsPage {
    const TEMPLATE: &'static str = "referentiel/admin/habilitations.html";
    fn samples() -> Vec<Self> {
        let line = LineView {
            who: "Caisse des écoles".into(),
            title: "calculer le tarif de la cantine".into(),
            purpose: "tarif-cantine".into(),
            attributes: "Quotient familial".into(),
            basis: "une mission d’intérêt public".into(),
            reference: "code de l’éducation, article L. 212-10".into(),
            since: "Depuis le 1er septembre 2026".into(),
            is_open: true,
            close: "/admin/habilitations/hab_1/fermeture".into(),
        };
        let closed = LineView { is_open: false, since: "Fermé le 2 octobre 2026".into(), ..line.clone() };
        vec![
            Self { lines: vec![], may_grant: true, has_partner: false },
            Self { lines: vec![line.clone(), closed], may_grant: true, has_partner: true },
            Self { lines: vec![line], may_grant: false, has_partner: true },
        ]
    }
}

impl Page for NewPage {
    const TEMPLATE: &'static str = "referentiel/admin/nouvelle-habilitation.html";
    fn samples() -> Vec<Self> {
        let page = form_page(&[], &Form::default());
        let error = FieldError { field: "title".into(), sentence: "Dites la finalité en quelques mots.".into() };
        vec![page.clone(), Self { errors: vec![error], ..page }]
    }
}

/// `GET /admin/habilitations`
pub(super) async fn list(cx: AdminCx) -> Result<Response> {
    let may_grant = cx.actor().may(HABILITATE, None);
    if !may_grant && !cx.actor().may(AUDIT, None) {
        return Err(Error::Forbidden(HABILITATE.0));
    }
    let (every, partenaires) = cx.read(async |tx| Ok((rgpd::every_habilitation(tx).await?, comptes::partenaires(tx).await?))).await?;
    let today = cx.app.clock.now().to_zoned(cx.tenant.zone()).date();
    let line = |h: &Habilitation| LineView {
        who: name(&partenaires, h.partenaire),
        title: h.title.clone(),
        purpose: h.purpose.clone(),
        attributes: labels(&h.attributes),
        basis: h.basis.label().into(),
        reference: h.reference.clone(),
        since: match (h.closed_at, h.valid_to) {
            (Some(at), _) => t!("Fermé le {day}", day = french::date(at.to_zoned(cx.tenant.zone()).date())),
            (None, Some(last)) => t!("Jusqu’au {day}", day = french::date(last)),
            (None, None) => t!("Depuis le {day}", day = french::date(h.valid_from)),
        },
        is_open: h.holds(today),
        close: format!("/admin/habilitations/{}/fermeture", h.id),
    };
    cx.page(&HabilitationsPage { lines: every.iter().map(line).collect(), may_grant, has_partner: !partenaires.is_empty() })
}

fn name(partenaires: &[Partenaire], id: PartenaireId) -> String {
    partenaires.iter().find(|p| p.id == id).map_or_else(|| t!("Un ancien partenaire"), |p| p.name.clone())
}

fn labels(codes: &[String]) -> String {
    let label = |code: &String| crate::attribute(code).map_or_else(|| code.clone(), |attribute| attribute.label.to_owned());
    codes.iter().map(label).collect::<Vec<_>>().join(", ")
}

/// `GET /admin/habilitations/nouvelle`
pub(super) async fn blank(cx: AdminCx) -> Result<Response> {
    let partenaires = partners(&cx).await?;
    cx.page(&form_page(&partenaires, &Form::default()))
}

async fn partners(cx: &AdminCx) -> Result<Vec<Partenaire>> {
    cx.read(async |tx| {
        tx.allow_any(HABILITATE)?;
        comptes::partenaires(tx).await
    })
    .await
}

fn form_page(partenaires: &[Partenaire], form: &Form) -> NewPage {
    let chosen = |name: &'static str, value: &str| form.all(name).any(|text| text == value);
    let choice = |name: &'static str, value: &str, label: &str, hint: &str| {
        let is_chosen = chosen(name, value);
        Choice { value: value.into(), label: label.into(), hint: hint.into(), selected: is_chosen, checked: is_chosen }
    };
    let hint = |basis: Basis| match basis {
        Basis::Consent => "Seulement si la personne est libre de refuser. Elle donne son accord sur la page Mes données.",
        Basis::LegalObligation => "La personne est informée ; elle ne peut pas s’opposer.",
        Basis::PublicTask => "La personne est informée et peut s’opposer.",
        Basis::Exchange => "La personne est informée de ce qui est échangé pour traiter sa demande.",
    };
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    NewPage {
        partenaires: partenaires.iter().map(|p| choice("partenaire", &p.id.to_string(), &p.name, "")).collect(),
        attributes: attributes::ALL.iter().map(|a| choice("attributes", a.code, a.label, "")).collect(),
        bases: Basis::ALL.into_iter().map(|basis| choice("basis", basis.code(), &capital(basis.label()), hint(basis))).collect(),
        purpose: text("purpose"),
        title: text("title"),
        reference: text("reference"),
        valid_to: Boxes { jour: text("valid_to.jour"), mois: text("valid_to.mois"), annee: text("valid_to.annee") },
        errors: vec![],
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// `POST /admin/habilitations`
pub(super) async fn grant(cx: AdminCx, form: Form) -> Result<Response> {
    let done = match read(&form) {
        Err(error) => Err(error),
        Ok(new) => {
            cx.once(&form, async |tx| {
                let known = comptes::partenaires(tx).await?.iter().any(|p| p.id == new.partenaire);
                if !known {
                    return Err(Error::invalid("partenaire", "Choisissez un partenaire dans la liste."));
                }
                rgpd::grant(tx, new.clone()).await?;
                cx.flash(tx, t!("Le contrat de service est ouvert. Les personnes en sont informées à leur prochain passage.")).await?;
                Ok("/admin/habilitations".into())
            })
            .await
        }
    };
    match done {
        Err(Error::Invalid(errors)) => {
            let partenaires = partners(&cx).await?;
            let page = NewPage { errors: errors.0, ..form_page(&partenaires, &form) };
            cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        done => done,
    }
}

/// What the form says; `Invalid` when it is not of the right shape.
fn read(form: &Form) -> Result<NewHabilitation> {
    let text = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
    let partenaire = text("partenaire").parse().map_err(|_| Error::invalid("partenaire", "Choisissez un partenaire dans la liste."))?;
    let basis = Basis::of_code(&text("basis")).ok_or_else(|| Error::invalid("basis", "Choisissez ce qui rend cette lecture légale."))?;
    let valid_to = day(form, "valid_to")?;
    let known = form.all("attributes").filter(|code| crate::attribute(code).is_some());
    Ok(NewHabilitation {
        partenaire,
        purpose: text("purpose"),
        title: text("title"),
        attributes: known.map(ToOwned::to_owned).collect(),
        basis,
        reference: text("reference"),
        valid_to,
    })
}

/// The day of three boxes; none when they are empty.
fn day(form: &Form, name: &str) -> Result<Option<jiff::civil::Date>> {
    let kind = kinds::kind("date").ok_or_else(|| Error::internal("no kind date"))?;
    let boxes = kind.parts().iter().map(|part| (*part, form.get(&format!("{name}.{part}")).unwrap_or_default()));
    let input = boxes.fold(kinds::Input::new(), |input, (part, text)| input.with(part, text));
    match kind.parse(&input, &kinds::Rule::default()) {
        Ok(value) => Ok(value.and_then(|value| value.as_str()?.parse().ok())),
        Err(refusal) => Err(Error::invalid(name, refusal.sentence)),
    }
}

/// `POST /admin/habilitations/{id}/fermeture`
pub(super) async fn close(cx: AdminCx, Path(id): Path<String>, form: Form) -> Result<Response> {
    let id: HabilitationId = id.parse()?;
    cx.once(&form, async |tx| {
        rgpd::close(tx, id).await?;
        cx.flash(tx, t!("Le contrat de service est fermé : plus rien n’est lu à ce titre.")).await?;
        Ok("/admin/habilitations".into())
    })
    .await
}
