//! `teleservice.toml`.

use super::{delay, slug};
use crate::package::flaw::suggest;
use crate::package::model::{Audience, Card, DataCard, Delai, DelaiUnit, Deposit, Give, LegalBasis, Nature, Prefill, Request, Silence};
use crate::package::reader::Table;
use crate::package::themes::{THEMES, Theme, theme};

const FORMAT: i64 = 1;

pub(super) fn card(root: &Table) -> Option<Card> {
    format(root);
    let deposit = deposit(root);
    let here = deposit == Deposit::Here;
    let card = Card {
        slug: slug(root, "slug").text,
        title: root.words_needed("titre"),
        summary: root.words_needed("resume"),
        for_whom: root.words_list("pour_qui"),
        audience: root.one_of("audience", &Audience::WORDS).unwrap_or(Audience::Particuliers),
        themes: themes(root),
        synonyms: root.words_list("synonymes"),
        minutes: root.int("duree_minutes", 1).and_then(|n| u16::try_from(n).ok()).unwrap_or(5),
        price: root.words("prix").unwrap_or_else(|| "Gratuit".to_owned()),
        org_unit: slug(root, "service"),
        deposit,
        channels: root.words_list("canaux"),
        mentions: root.words_list("mentions"),
        request: section(root, "demande", here).and_then(|t| read(t, request)),
        data: section(root, "donnees", here).and_then(|t| read(t, data)),
        gives: root.tables("donne").into_iter().filter_map(|t| read(t, give)).collect(),
        prefills: root.tables("reprend").into_iter().filter_map(|t| read(t, prefill)).collect(),
        place: root.place(),
    };
    Some(card)
}

fn format(root: &Table) {
    match root.int("format", 1) {
        Some(FORMAT) => {}
        Some(n) => root.error(
            &root.place_of("format"),
            format!("le format {n} n’est pas connu de cette version de Parvis"),
            format!("cette version lit le format {FORMAT}"),
        ),
        None if !root.has("format") => {
            root.error(&root.place(), "il manque « format » dans ce fichier", format!("ajoutez une ligne format = {FORMAT}"));
        }
        None => {}
    }
}

fn deposit(root: &Table) -> Deposit {
    let elsewhere = root.one_of("depot", &[("ici", false), ("ailleurs", true)]).unwrap_or(false);
    let (url, body) = (root.raw("url"), root.words("organisme"));
    if !elsewhere {
        if root.has("url") || root.has("organisme") {
            root.error(
                &root.place_of("url"),
                "« url » et « organisme » ne servent qu’à une démarche déposée ailleurs",
                "ajoutez depot = \"ailleurs\", ou retirez-les",
            );
        }
        return Deposit::Here;
    }
    let (Some(url), Some(body)) = (url, body) else {
        root.error(&root.place_of("depot"), "une démarche déposée ailleurs dit où", "ajoutez url = \"https://…\" et organisme = \"…\"");
        return Deposit::Elsewhere { url: String::new(), body: String::new() };
    };
    if !url.text.starts_with("https://") {
        root.error(&url.place, "l’adresse doit commencer par https://", "écrivez l’adresse entière de la page");
    }
    Deposit::Elsewhere { url: url.text, body }
}

fn themes(root: &Table) -> Vec<&'static Theme> {
    let mut themes = Vec::new();
    for slug in root.raw_list("themes") {
        match theme(&slug.text) {
            Some(theme) => themes.push(theme),
            None => root.error(&slug.place, format!("« {} » n’est pas un thème", slug.text), suggest(&slug.text, THEMES.iter().map(|t| t.slug))),
        }
    }
    if themes.is_empty() && !root.has("themes") {
        root.error(
            &root.place(),
            "il manque « themes » dans ce fichier",
            "sans thème, la démarche ne se trouve pas depuis l’accueil : themes = [\"…\"]",
        );
    }
    themes
}

fn section<'a>(root: &'a Table, key: &'static str, needed: bool) -> Option<Table<'a>> {
    if needed && !root.has(key) {
        root.error(&root.place(), format!("il manque le tableau [{key}] dans ce fichier"), "« parvis teleservice new » en écrit un à remplir");
    }
    root.table(key)
}

fn read<T>(table: Table, read: impl FnOnce(&Table) -> Option<T>) -> Option<T> {
    let value = read(&table);
    table.end();
    value
}

fn request(t: &Table) -> Option<Request> {
    let nature = t.one_of_needed("nature", &Nature::WORDS);
    let silence = t.one_of_needed("silence", &Silence::WORDS);
    let request = Request {
        nature: nature.unwrap_or(Nature::Document),
        silence: silence.unwrap_or(Silence::SansObjet),
        delay: delay(t, "delai"),
        article: t.words("article"),
        commitment: delay(t, "engagement"),
        remedies: t.words("recours"),
        silence_remedies: t.words("recours_silence"),
        complement: delay(t, "complement").unwrap_or(Delai { count: 1, unit: DelaiUnit::Months }),
        place: t.place_of("silence"),
    };
    (nature.is_some() && silence.is_some()).then_some(request)
}

fn data(t: &Table) -> Option<DataCard> {
    let basis = t.one_of_needed("base_legale", &LegalBasis::WORDS);
    let retention = delay(t, "conservation");
    if !t.has("conservation") {
        t.error(&t.place(), "il manque « conservation » dans [donnees]", "dites combien de temps le dossier est gardé : conservation = \"1 an\"");
    }
    let purpose = t.words_needed("finalite");
    let recipients = t.words_list("destinataires");
    if recipients.is_empty() {
        t.error(&t.place(), "il manque « destinataires » dans [donnees]", "dites qui lit les données : destinataires = [\"le service …\"]");
    }
    let basis_text = t.words("texte");
    let rights = t.words_needed("droits");
    let draft_retention = delay(t, "brouillon").unwrap_or(Delai { count: 60, unit: DelaiUnit::Days });
    let (basis, retention) = (basis?, retention?);
    Some(DataCard { basis, basis_text, purpose, retention, draft_retention, recipients, rights })
}

fn give(t: &Table) -> Option<Give> {
    Some(Give { question: t.raw_needed("question"), attribute: t.raw_needed("attribut").text })
}

fn prefill(t: &Table) -> Option<Prefill> {
    Some(Prefill { attribute: t.raw_needed("attribut").text, question: t.raw_needed("question") })
}
