//! S18: the look of the tenant. One colour gives both themes; what it becomes so that text is readable is shown with
//! its contrast. The preview is the page itself, drawn again with the colour that was typed: no script.

use axum::{http::StatusCode, response::Response};
use kernel::{
    FieldError, FieldErrors, Result, Tenant,
    templates::{Page, Sample, samples},
    web::{AdminCx, Form, Pages, look, see_other},
};
use serde::Serialize;

use super::settings::{change, renew};
use crate::{MANAGE_TENANT, web::faults};

/// One theme, as it would be.
#[derive(Debug, Clone, Serialize)]
pub struct Preview {
    /// "Clair", "Sombre".
    pub title: &'static str,
    /// A drawing of a page: the colours cannot be the page's own, which are the present ones.
    pub drawing: String,
    /// The brand colour as it would be used.
    pub adapted: String,
    /// Whether it differs from what was typed.
    pub is_adapted: bool,
    /// Contrast of the text of a button, "7,2".
    pub button_ratio: String,
    /// Contrast of a link on the page.
    pub link_ratio: String,
}

/// The settings.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LookPage {
    /// Name of the collectivité.
    pub name: String,
    /// Under the name.
    pub baseline: String,
    /// The one colour.
    pub brand: String,
    /// Front desk.
    pub phone: String,
    /// Front desk.
    pub mail: String,
    /// Front desk.
    pub address: String,
    /// Front desk.
    pub hours: String,
    /// Where its decisions are contested.
    pub tribunal: String,
    /// Where its civil-status acts are contested.
    pub tribunal_judiciaire: String,
    /// `auto`, `light`, `dark`.
    pub theme: String,
    /// Corners in pixels: `0`, `6`, `12`.
    pub radius: String,
    /// Whether every agent needs two factors.
    pub agents_second_factor: bool,
    /// Both themes.
    pub previews: Vec<Preview>,
    /// Shown but not kept yet.
    pub is_preview: bool,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

impl Page for LookPage {
    const TEMPLATE: &'static str = "comptes/admin/apparence.html";
    fn samples() -> Vec<Self> {
        let page = |brand: &str, errors| Self {
            brand: brand.into(),
            previews: previews(brand),
            errors,
            theme: "auto".into(),
            radius: "6".into(),
            ..Self::default()
        };
        let fault = FieldError { field: "brand".into(), sentence: "Écrivez une couleur, par exemple #0b5a63.".into() };
        vec![page("#0b5a63", vec![]), Self { is_preview: true, ..page("#e2a400", vec![]) }, page("bleu", vec![fault])]
    }
}

pub(super) fn pages_of(pages: Pages) -> Pages {
    pages.get("/admin/apparence", show).post("/admin/apparence", save)
}

pub(super) fn samples_of() -> Vec<Sample> {
    samples::<LookPage>()
}

fn previews(brand: &str) -> Vec<Preview> {
    let roles = look::derive(brand);
    let of = |title, theme: &look::Theme| {
        let ratio = |a: &str, b: &str| format!("{:.1}", look::ratio(a, b).unwrap_or(1.0)).replace('.', ",");
        Preview {
            title,
            drawing: drawing(theme),
            is_adapted: !theme.brand.eq_ignore_ascii_case(brand.trim()),
            button_ratio: ratio(&theme.on_brand, &theme.brand),
            link_ratio: ratio(&theme.link, &theme.paper),
            adapted: theme.brand.clone(),
        }
    };
    vec![of("Clair", &roles.light), of("Sombre", &roles.dark)]
}

/// A small page: strip, heading, text, button. Colours are attributes, so that no style is inline.
fn drawing(t: &look::Theme) -> String {
    format!(
        "<svg viewBox=\"0 0 320 170\" width=\"320\" height=\"170\" aria-hidden=\"true\">\
         <rect width=\"320\" height=\"170\" fill=\"{paper}\"/><rect width=\"320\" height=\"10\" fill=\"{brand}\"/>\
         <rect x=\"110\" width=\"60\" height=\"10\" fill=\"{spark}\"/><rect y=\"10\" width=\"320\" height=\"30\" fill=\"{sheet}\"/>\
         <text x=\"16\" y=\"31\" font-size=\"14\" font-weight=\"700\" fill=\"{ink}\">Aa Vos démarches</text>\
         <rect x=\"16\" y=\"56\" width=\"288\" height=\"48\" rx=\"6\" fill=\"{wash}\"/>\
         <text x=\"28\" y=\"77\" font-size=\"13\" fill=\"{ink}\">Votre demande est envoyée.</text>\
         <text x=\"28\" y=\"95\" font-size=\"13\" fill=\"{link}\" text-decoration=\"underline\">Suivre ma demande</text>\
         <rect x=\"16\" y=\"118\" width=\"120\" height=\"36\" rx=\"6\" fill=\"{brand}\"/>\
         <text x=\"76\" y=\"141\" font-size=\"14\" text-anchor=\"middle\" fill=\"{on_brand}\">Continuer</text></svg>",
        paper = t.paper,
        brand = t.brand,
        spark = t.spark,
        sheet = t.sheet,
        ink = t.ink,
        wash = t.wash,
        link = t.link,
        on_brand = t.on_brand,
    )
}

fn page_of(tenant: &Tenant) -> LookPage {
    let settings = tenant.settings.clone();
    LookPage {
        name: tenant.name.clone(),
        previews: previews(&settings.brand),
        baseline: settings.baseline,
        brand: settings.brand,
        phone: settings.phone,
        mail: settings.mail,
        address: settings.address,
        hours: settings.hours,
        tribunal: settings.tribunal,
        tribunal_judiciaire: settings.tribunal_judiciaire,
        theme: settings.theme,
        radius: settings.radius.to_string(),
        agents_second_factor: settings.agents_second_factor,
        is_preview: false,
        errors: vec![],
    }
}

fn typed(form: &Form) -> LookPage {
    let text = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
    // Texts put their own article before the name of a court.
    let court = |name: &str| text(name).trim_start_matches("Le ").trim_start_matches("le ").to_owned();
    LookPage {
        name: text("name"),
        baseline: text("baseline"),
        previews: previews(&text("brand")),
        brand: text("brand"),
        phone: text("phone"),
        mail: text("mail"),
        address: text("address"),
        hours: text("hours"),
        tribunal: court("tribunal"),
        tribunal_judiciaire: court("tribunal_judiciaire"),
        theme: text("theme"),
        radius: text("radius"),
        agents_second_factor: form.has("agents_second_factor"),
        is_preview: false,
        errors: vec![],
    }
}

async fn show(cx: AdminCx) -> Result<Response> {
    cx.read(async |tx| tx.allow_any(MANAGE_TENANT)).await?;
    cx.page(&page_of(&cx.tenant))
}

async fn save(cx: AdminCx, form: Form) -> Result<Response> {
    let page = typed(&form);
    if form.has("apercu") {
        return match check(&page) {
            Ok(()) => cx.page(&LookPage { is_preview: true, ..page }),
            Err(error) => cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &LookPage { errors: faults(error)?, ..page }),
        };
    }
    match keep(&cx, &page).await {
        Ok(()) => Ok(see_other("/admin/apparence")),
        Err(error) => cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &LookPage { errors: faults(error)?, ..page }),
    }
}

fn check(page: &LookPage) -> Result<()> {
    let mut errors = FieldErrors::new();
    if page.name.is_empty() {
        errors.push("name", "Écrivez le nom de la collectivité, tel qu’il figure en haut des pages.");
    }
    if !look::is_colour(&page.brand) {
        errors.push("brand", "Écrivez une couleur, par exemple #0b5a63.");
    }
    if !page.mail.is_empty() && crate::comptes::normal_mail(&page.mail).is_none() {
        errors.push("mail", "Écrivez une adresse électronique, par exemple mairie@exemple.fr.");
    }
    if page.phone.is_empty() && page.mail.is_empty() {
        errors.push("phone", "Écrivez un téléphone ou une adresse électronique : chaque page dit comment vous joindre.");
    }
    if radius(&page.radius).is_none() {
        errors.push("radius", "Choisissez des angles droits, un peu arrondis ou arrondis.");
    }
    errors.into_result()?;
    crate::comptes::check_theme(&page.theme)
}

fn radius(typed: &str) -> Option<u8> {
    typed.parse().ok().filter(|pixels| [0, 6, 12].contains(pixels))
}

async fn keep(cx: &AdminCx, page: &LookPage) -> Result<()> {
    check(page)?;
    change(cx, "L’apparence est enregistrée.", |tenant| {
        let settings = &mut tenant.settings;
        let mut changed = renew([
            ("name", &mut tenant.name, &page.name),
            ("baseline", &mut settings.baseline, &page.baseline),
            ("brand", &mut settings.brand, &page.brand),
            ("phone", &mut settings.phone, &page.phone),
            ("mail", &mut settings.mail, &page.mail),
            ("address", &mut settings.address, &page.address),
            ("hours", &mut settings.hours, &page.hours),
            ("tribunal", &mut settings.tribunal, &page.tribunal),
            ("tribunal_judiciaire", &mut settings.tribunal_judiciaire, &page.tribunal_judiciaire),
            ("theme", &mut settings.theme, &page.theme),
        ]);
        if let Some(pixels) = radius(&page.radius).filter(|pixels| *pixels != settings.radius) {
            settings.radius = pixels;
            changed.push("radius");
        }
        if settings.agents_second_factor != page.agents_second_factor {
            settings.agents_second_factor = page.agents_second_factor;
            changed.push("agents_second_factor");
        }
        changed
    })
    .await
}
