//! "À imprimer et à poster": the letters of a dossier that no mail takes to the person. The agent prints, posts, and
//! gives the day here.

use axum::extract::Path;
use axum::response::Response;
use jiff::civil::Date;
use kernel::web::{AgentCx, Form};
use kernel::{CourrierId, Error, FieldErrors, Result};
use serde::Serialize;

use super::dossier;
use super::opened::Opened;
use crate::post::note_posting;
use crate::rights::{ENTER, INSTRUCT};
use crate::thread::Courrier;
use crate::words::long_date;

/// A letter that waits to be posted.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PostView {
    pub title: String,
    /// The PDF.
    pub href: String,
    /// "Produit le 3 décembre 2026".
    pub made: String,
    /// Where the day is given; none for who may only read.
    pub action: Option<String>,
    /// The name of its three boxes.
    pub field: String,
    pub on: Boxes,
}

/// A day, box by box.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Boxes {
    pub jour: String,
    pub mois: String,
    pub annee: String,
}

impl PostView {
    /// An example.
    pub fn sample() -> Self {
        Self {
            title: "Accusé de réception".into(),
            href: "/agent/dossiers/dos_1/courriers/cou_1".into(),
            made: "Produit le 3 décembre 2026".into(),
            action: Some("/agent/dossiers/dos_1/courriers/cou_1/envoi".into()),
            field: "envoi_cou_1".into(),
            on: Boxes { jour: "3".into(), mois: "12".into(), annee: "2026".into() },
        }
    }
}

/// What waits, oldest first.
pub(crate) fn waiting(cx: &AgentCx, opened: &Opened) -> Vec<PostView> {
    let may = opened.may(cx, INSTRUCT) || opened.may(cx, ENTER);
    let today = opened.today;
    let view = |courrier: &Courrier| PostView {
        title: courrier.title.clone(),
        href: format!("{}/courriers/{}", opened.path(), courrier.id),
        made: format!("Produit le {}", long_date(cx.tenant.zone().to_datetime(courrier.produced_at).date())),
        action: may.then(|| format!("{}/courriers/{}/envoi", opened.path(), courrier.id)),
        field: field(courrier.id),
        on: Boxes { jour: today.day().to_string(), mois: today.month().to_string(), annee: today.year().to_string() },
    };
    opened.whole.courriers.iter().filter(|courrier| opened.mail.is_none() && courrier.sent_at.is_none()).map(view).collect()
}

/// The day on which a letter was posted.
pub(crate) async fn note(cx: AgentCx, Path((id, courrier)): Path<(String, String)>, form: Form) -> Result<Response> {
    let opened = Opened::of(&cx, &id).await?;
    let courrier: CourrierId = courrier.parse()?;
    let name = field(courrier);
    let refused = |sentence: String| {
        let mut faults = FieldErrors::new();
        faults.push(name.clone(), sentence);
        faults
    };
    let on = match day(&form, &name) {
        Ok(on) => on,
        Err(sentence) => return dossier::refuse(&cx, &opened, refused(sentence)).await,
    };
    let (id, path) = (opened.dossier().id, opened.path());
    let done = cx
        .once(&form, async |tx| {
            note_posting(tx, id, courrier, on).await?;
            cx.flash(tx, format!("L’envoi du {} est noté.", long_date(on))).await?;
            Ok(path)
        })
        .await;
    match done {
        Err(Error::Invalid(faults)) => {
            let sentence = faults.0.into_iter().next().map(|fault| fault.sentence).unwrap_or_default();
            dossier::refuse(&cx, &opened, refused(sentence)).await
        }
        done => done,
    }
}

fn field(courrier: CourrierId) -> String {
    format!("envoi_{courrier}")
}

fn day(form: &Form, name: &str) -> Result<Date, String> {
    let kind = kinds::kind("date").ok_or("Cette date ne peut pas être lue.")?;
    let controls: Vec<(&str, String)> = kind.parts().iter().map(|part| (*part, format!("{name}.{part}"))).collect();
    let input = controls.iter().fold(kinds::Input::new(), |input, (part, control)| input.with(part, form.get(control).unwrap_or_default()));
    match kind.parse(&input, &kinds::Rule::default()) {
        Ok(value) => value.and_then(|value| value.as_str()?.parse().ok()).ok_or_else(|| "Donnez le jour de l’envoi.".into()),
        Err(refusal) => Err(refusal.sentence),
    }
}
