//! By which door a demand came: it decides who is told how, and whether a receipt is owed (L112-3, L112-11).

use serde::{Deserialize, Serialize};

/// By which door a demand came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The usager, on our pages.
    Ligne,
    /// An agent, with the usager in front of her.
    Guichet,
    /// An agent, with the usager on the phone.
    Telephone,
    /// An agent, from a letter.
    Courrier,
    /// The State's site, through the exchanges.
    ServicePublic,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Channel; 5] = [Channel::Ligne, Channel::Guichet, Channel::Telephone, Channel::Courrier, Channel::ServicePublic];

    /// The word kept in the database and in the API.
    pub fn code(self) -> &'static str {
        match self {
            Channel::Ligne => "ligne",
            Channel::Guichet => "guichet",
            Channel::Telephone => "telephone",
            Channel::Courrier => "courrier",
            Channel::ServicePublic => "service_public",
        }
    }

    /// Reads back [`Channel::code`].
    pub fn from_code(code: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|channel| channel.code() == code)
    }

    /// What the screens say: "Demande reçue …".
    pub fn label(self) -> &'static str {
        match self {
            Channel::Ligne => "en ligne",
            Channel::Guichet => "au guichet",
            Channel::Telephone => "par téléphone",
            Channel::Courrier => "par courrier",
            Channel::ServicePublic => "par service-public.gouv.fr",
        }
    }

    /// Typed by an agent for somebody.
    pub fn is_entered_by_agent(self) -> bool {
        matches!(self, Channel::Guichet | Channel::Telephone | Channel::Courrier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back() {
        for channel in Channel::ALL {
            assert_eq!(Channel::from_code(channel.code()), Some(channel));
        }
    }
}
