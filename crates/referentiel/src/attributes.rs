//! The attributes of a person: code, French label, kind of value. The NIR is not one of them, on purpose
//! (decree 2019-341: no use outside its list).

/// One attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute {
    /// Its code in packages, habilitations and the API.
    pub code: &'static str,
    /// On screens.
    pub label: &'static str,
    /// Its kind, from the crate `kinds`.
    pub kind: &'static str,
    /// Part of the pivot identity (FranceConnect), which stays consistent as a whole.
    pub is_pivot: bool,
}

const fn plain(code: &'static str, label: &'static str, kind: &'static str) -> Attribute {
    Attribute { code, label, kind, is_pivot: false }
}

const fn pivot(code: &'static str, label: &'static str, kind: &'static str) -> Attribute {
    Attribute { code, label, kind, is_pivot: true }
}

/// All attributes, in the order of screens.
pub const ALL: &[Attribute] = &[
    pivot("nom_naissance", "Nom de naissance", "texte"),
    plain("nom_usage", "Nom d’usage", "texte"),
    pivot("prenoms", "Prénoms", "texte"),
    pivot("sexe", "Sexe", "texte"),
    pivot("date_naissance", "Date de naissance", "date_partielle"),
    pivot("lieu_naissance", "Commune de naissance (code)", "texte"),
    pivot("pays_naissance", "Pays de naissance (code)", "texte"),
    plain("courriel", "Adresse électronique", "courriel"),
    plain("telephone", "Téléphone", "telephone"),
    plain("adresse", "Adresse postale", "adresse"),
    plain("quotient_familial", "Quotient familial", "nombre"),
];

/// The attribute of a code, if there is one.
pub fn attribute(code: &str) -> Option<&'static Attribute> {
    ALL.iter().find(|a| a.code == code)
}
