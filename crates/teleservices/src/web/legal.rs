//! U38: the pages that the law wants on every public site, made from what is known of the tenant and of its téléservices:
//! accessibility statement (RGAA), legal notice (LCEN), personal data (GDPR articles 13 and 14), terms of use (CRPA
//! L112-9), site map, help.

use axum::response::Response;
use jiff::civil::{Date, date};
use kernel::{
    Result, Tenant, Tx,
    templates::{Page, french},
    web::Public,
};
use referentiel::{Notice, public_readings};
use serde::Serialize;

use crate::{catalogue, version};

/// The day of the present wording of the statement and of the terms.
const TEXTS_OF: Date = date(2026, 11, 24);

/// A title and Markdown.
#[derive(Debug, Default, Serialize)]
pub(crate) struct LegalPage {
    pub title: String,
    pub lede: String,
    pub text: String,
}

impl Page for LegalPage {
    const TEMPLATE: &'static str = "teleservices/texte.html";
    fn samples() -> Vec<Self> {
        vec![Self { title: "Aide".into(), lede: "Comment faire.".into(), text: "## Un titre\n\nUn texte.".into() }]
    }
}

/// What one démarche does with personal data.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Processing {
    pub title: String,
    pub purpose: String,
    pub basis: String,
    pub kept: String,
    pub recipients: String,
}

/// Personal data, démarche by démarche.
#[derive(Debug, Default, Serialize)]
pub(crate) struct PrivacyPage {
    pub controller: String,
    pub dpo: String,
    pub processings: Vec<Processing>,
    /// Who reads what outside, on what basis.
    pub readings: Vec<Notice>,
}

impl Page for PrivacyPage {
    const TEMPLATE: &'static str = "teleservices/donnees.html";
    fn samples() -> Vec<Self> {
        let one = Processing {
            title: "Aide à l’achat d’un vélo".into(),
            purpose: "Instruire et verser l’aide".into(),
            basis: "mission d’intérêt public".into(),
            kept: "10 ans".into(),
            recipients: "le service Mobilités".into(),
        };
        let reading = Notice {
            who: "Caisse des écoles".into(),
            what: "votre quotient familial".into(),
            title: "calculer le tarif de la cantine".into(),
            basis: "une mission d’intérêt public (code de l’éducation, article L. 212-10)".into(),
            can_oppose: true,
        };
        vec![Self::default(), Self { controller: "Commune".into(), dpo: "dpo@exemple.fr".into(), processings: vec![one], readings: vec![reading] }]
    }
}

/// All pages of the site.
#[derive(Debug, Default, Serialize)]
pub(crate) struct MapPage {
    pub entries: Vec<super::home::Entry>,
}

impl Page for MapPage {
    const TEMPLATE: &'static str = "teleservices/plan.html";
    fn samples() -> Vec<Self> {
        vec![Self::default(), Self { entries: vec![super::home::Entry::sample()] }]
    }
}

/// `GET /donnees-personnelles`
pub(crate) async fn privacy(Public(cx): Public) -> Result<Response> {
    let (processings, readings) = cx.read(async |tx| Ok((processings(tx).await?, public_readings(tx).await?))).await?;
    let settings = &cx.tenant.settings;
    let readings = readings.into_iter().map(|one| Notice { what: capital(&one.what), basis: capital(&one.basis), ..one }).collect();
    cx.page(&PrivacyPage { controller: controller(&cx.tenant), dpo: settings.dpo.clone(), processings, readings })
}

async fn processings(tx: &mut Tx) -> Result<Vec<Processing>> {
    let mut found = vec![];
    for entry in &catalogue(tx).await?.entries {
        let version = version(tx, entry.version).await?;
        let Some(data) = &version.package.card.data else { continue };
        found.push(Processing {
            title: entry.title.clone(),
            purpose: capital(&data.purpose),
            basis: capital(&match &data.basis_text {
                Some(text) => format!("{} : {text}", data.basis.label()),
                None => data.basis.label().to_owned(),
            }),
            kept: format!("{} après la fin de la demande ; un brouillon, {}", data.retention, data.draft_retention),
            recipients: capital(&data.recipients.join(" ; ")),
        });
    }
    Ok(found)
}

/// `GET /plan-du-site`
pub(crate) async fn map(Public(cx): Public) -> Result<Response> {
    let all = cx.read(async |tx| catalogue(tx).await).await?;
    cx.page(&MapPage { entries: all.entries.iter().map(super::home::Entry::of).collect() })
}

/// `GET /aide`
pub(crate) async fn help(Public(cx): Public) -> Result<Response> {
    let contact = contact(&cx.tenant);
    let text = format!(
        "## Faire une demande\n\nChoisissez une démarche, vérifiez si vous y avez droit, répondez page par page. À chaque « Continuer », \
         vos réponses sont enregistrées.\n\n## S’arrêter et reprendre\n\n« Enregistrer et reprendre plus tard » vous envoie un lien à votre \
         adresse électronique. Vous pouvez aussi créer un compte : vos demandes y sont réunies.\n\n## Suivre une demande\n\nAvec son numéro et votre \
         adresse électronique, ou depuis votre compte : [suivre une demande avec son numéro](/suivi).\n\n## Être aidé\n\n{contact} Une personne peut remplir \
         la demande avec vous, à l’accueil ou au téléphone. Les espaces France services aident aussi, gratuitement."
    );
    cx.page(&LegalPage { title: "Aide".into(), lede: "Faire une demande, la reprendre, la suivre, être aidé.".into(), text })
}

/// `GET /accessibilite`: what the order of 20 September 2019 (RGAA 4.1) wants in a statement. Without a valid audit a site
/// does not conform, whatever its worth (law n° 2005-102, article 47; decree n° 2019-768).
pub(crate) async fn accessibility(Public(cx): Public) -> Result<Response> {
    let tenant = &cx.tenant;
    let (title, state) = conformity(&tenant.settings.accessibility);
    let text = format!(
        "{name} s’engage à rendre ce site accessible, conformément à l’article 47 de la loi n° 2005-102 du 11 février 2005 et au \
         décret n° 2019-768 du 24 juillet 2019. Cette déclaration s’applique à {base}.\n\n\
         ## État de conformité\n\n{state}\n\n\
         ## Contenus non accessibles\n\nAucun défaut n’est connu à ce jour sur les pages vérifiées ; faute d’audit complet, il peut en rester. \
         Les fichiers que vous joignez et les documents que d’autres administrations vous envoient ne sont pas dans le champ de \
         l’obligation. Aucune dérogation pour charge disproportionnée n’est demandée.\n\n\
         ## Établissement de cette déclaration\n\nElle a été établie le {day}.\n\n\
         - Technologies : HTML, CSS, SVG. JavaScript n’est jamais nécessaire.\n\
         - Vérifications : chaque page, à chaque version, avec axe-core dans Chromium, avec et sans script, au clavier, à 360 et \
         1 280 pixels de large, en clair et en sombre.\n\
         - Pages vérifiées : accueil, démarches, page d’une démarche, formulaire, pièces, vérification, suivi, connexion, aide, \
         accessibilité, mentions légales, données personnelles, et les pages des agents.\n\n\
         ## Signaler une difficulté\n\nSi vous n’arrivez pas à lire une page ou à faire une démarche, dites-le-nous. {contact} Nous vous \
         répondons en une semaine au plus et vous proposons un autre moyen de faire votre démarche.\n\n\
         ## Voies de recours\n\nSi vous avez signalé une difficulté et n’avez pas reçu de réponse satisfaisante, vous pouvez \
         [écrire au Défenseur des droits par son formulaire](https://formulaire.defenseurdesdroits.fr/), \
         [rencontrer son délégué près de chez vous](https://www.defenseurdesdroits.fr/saisir/delegues), l’appeler au \
         [09 69 39 00 00](tel:0969390000), ou lui écrire gratuitement, sans timbre : Défenseur des droits, Libre réponse 71120, \
         75342 Paris Cedex 07.",
        name = tenant.name,
        base = tenant.base_url,
        day = french::date(TEXTS_OF),
        contact = contact(tenant),
    );
    cx.page(&LegalPage { title: title.into(), lede: String::new(), text })
}

/// What the footer says, and what the statement says of it.
fn conformity(setting: &str) -> (&'static str, &'static str) {
    match setting {
        "totale" => (
            "Accessibilité : totalement conforme",
            "Ce site est **totalement conforme** au référentiel général d’amélioration de l’accessibilité (RGAA), version 4.1, d’après \
             son audit.",
        ),
        "partielle" => (
            "Accessibilité : partiellement conforme",
            "Ce site est **partiellement conforme** au référentiel général d’amélioration de l’accessibilité (RGAA), version 4.1, d’après \
             son audit : au moins la moitié des critères applicables sont respectés.",
        ),
        _ => (
            "Accessibilité : non conforme",
            "Ce site est **non conforme** au référentiel général d’amélioration de l’accessibilité (RGAA), version 4.1 : il n’existe \
             pas de résultat d’audit en cours de validité qui permette de mesurer le respect des critères. Les pages sont \
             vérifiées par des outils à chaque version ; l’audit complet par une personne reste à faire.",
        ),
    }
}

/// `GET /mentions-legales`: law n° 2004-575 of 21 June 2004.
pub(crate) async fn notice(Public(cx): Public) -> Result<Response> {
    let (tenant, settings) = (&cx.tenant, &cx.tenant.settings);
    let or = |text: &str, wanted: &str| if text.is_empty() { format!("*À compléter par l’administrateur : {wanted}.*") } else { text.to_owned() };
    let text = format!(
        "## Éditeur\n\n{}\n\n{}\n\n## Directeur ou directrice de la publication\n\n{}\n\n## Hébergement\n\n{}\n\n## Logiciel\n\nParvis, logiciel \
         libre sous licence EUPL 1.2.\n\n## Cookies\n\nCe site en dépose deux, nécessaires : l’un tient votre session, \
         l’autre, après une connexion, reconnaît cet appareil pendant six mois pour que des essais faits par d’autres ne vous \
         ferment pas la porte. Ils ne demandent pas votre accord. Il n’y a ni mesure d’audience, ni service tiers.",
        controller(tenant),
        contact(tenant),
        or(&settings.director, "nom et qualité"),
        or(&settings.hosting, "nom, adresse et téléphone de l’hébergeur"),
    );
    cx.page(&LegalPage { title: "Mentions légales".into(), lede: String::new(), text })
}

/// `GET /conditions`: the terms of use of the téléservices, CRPA L112-9; they bind the public.
pub(crate) async fn terms(Public(cx): Public) -> Result<Response> {
    let tenant = &cx.tenant;
    let text = format!(
        "Version 1 du {day}.\n\n## Objet\n\nCe site permet de saisir {name} par voie électronique (code des \
         relations entre le public et l’administration, articles L112-8 et suivants). Voici la [liste des démarches](/demarches).\n\n\
         ## Ce qui est reçu\n\nToute demande envoyée reçoit un accusé de réception électronique. La date qui compte est celle qu’il porte.{mails}\n\n\
         ## S’identifier\n\nUn nom, un prénom, une adresse postale et une adresse électronique suffisent ; un compte n’est jamais obligatoire.\n\n\
         ## Autres moyens\n\nLes demandes restent possibles à l’accueil et par courrier. {contact}\n\n\
         ## Sécurité\n\nLes envois abusifs par leur nombre ou leur répétition, ou qui menacent la sécurité du site, peuvent être écartés (article L112-11).",
        day = french::date(TEXTS_OF),
        name = tenant.name,
        mails = senders(&cx.app.config.mail.from),
        contact = contact(tenant),
    );
    cx.page(&LegalPage { title: "Conditions d’utilisation".into(), lede: String::new(), text })
}

/// From which address mails come, so that others are not believed; nothing where none is set.
fn senders(from: &str) -> String {
    let address = from.rsplit_once('<').map_or(from, |(_, address)| address.trim_end_matches('>')).trim();
    if address.is_empty() {
        return String::new();
    }
    format!(" Les messages à propos de vos demandes viennent de l’adresse {address}.")
}

fn controller(tenant: &Tenant) -> String {
    if tenant.settings.publisher.is_empty() { tenant.name.clone() } else { tenant.settings.publisher.clone() }
}

/// How to reach the tenant, in a sentence of Markdown: what can be pressed is a link.
fn contact(tenant: &Tenant) -> String {
    let settings = &tenant.settings;
    let phone = settings.phone.as_str();
    let dialled: String = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let ways = [
        (phone, format!("au [{phone}](tel:{dialled})")),
        (&settings.mail, format!("à [{mail}](mailto:{mail})", mail = settings.mail)),
        (&settings.address, format!("par courrier ou sur place : {}", settings.address)),
    ];
    let ways: Vec<String> = ways.into_iter().filter(|(value, _)| !value.is_empty()).map(|(_, way)| way).collect();
    if ways.is_empty() { String::new() } else { format!("Vous pouvez nous joindre {}.", ways.join(", ")) }
}

/// A value begins with a capital, as each line of a list of facts.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_audit_a_site_does_not_conform() {
        assert_eq!(conformity("").0, "Accessibilité : non conforme");
        assert_eq!(conformity("partielle").0, "Accessibilité : partiellement conforme");
    }

    #[test]
    fn the_sender_told_is_the_one_that_writes() {
        assert!(senders("Mairie <ne-pas-repondre@exemple.fr>").ends_with(" l’adresse ne-pas-repondre@exemple.fr."));
        assert_eq!(senders(""), "");
    }
}
