//! The mails of this domain: a link to sign in, to choose a password, to accept an invitation. What each says is here
//! and in its template; jobs send them.

use kernel::{
    App, Result, Tenant,
    mail::Mail,
    mail_page::drawn,
    t,
    templates::{Page, Sample, samples},
};
use serde::{Deserialize, Serialize};

/// A mail with one link.
#[derive(Debug, Clone, Serialize)]
pub struct LinkMail {
    /// Subject and heading.
    pub subject: String,
    /// Before the button.
    pub before: Vec<String>,
    /// Where the button leads.
    pub href: String,
    /// On the button.
    pub label: String,
    /// After the button.
    pub after: Vec<String>,
    /// At the foot: why it was received.
    pub why: String,
}

/// What was done to the account of an agent.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// A password was chosen by the link of an invitation.
    PasswordChosen,
    /// An administrator took the second factor away.
    SecondFactorReset,
}

impl Page for LinkMail {
    const TEMPLATE: &'static str = "comptes/mail/lien.html";
    fn samples() -> Vec<Self> {
        vec![
            Self::sign_in("https://exemple.fr/connexion/lien/x"),
            Self::password("https://exemple.fr/connexion/mot-de-passe/x"),
            Self::no_password("https://exemple.fr/connexion/lien/x"),
            Self::invitation("https://exemple.fr/agent/invitation/x", "Commune d’Exemple"),
            Self::notice(Notice::PasswordChosen, "https://exemple.fr/agent/connexion"),
            Self::notice(Notice::SecondFactorReset, "https://exemple.fr/agent/connexion"),
        ]
    }
}

/// The mails of this domain, with their samples.
pub fn pages() -> Vec<Sample> {
    samples::<LinkMail>()
}

impl LinkMail {
    /// Signs in.
    pub fn sign_in(href: &str) -> Self {
        Self {
            subject: t!("Votre lien de connexion"),
            before: vec![t!("Bonjour,"), t!("Ouvrez ce lien pour vous connecter, puis appuyez sur « Me connecter ».")],
            href: href.into(),
            label: t!("Me connecter"),
            after: vec![
                t!("Ce lien est valable 15 minutes et sert une seule fois."),
                t!("Vous n’avez rien demandé ? Ne faites rien : personne n’est entré."),
            ],
            why: t!("Vous recevez ce mail parce que cette adresse a été écrite sur notre page de connexion."),
        }
    }

    /// Chooses a password.
    pub fn password(href: &str) -> Self {
        Self {
            subject: t!("Choisir un nouveau mot de passe"),
            before: vec![t!("Bonjour,"), t!("Ouvrez ce lien pour choisir un nouveau mot de passe.")],
            href: href.into(),
            label: t!("Choisir mon mot de passe"),
            after: vec![
                t!("Ce lien est valable 24 heures et sert une seule fois."),
                t!("Vous n’avez rien demandé ? Ne faites rien : votre mot de passe reste le même."),
            ],
            why: t!("Vous recevez ce mail parce que quelqu’un a dit avoir oublié le mot de passe de cette adresse."),
        }
    }

    /// A password was asked for an address that has none: it can sign in all the same.
    pub fn no_password(href: &str) -> Self {
        let before = vec![
            t!("Bonjour,"),
            t!("Aucun mot de passe n’est enregistré pour cette adresse. Vous pouvez vous connecter par ce lien, sans mot de passe."),
        ];
        Self { before, ..Self::sign_in(href) }
    }

    /// Invites an agent.
    pub fn invitation(href: &str, tenant: &str) -> Self {
        Self {
            subject: t!("Votre accès à l’espace des agents"),
            before: vec![
                t!("Bonjour,"),
                t!("Un administrateur de {tenant} vous ouvre l’espace des agents. Ouvrez ce lien pour choisir votre mot de passe.", tenant = tenant),
            ],
            href: href.into(),
            label: t!("Accepter l’invitation"),
            after: vec![t!("Ce lien est valable 7 jours et sert une seule fois.")],
            why: t!("Vous recevez ce mail parce qu’un administrateur vous a invité."),
        }
    }

    /// Tells an agent what was done to his account.
    pub fn notice(notice: Notice, href: &str) -> Self {
        let (subject, done) = match notice {
            Notice::PasswordChosen => (
                t!("Votre mot de passe a été choisi"),
                t!("Un mot de passe vient d’être choisi pour votre accès à l’espace des agents, avec le lien d’une invitation."),
            ),
            Notice::SecondFactorReset => (
                t!("Votre second facteur est remis à zéro"),
                t!(
                    "Un administrateur vient de remettre à zéro le second facteur de votre accès à l’espace des agents. Vous enregistrerez un téléphone à votre prochaine connexion."
                ),
            ),
        };
        Self {
            subject,
            before: vec![t!("Bonjour,"), done],
            href: href.into(),
            label: t!("Ouvrir l’espace des agents"),
            after: vec![t!("Ce n’est pas vous, ou vous ne l’avez pas demandé ? Prévenez aussitôt le délégué à la protection des données.")],
            why: t!("Vous recevez ce mail parce que votre accès à l’espace des agents a changé."),
        }
    }

    /// The mail, ready to leave.
    pub fn mail(&self, app: &App, tenant: &Tenant, to: &str, message_id: String) -> Result<Mail> {
        drawn(self, &self.subject, self.text(tenant), app, tenant, to, message_id)
    }

    /// For those who read text.
    fn text(&self, tenant: &Tenant) -> String {
        let mut parts = self.before.clone();
        parts.push(format!("{} :\n{}", self.label, self.href));
        parts.extend(self.after.iter().cloned());
        parts.push(tenant.name.clone());
        parts.push(self.why.clone());
        parts.join("\n\n") + "\n"
    }
}
