//! What an acknowledgement says (L112-11, R112-11-1): date of reception, the service in charge and how to reach it,
//! and for a demand to which silence gives a meaning, that meaning, its date, and the remedies or the certificate.
//! Where no text gives a meaning to silence, there is no line about silence nor remedies.
//! It draws nothing and sends nothing: the job `SendAccuseReception` does.

use documents::{Block, Inline, Letter};
use jiff::civil::Date;
use teleservices::package::Silence;

use crate::delai::Clocks;
use crate::words::long_date;

/// Everything the acknowledgement mentions.
#[derive(Clone, Debug)]
pub struct Accuse {
    /// The number to quote.
    pub number: String,
    /// The démarche, in its own words.
    pub demarche: String,
    /// "24 novembre 2026 à 14 h 21", where the collectivité is.
    pub received: String,
    /// "en ligne", "au guichet".
    pub channel: String,
    /// The service in charge.
    pub service: Service,
    /// What silence means, where a text says it.
    pub silence: Option<SilenceMention>,
    /// The day the service commits itself to answer by; never legal.
    pub commitment: Option<Date>,
    /// Where to follow the demand.
    pub follow_url: String,
    /// Who holds the data, why, how long, and the rights over them.
    pub privacy: Vec<String>,
}

/// How to reach the service in charge.
#[derive(Clone, Debug, Default)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its mail address.
    pub mail: Option<String>,
    /// Its postal address.
    pub postal: Option<String>,
    /// Its telephone number.
    pub phone: Option<String>,
}

/// The meaning of silence, as the acknowledgement must say it.
#[derive(Clone, Debug)]
pub struct SilenceMention {
    /// Acceptance or rejection.
    pub silence: Silence,
    /// The day at whose end it arises.
    pub due: Date,
    /// The text that says so.
    pub article: Option<String>,
    /// Means and time limits of appeal, from the package.
    pub remedies: Option<String>,
}

impl SilenceMention {
    /// What the legal clock gives to mention, if there is one.
    pub fn of(clocks: &Clocks, remedies: Option<&str>) -> Option<SilenceMention> {
        let legal = clocks.legal.as_ref()?;
        Some(SilenceMention { silence: legal.silence?, due: legal.due?, article: legal.article.clone(), remedies: remedies.map(str::to_owned) })
    }

    /// "Sans réponse à la fin du 24 janvier 2027, votre demande est considérée comme rejetée."
    pub fn sentence(&self) -> String {
        let (_, meaning) = self.silence.words().unwrap_or_default();
        let article = self.article.as_deref().map(|article| format!(" ({article})")).unwrap_or_default();
        format!(
            "Sans réponse à la fin du {}, et si votre dossier est complet, votre demande est considérée comme {meaning}{article}.",
            long_date(self.due)
        )
    }

    /// The certificate of an acceptance; or the remedies against a rejection (Markdown of the package), and the right to
    /// its reasons.
    fn consequences(&self) -> Vec<Text> {
        if self.silence == Silence::Acceptation {
            let certificate = "Vous pourrez alors demander une attestation de cette acceptation (article L232-3 du code \
                               des relations entre le public et l’administration).";
            return vec![Text::Plain(certificate.into())];
        }
        let reasons = "Vous pourrez aussi demander au service les raisons de ce rejet, tant que le délai pour le contester n’est pas \
                       passé : il a un mois pour vous les donner. Vous aurez alors deux mois, à partir du jour où vous les \
                       recevez, pour contester (code des relations entre le public et l’administration, article L232-4).";
        vec![Text::Markdown(self.remedies.clone().unwrap_or_default()), Text::Plain(reasons.into())]
    }
}

/// A paragraph of the acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// As it stands.
    Plain(String),
    /// In the Markdown of the package.
    Markdown(String),
    /// The address where the demand is followed.
    Follow(String),
}

impl Text {
    fn markdown(&self) -> String {
        match self {
            Text::Plain(text) => documents::escape_markdown(text),
            Text::Markdown(text) => text.clone(),
            Text::Follow(url) => format!("Suivre la demande : <{url}>"),
        }
    }
}

impl Accuse {
    /// What R112-11-1 wants and is not there: nothing may be sent before this is empty.
    pub fn missing(&self) -> Vec<&'static str> {
        let blank = |text: &str| text.trim().is_empty();
        let absent = |text: &Option<String>| text.as_deref().is_none_or(blank);
        let rejection_without_remedies = self.silence.as_ref().is_some_and(|s| s.silence == Silence::Rejet && absent(&s.remedies));
        [
            (blank(&self.received), "la date de réception"),
            (blank(&self.service.name), "le nom du service chargé du dossier"),
            (absent(&self.service.mail) && absent(&self.service.postal), "une adresse du service, électronique ou postale"),
            (absent(&self.service.phone), "le téléphone du service"),
            (rejection_without_remedies, "les voies et délais de recours"),
        ]
        .into_iter()
        .filter_map(|(is_missing, what)| is_missing.then_some(what))
        .collect()
    }

    /// The facts of the table at the top: what, and its value.
    pub fn facts(&self) -> Vec<(String, String)> {
        let fact = |what: &str, value: &str| (what.to_owned(), value.to_owned());
        let mut facts = vec![
            fact("Démarche", &self.demarche),
            fact("Numéro", &self.number),
            fact("Demande reçue le", &format!("{}, {}", self.received, self.channel)),
            fact("Service chargé du dossier", &self.service.name),
        ];
        let reach = [("Adresse électronique", &self.service.mail), ("Adresse postale", &self.service.postal), ("Téléphone", &self.service.phone)];
        facts.extend(reach.into_iter().filter_map(|(what, value)| value.as_deref().map(|value| fact(what, value))));
        facts
    }

    /// The body, in parts that a letter and a mail both draw: title of the part and its paragraphs.
    pub fn parts(&self) -> Vec<(&'static str, Vec<Text>)> {
        let mut parts = Vec::new();
        if let Some(silence) = &self.silence {
            let mut told = vec![Text::Plain(silence.sentence())];
            told.extend(silence.consequences());
            parts.push(("Si le service ne répond pas", told));
        }
        if let Some(day) = self.commitment {
            let sentence = format!("Le service s’engage à vous répondre au plus tard le {}. Ce n’est pas un délai légal.", long_date(day));
            parts.push(("Notre engagement", vec![Text::Plain(sentence)]));
        }
        let missing = "S’il manque une pièce ou une information, le service vous écrit et vous dit avant quelle date l’envoyer.";
        parts.push(("La suite", vec![Text::Plain(missing.to_owned()), Text::Follow(self.follow_url.clone())]));
        if !self.privacy.is_empty() {
            parts.push(("Vos données", self.privacy.iter().cloned().map(Text::Plain).collect()));
        }
        parts
    }

    /// The body of the PDF.
    pub fn blocks(&self) -> Vec<Block> {
        let opening = "La collectivité accuse réception de votre demande. Gardez ce document : il en prouve la date.";
        let mut blocks = vec![Block::text(opening), Block::Facts(self.facts())];
        for (title, paragraphs) in self.parts() {
            blocks.push(Block::Heading(title.to_owned()));
            for paragraph in paragraphs {
                match paragraph {
                    Text::Plain(text) => blocks.push(Block::text(text)),
                    Text::Markdown(text) => blocks.extend(Letter::markdown(&text)),
                    Text::Follow(url) => {
                        blocks.push(Block::Paragraph(vec![Inline::text("Suivre la demande : "), Inline::link(&url, &url)]));
                    }
                }
            }
        }
        blocks
    }

    /// The body of the mail, in Markdown; the facts are given apart, the link too.
    pub fn markdown(&self) -> String {
        let part = |(title, paragraphs): (&str, Vec<Text>)| {
            let kept = paragraphs.iter().filter(|paragraph| !matches!(paragraph, Text::Follow(_)));
            let paragraphs: Vec<String> = kept.map(Text::markdown).collect();
            format!("**{title}**\n\n{}", paragraphs.join("\n\n"))
        };
        self.parts().into_iter().map(part).collect::<Vec<_>>().join("\n\n")
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::words::plain;

    fn accuse(silence: Option<SilenceMention>) -> Accuse {
        Accuse {
            number: "VSA-2026-004127".into(),
            demarche: "Aide à l’achat d’un vélo".into(),
            received: "24 novembre 2026 à 14 h 21".into(),
            channel: "en ligne".into(),
            service: Service {
                name: "Service Mobilités".into(),
                mail: Some("mobilites@exemple.fr".into()),
                postal: None,
                phone: Some("02 37 55 10 24".into()),
            },
            silence,
            commitment: None,
            follow_url: "https://demarches.exemple.fr/suivi".into(),
            privacy: Vec::new(),
        }
    }

    fn rejection(remedies: Option<&str>) -> SilenceMention {
        SilenceMention { silence: Silence::Rejet, due: date(2027, 1, 24), article: Some("L231-4, 3°".into()), remedies: remedies.map(str::to_owned) }
    }

    #[test]
    fn a_rejection_by_silence_tells_date_and_remedies() {
        let accuse = accuse(Some(rejection(Some("Recours devant le tribunal administratif dans les deux mois."))));
        assert_eq!(accuse.missing(), [""; 0]);
        let text = plain(&format!("{:?} {}", accuse.facts(), accuse.markdown())).replace('\\', "");
        for wanted in [
            "24 novembre 2026 à 14 h 21",
            "Service Mobilités",
            "mobilites@exemple.fr",
            "02 37 55 10 24",
            "à la fin du 24 janvier 2027",
            "considérée comme rejetée (L231-4, 3°)",
            "tribunal administratif dans les deux mois",
            "demander au service les raisons de ce rejet",
            "article L232-4",
        ] {
            assert!(text.contains(wanted), "{wanted} in {text}");
        }
    }

    #[test]
    fn a_rejection_by_silence_without_remedies_is_refused() {
        assert_eq!(accuse(Some(rejection(None))).missing(), ["les voies et délais de recours"]);
    }

    #[test]
    fn an_acceptance_by_silence_tells_of_the_certificate() {
        let silence = SilenceMention { silence: Silence::Acceptation, ..rejection(None) };
        let accuse = accuse(Some(silence));
        assert_eq!(accuse.missing(), [""; 0]);
        let text = accuse.markdown();
        assert!(text.contains("acceptée") && text.contains("L232"));
    }

    #[test]
    fn where_silence_means_nothing_there_is_no_word_of_silence_or_remedy() {
        let text = accuse(None).markdown().to_lowercase();
        for unwanted in ["sans réponse", "silence", "recours", "tribunal", "rejet", "ne répond pas"] {
            assert!(!text.contains(unwanted), "{unwanted} in {text}");
        }
    }

    #[test]
    fn a_service_nobody_can_reach_is_refused() {
        let mut accuse = accuse(None);
        accuse.service.mail = None;
        accuse.service.phone = Some(" ".into());
        assert_eq!(accuse.missing(), ["une adresse du service, électronique ou postale", "le téléphone du service"]);
    }

    #[test]
    fn the_letter_says_what_the_mail_says() {
        let accuse = accuse(Some(rejection(Some("Recours gracieux."))));
        let texts = |inlines: &[Inline]| {
            inlines
                .iter()
                .map(|inline| match inline {
                    Inline::Text(text) | Inline::Bold(text) | Inline::Link { text, .. } => text.clone(),
                })
                .collect::<String>()
        };
        let drawn: String = accuse
            .blocks()
            .iter()
            .map(|block| match block {
                Block::Paragraph(inlines) => texts(inlines),
                Block::Heading(title) => title.clone(),
                _ => String::new(),
            })
            .collect();
        for (title, paragraphs) in accuse.parts() {
            assert!(drawn.contains(title), "{title}");
            for paragraph in paragraphs {
                let (Text::Plain(text) | Text::Markdown(text) | Text::Follow(text)) = paragraph;
                assert!(drawn.contains(&text), "{text}");
            }
        }
    }
}
