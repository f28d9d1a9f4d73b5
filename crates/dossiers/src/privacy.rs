//! What a téléservice does with personal data, as article 13 of the GDPR wants it said where it is collected: on the form
//! and on the receipt. It says what the package and the tenant say, and nothing more.

use kernel::Tenant;
use serde::Serialize;
use teleservices::package::Package;

/// What article 13 of the GDPR wants said where data is collected.
#[derive(Clone, Debug, Serialize)]
pub struct Privacy {
    /// Who decides of it.
    pub controller: String,
    /// What for.
    pub purpose: String,
    /// By what right.
    pub basis: String,
    /// How long.
    pub retention: String,
    /// Who reads it.
    pub recipients: Vec<String>,
    /// What the person may ask.
    pub rights: String,
    /// Whom to ask; empty when nobody is named.
    pub dpo: String,
}

impl Privacy {
    /// The notice of a téléservice; none when it collects nothing.
    pub fn of(tenant: &Tenant, package: &Package) -> Option<Self> {
        let data = package.card.data.as_ref()?;
        let text = data.basis_text.as_deref().map(|text| format!(" : {text}")).unwrap_or_default();
        Some(Self {
            controller: tenant.name.clone(),
            purpose: data.purpose.clone(),
            basis: format!("{}{text}", data.basis.label()),
            retention: format!("{} après la fin du dossier", data.retention),
            recipients: data.recipients.clone(),
            rights: data.rights.clone(),
            dpo: tenant.settings.dpo.clone(),
        })
    }

    /// The same in sentences, for the receipt.
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences = vec![
            format!("Responsable : {}. Finalité : {}. Base légale : {}.", self.controller, self.purpose, self.basis),
            format!("Destinataires : {}. Conservation : {}.", self.recipients.join(", "), self.retention),
            self.rights.clone(),
        ];
        if !self.dpo.is_empty() {
            sentences.push(format!("Délégué à la protection des données : {}.", self.dpo));
        }
        sentences
    }
}
