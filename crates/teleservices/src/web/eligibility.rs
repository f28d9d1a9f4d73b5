//! U4: instant eligibility. One question a page, answers in the address, nothing stored; oui or non with the reason and
//! where to go, or what is still missing.

use axum::{
    extract::{Path, RawQuery},
    response::Response,
};
use kernel::{
    Error, Result,
    templates::Page,
    web::{
        Public,
        question::{Choice, Question},
    },
};
use serde::Serialize;

use super::question::Showing;
use crate::{
    engine::{Asked, Eligible, Outcome},
    package::Verdict,
    published,
};

/// Questions asked at most.
const MOST: usize = 4;

/// A control already answered, carried along in the address.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Kept {
    pub name: String,
    pub value: String,
}

/// One question.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct AskPage {
    pub slug: String,
    pub demarche: String,
    pub intro: String,
    pub number: usize,
    pub most: usize,
    pub question: Question,
    pub kept: Vec<Kept>,
    pub back: String,
    pub errors: Vec<kernel::FieldError>,
}

impl Page for AskPage {
    const TEMPLATE: &'static str = "teleservices/eligibilite.html";
    fn samples() -> Vec<Self> {
        let mut question = Question::example("choix", "type_acte", "Quel acte demandez-vous ?");
        question.choices = vec![Choice::new("naissance", "Naissance", false), Choice::new("deces", "Décès", false)];
        let first = Self {
            slug: "acte".into(),
            demarche: "Demander un acte".into(),
            intro: String::new(),
            number: 1,
            most: 4,
            question,
            kept: vec![],
            back: "/demarches/acte".into(),
            errors: vec![],
        };
        let error = "Choisissez une réponse.".to_owned();
        let mut wrong = Self {
            number: 2,
            kept: vec![Kept { name: "lieu".into(), value: "ici".into() }],
            errors: vec![kernel::FieldError { field: "type_acte".into(), sentence: error.clone() }],
            ..first.clone()
        };
        wrong.question.error = Some(error);
        vec![first, wrong]
    }
}

/// An answer given, with the way to change it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Given {
    pub question: String,
    pub answer: String,
    pub href: String,
}

/// The answer.
#[derive(Debug, Default, Serialize)]
pub(crate) struct AnswerPage {
    pub slug: String,
    pub demarche: String,
    pub verdict: &'static str,
    pub title: String,
    pub reason: String,
    pub article: String,
    pub guidance: String,
    pub given: Vec<Given>,
    pub kept: Vec<Kept>,
    pub back: String,
}

impl Page for AnswerPage {
    const TEMPLATE: &'static str = "teleservices/eligibilite-reponse.html";
    fn samples() -> Vec<Self> {
        let given = vec![Given { question: "Quel acte ?".into(), answer: "Naissance".into(), href: "/demarches/acte/eligibilite".into() }];
        let page = |verdict, title: &str| Self {
            slug: "acte".into(),
            demarche: "Demander un acte".into(),
            verdict,
            title: title.into(),
            reason: "Seule la commune de l’acte peut le délivrer.".into(),
            article: "Code civil, article 101-1".into(),
            guidance: "Adressez-vous à [la bonne mairie](https://www.service-public.gouv.fr).".into(),
            given: given.clone(),
            kept: vec![],
            back: "/demarches/acte".into(),
        };
        vec![
            page("oui", "Vous pouvez faire cette demande"),
            page("non", "Cette demande n’est pas à faire ici"),
            page("il_manque", "Il manque une information"),
        ]
    }
}

/// `GET /demarches/{slug}/eligibilite?…`
pub(crate) async fn show(Public(cx): Public, Path(slug): Path<String>, RawQuery(query): RawQuery) -> Result<Response> {
    let (version, today) = cx.read(async |tx| Ok((published(tx, &slug).await?, tx.today()))).await?;
    let pairs = read_query(query.as_deref().unwrap_or_default());
    let form = |name: &str| -> Vec<&str> { pairs.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect() };
    let setting = version.setting(today, false);
    let eligible = version.package.eligible(&form, &setting).ok_or(Error::NotFound)?;
    let card = &version.package.card;
    match &eligible.outcome {
        Outcome::Ask(question, rule) => {
            let showing = Showing { question, rule: rule.clone(), answer: None, typed: None, faults: &eligible.errors, source: None };
            let page = AskPage {
                slug: card.slug.clone(),
                demarche: card.title.clone(),
                intro: if eligible.asked.is_empty() { eligible.eligibility.intro.clone().unwrap_or_default() } else { String::new() },
                number: eligible.asked.len() + 1,
                most: MOST.min(eligible.eligibility.questions.len()),
                question: showing.view(),
                kept: kept(&eligible.asked),
                back: back(&card.slug, &eligible.asked),
                errors: eligible.errors.0.clone(),
            };
            match eligible.errors.is_empty() {
                true => cx.page(&page),
                false => cx.page_status(axum::http::StatusCode::UNPROCESSABLE_ENTITY, &page),
            }
        }
        Outcome::Answer(rule) => cx.page(&AnswerPage {
            slug: card.slug.clone(),
            demarche: card.title.clone(),
            verdict: match rule.verdict {
                Verdict::Oui => "oui",
                Verdict::Non => "non",
                Verdict::IlManque => "il_manque",
            },
            title: rule.title.clone().unwrap_or_else(|| heading(rule.verdict).into()),
            reason: rule.reason.clone(),
            article: rule.article.clone().unwrap_or_default(),
            guidance: rule.guidance.clone().unwrap_or_default(),
            given: given(&card.slug, &eligible),
            kept: kept(&eligible.asked),
            back: back(&card.slug, &eligible.asked),
        }),
    }
}

/// What an answer says first when its rule has no words of its own.
fn heading(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Oui => "Vous pouvez faire cette demande",
        Verdict::Non => "Vous n’y avez pas droit",
        Verdict::IlManque => "Il manque une information",
    }
}

fn kept(asked: &[Asked<'_>]) -> Vec<Kept> {
    asked.iter().flat_map(|a| &a.controls).map(|(name, value)| Kept { name: name.clone(), value: value.clone() }).collect()
}

/// The page before: the last answer is asked again.
fn back(slug: &str, asked: &[Asked<'_>]) -> String {
    match asked.split_last() {
        None => format!("/demarches/{slug}"),
        Some((_, before)) => address(slug, before),
    }
}

fn given(slug: &str, eligible: &Eligible<'_>) -> Vec<Given> {
    let lines = eligible.asked.iter().enumerate();
    lines
        .map(|(at, asked)| Given { question: asked.question.label.clone(), answer: asked.shown.clone(), href: address(slug, &eligible.asked[..at]) })
        .collect()
}

fn address(slug: &str, asked: &[Asked<'_>]) -> String {
    let pairs: Vec<String> = asked.iter().flat_map(|a| &a.controls).map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let path = format!("/demarches/{slug}/eligibilite");
    if pairs.is_empty() { path } else { format!("{path}?{}", pairs.join("&")) }
}

fn encode(text: &str) -> String {
    let byte = |b: u8| match b {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(b).to_string(),
        _ => format!("%{b:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// The pairs of a query string, at most 200, each of 500 characters at most.
fn read_query(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).take(200);
    let decode = |text: &str| -> String {
        let mut bytes = vec![];
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            match byte {
                b'+' => bytes.push(b' '),
                b'%' => {
                    let hex = [rest.next().unwrap_or(b'0'), rest.next().unwrap_or(b'0')];
                    let digits = std::str::from_utf8(&hex).unwrap_or("20");
                    bytes.push(u8::from_str_radix(digits, 16).unwrap_or(b' '));
                }
                other => bytes.push(other),
            }
        }
        String::from_utf8_lossy(&bytes).chars().filter(|c| !c.is_control()).take(500).collect()
    };
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(name, value)| (decode(name), decode(value))).collect()
}
