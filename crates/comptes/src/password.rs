//! What makes a password (CNIL, délibération 2022-100: 50 bits when tries are limited), and a sign-in by password.
//! How it is hashed is the kernel's; that tries are counted first is the caller's.

use kernel::{Error, FieldErrors, Result};

/// Beside the field, before anything is typed.
pub const ADVICE: &str = "Au moins 8 caractères avec trois sortes parmi : minuscules, majuscules, chiffres, signes. \
                          Ou une phrase d’au moins 14 caractères, plus facile à retenir.";

/// `Invalid` unless the password is good enough and typed twice alike. `own` are words that a stranger would try:
/// the address, the name.
pub fn check(password: &str, again: &str, own: &[&str]) -> Result<()> {
    let mut errors = FieldErrors::new();
    if let Some(sentence) = fault(password, own) {
        errors.push("nouveau", sentence);
    } else if password != again {
        errors.push("encore", "Les deux mots de passe diffèrent : écrivez le même deux fois.");
    }
    errors.into_result()
}

fn fault(password: &str, own: &[&str]) -> Option<&'static str> {
    let length = password.chars().count();
    if length == 0 {
        return Some("Écrivez un mot de passe.");
    }
    if length > 200 {
        return Some("Raccourcissez le mot de passe : 200 caractères au plus.");
    }
    let classes = [
        password.chars().any(char::is_lowercase),
        password.chars().any(char::is_uppercase),
        password.chars().any(|c| c.is_ascii_digit()),
        password.chars().any(|c| !c.is_alphanumeric()),
    ];
    let kinds = classes.iter().filter(|has| **has).count();
    let is_digits = password.chars().all(|c| c.is_ascii_digit());
    let is_long = (length >= 14 && !is_digits) || length >= 16;
    if !(is_long || (length >= 8 && kinds >= 3)) {
        return Some(
            "Ce mot de passe est trop court ou trop simple. Allongez-le jusqu’à 14 caractères, ou mêlez minuscules, majuscules et chiffres.",
        );
    }
    let mut signs: Vec<char> = password.to_lowercase().chars().collect();
    signs.sort_unstable();
    signs.dedup();
    if signs.len() < 5 {
        return Some("Ce mot de passe répète toujours les mêmes caractères. Variez-les.");
    }
    let folded = password.to_lowercase();
    let words = own.iter().flat_map(|text| text.split(['@', '.', ' ', '-']));
    let is_own = |word: &str| word.chars().count() >= 4 && folded.contains(&word.to_lowercase()) && length < 14;
    if words.into_iter().any(is_own) {
        return Some("Ce mot de passe contient votre nom ou votre adresse. Choisissez autre chose.");
    }
    let is_common = ["motdepasse", "password", "azertyuiop", "qwertyuiop", "123456789"].iter().any(|word| folded.contains(word));
    if is_common && length < 14 {
        return Some("Ce mot de passe est parmi les plus devinés. Choisissez autre chose.");
    }
    None
}

/// The one refusal of a sign-in, whatever the cause.
pub fn refusal() -> Error {
    let mut errors = FieldErrors::new();
    errors.push("mot_de_passe", "L’adresse ou le mot de passe ne convient pas. Vérifiez les deux, ou demandez un lien de connexion.");
    Error::Invalid(errors)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(password: &str) -> bool {
        check(password, password, &["ines.marchetti@exemple.fr"]).is_ok()
    }

    #[test]
    fn fifty_bits_pass_and_less_does_not() {
        for good in ["Jardin72", "le chat dort sur le mur", "8314072659183746", "cheval-pile-agrafe"] {
            assert!(passes(good), "{good}");
        }
        for bad in ["", "Ab1!", "jardinet", "12345678901234", "aaaaaaaaaaaaaaaa", "Motdepasse1", "Marchetti1"] {
            assert!(!passes(bad), "{bad}");
        }
    }

    #[test]
    fn it_must_be_typed_twice_alike() {
        assert!(check("Jardin72", "Jardin73", &[]).is_err());
    }
}
