//! U38: the pages that the law wants on every public site, made from what is known of the tenant and of its téléservices:
//! accessibility statement (RGAA), legal notice (LCEN), personal data (GDPR articles 13 and 14), terms of use (CRPA
//! L112-9), site map, help.

use axum::response::Response;
use kernel::{Result, Tenant, Tx, templates::Page, web::Public};
use serde::Serialize;

use crate::{catalogue, version};

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
        vec![Self::default(), Self { controller: "Commune".into(), dpo: "dpo@exemple.fr".into(), processings: vec![one] }]
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
    let processings = cx.read(async |tx| processings(tx).await).await?;
    let settings = &cx.tenant.settings;
    cx.page(&PrivacyPage { controller: controller(&cx.tenant), dpo: settings.dpo.clone(), processings })
}

async fn processings(tx: &mut Tx) -> Result<Vec<Processing>> {
    let mut found = vec![];
    for entry in &catalogue(tx).await?.entries {
        let version = version(tx, entry.version).await?;
        let Some(data) = &version.package.card.data else { continue };
        found.push(Processing {
            title: entry.title.clone(),
            purpose: data.purpose.clone(),
            basis: match &data.basis_text {
                Some(text) => format!("{} : {text}", data.basis.label()),
                None => data.basis.label().to_owned(),
            },
            kept: format!("{} après la fin de la demande ; un brouillon, {}", data.retention, data.draft_retention),
            recipients: data.recipients.join(" ; "),
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
         vos réponses sont enregistrées.\n\n## S’arrêter et reprendre\n\n« Enregistrer et reprendre plus tard » vous envoie un lien par \
         courriel. Vous pouvez aussi créer un compte : vos demandes y sont réunies.\n\n## Suivre une demande\n\nAvec son numéro et votre \
         adresse électronique, ou depuis votre compte : [suivre une demande](/suivi).\n\n## Être aidé\n\n{contact} Une personne peut remplir \
         la demande avec vous, à l’accueil ou au téléphone. Les espaces France services aident aussi, gratuitement."
    );
    cx.page(&LegalPage { title: "Aide".into(), lede: "Faire une demande, la reprendre, la suivre, être aidé.".into(), text })
}

/// `GET /accessibilite`: what the order of 20 September 2019 (RGAA 4.1) wants in a statement.
pub(crate) async fn accessibility(Public(cx): Public) -> Result<Response> {
    let tenant = &cx.tenant;
    let text = format!(
        "{} s’engage à rendre ce site accessible, conformément à l’article 47 de la loi n° 2005-102 du 11 février 2005.\n\n\
         ## État de conformité\n\nCe site est **partiellement conforme** au référentiel général d’amélioration de l’accessibilité (RGAA), \
         version 4.1. Les pages sont vérifiées par des outils à chaque version ; l’audit complet par une personne reste à faire.\n\n\
         ## Contenus non accessibles\n\nAucun défaut n’est connu à ce jour sur les pages vérifiées. Les documents que vous joignez et \
         ceux que d’autres administrations vous envoient ne sont pas de notre fait.\n\n\
         ## Technologies\n\nHTML, CSS, SVG. JavaScript n’est jamais nécessaire.\n\n\
         ## Signaler une difficulté\n\n{} Nous vous proposerons un autre moyen de faire votre démarche.\n\n\
         ## Voies de recours\n\nSi vous avez signalé une difficulté et n’avez pas reçu de réponse satisfaisante, vous pouvez \
         [écrire au Défenseur des droits](https://formulaire.defenseurdesdroits.fr/), contacter son délégué dans votre département, ou lui \
         écrire gratuitement, sans timbre : Défenseur des droits, Libre réponse 71120, 75342 Paris Cedex 07.",
        tenant.name,
        contact(tenant),
    );
    cx.page(&LegalPage { title: "Accessibilité : partiellement conforme".into(), lede: String::new(), text })
}

/// `GET /mentions-legales`: law n° 2004-575 of 21 June 2004.
pub(crate) async fn notice(Public(cx): Public) -> Result<Response> {
    let (tenant, settings) = (&cx.tenant, &cx.tenant.settings);
    let or = |text: &str| if text.is_empty() { "à compléter par l’administrateur".to_owned() } else { text.to_owned() };
    let text = format!(
        "## Éditeur\n\n{}\n\n{}\n\n## Directeur ou directrice de la publication\n\n{}\n\n## Hébergement\n\n{}\n\n## Logiciel\n\nParvis, logiciel \
         libre sous licence EUPL 1.2.\n\n## Témoins de connexion\n\nCe site en dépose deux, nécessaires : l’un tient votre session, \
         l’autre, après une connexion, reconnaît cet appareil pendant six mois pour que des essais faits par d’autres ne vous \
         ferment pas la porte. Il n’y a ni mesure d’audience, ni service tiers.",
        or(&controller(tenant)),
        contact(tenant),
        or(&settings.director),
        or(&settings.hosting),
    );
    cx.page(&LegalPage { title: "Mentions légales".into(), lede: String::new(), text })
}

/// `GET /conditions`: the terms of use of the téléservices, CRPA L112-9; they bind the public.
pub(crate) async fn terms(Public(cx): Public) -> Result<Response> {
    let tenant = &cx.tenant;
    let mails = if tenant.settings.mail.is_empty() { String::new() } else { format!(" L’adresse {} est la seule qui vous écrit pour vos demandes.", tenant.settings.mail) };
    let text = format!(
        "Version 1, en vigueur depuis l’ouverture de ce site.\n\n## Objet\n\nCe site permet de saisir {} par voie électronique (code des \
         relations entre le public et l’administration, articles L112-8 et suivants). La liste des démarches est [ici](/demarches).\n\n\
         ## Ce qui est reçu\n\nToute demande envoyée reçoit un accusé de réception électronique. La date qui compte est celle qu’il porte.{mails}\n\n\
         ## S’identifier\n\nUn nom, un prénom, une adresse postale et une adresse électronique suffisent ; un compte n’est jamais obligatoire.\n\n\
         ## Autres moyens\n\nLes demandes restent possibles à l’accueil et par courrier. {}\n\n\
         ## Sécurité\n\nLes envois abusifs par leur nombre ou leur répétition, ou qui menacent la sécurité du site, peuvent être écartés (article L112-11).",
        tenant.name,
        contact(tenant),
    );
    cx.page(&LegalPage { title: "Conditions d’utilisation".into(), lede: String::new(), text })
}

fn controller(tenant: &Tenant) -> String {
    if tenant.settings.publisher.is_empty() { tenant.name.clone() } else { tenant.settings.publisher.clone() }
}

/// How to reach the tenant, in a sentence.
fn contact(tenant: &Tenant) -> String {
    let settings = &tenant.settings;
    let ways = [("au ", &settings.phone), ("à ", &settings.mail), ("par courrier ou sur place : ", &settings.address)];
    let ways: Vec<String> = ways.iter().filter(|(_, value)| !value.is_empty()).map(|(before, value)| format!("{before}{value}")).collect();
    if ways.is_empty() { String::new() } else { format!("Vous pouvez nous joindre {}.", ways.join(", ")) }
}
