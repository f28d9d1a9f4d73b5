//! The engine on the packages of the house: what is asked, accepted, computed, said and sent.

use super::ready_made::load;
use crate::engine::{Answers, Around, Dossier, Merge, Move, Outcome, input, no_form};
use crate::package::{LiaisonEvent, Package, Setting, Verdict, Who};
use jiff::civil::date;
use serde_json::json;

fn setting() -> Setting {
    Setting { collectivite: "Exempleville".into(), ..Setting::example(date(2026, 11, 24)) }
}

fn answers(json: serde_json::Value) -> Answers {
    json.as_object().unwrap().clone()
}

/// A form sent with these controls.
fn form<'a>(controls: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Vec<&'a str> {
    move |name| controls.iter().filter(|(control, _)| *control == name).map(|(_, text)| *text).collect()
}

fn contact() -> Answers {
    answers(json!({
        "sujet": "question", "message": "Bonjour", "nom": "Aubry", "prenoms": "Léa",
        "courriel_contact": "lea@example.org", "telephone_contact": null, "adresse_contact": null
    }))
}

#[test]
fn the_page_says_the_tenants_own_words() {
    let package = load("contact");
    assert_eq!(package.card.title, "Contacter la mairie");
    assert!(package.card.channels[0].contains("01 99 00 00 00"));
}

#[test]
fn a_page_keeps_what_is_right_and_points_at_what_is_wrong() {
    let package = load("contact");
    let controls = [("sujet", "question"), ("message", ""), ("nom", " Aubry "), ("courriel_contact", "lea@"), ("prenoms", "Léa")];
    let read = package.read_page("message", &form(&controls), &Answers::new(), &setting());
    let fields: Vec<&str> = read.errors.0.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["message", "courriel_contact"]);
    assert_eq!(read.answers["nom"], "Aubry");
    assert_eq!(read.answers["telephone_contact"], json!(null));
    assert!(!read.answers.contains_key("message") && !read.is_done());
}

#[test]
fn a_question_that_the_page_did_not_show_is_revealed_without_an_error() {
    let package = load("acte-etat-civil");
    let before = answers(json!({"type_acte": "naissance", "nature_acte": "integrale", "qualite": "moi"}));
    let controls = [
        (input::SHOWN, "naissance_date naissance_lieu"),
        ("naissance_date.jour", "25"),
        ("naissance_date.mois", "11"),
        ("naissance_date.annee", "2010"),
        ("naissance_lieu.nom", "exempleville"),
    ];
    let read = package.read_page("naissance", &form(&controls), &before, &setting());
    assert!(read.errors.is_empty(), "{:?}", read.errors);
    assert_eq!(read.revealed, ["emancipe"]);
    assert_eq!(read.answers["naissance_lieu"], json!({"nom": "exempleville", "code_postal": "00000"}), "the commune of the tenant is known");
}

#[test]
fn sending_drops_what_is_no_longer_asked_and_names_the_first_page_to_mend() {
    let package = load("acte-etat-civil");
    let given = answers(json!({"type_acte": "deces", "nature_acte": "integrale", "qualite": "moi", "exemplaires": 1}));
    let checked = package.check_all(&given, &setting());
    assert!(!checked.answers.contains_key("nature_acte") && !checked.answers.contains_key("qualite"));
    assert_eq!(checked.page.as_deref(), Some("vous"));
    assert_eq!(checked.errors.0[0].field, "demandeur_nom");
}

#[test]
fn answers_of_the_api_are_normalised_and_unknown_ones_refused() {
    let package = load("contact");
    let mut given = contact();
    given.insert("courriel_contact".into(), json!("LEA@Example.org "));
    given.insert("inconnue".into(), json!("x"));
    let checked = package.accept(&given, &setting());
    assert_eq!(checked.answers["courriel_contact"].as_str().map(str::to_lowercase).as_deref(), Some("lea@example.org"));
    assert_eq!(checked.errors.0.len(), 1);
    assert_eq!(checked.errors.0[0].field, "inconnue");
}

#[test]
fn a_choice_that_is_not_offered_is_refused() {
    let package = load("acte-etat-civil");
    let given = answers(json!({"type_acte": "mariage", "nature_acte": "integrale", "qualite": "partenaire"}));
    assert!(package.check_all(&given, &setting()).refused.contains(&"qualite".to_owned()));
}

#[test]
fn eligibility_asks_only_what_may_still_change_the_answer() {
    let package = load("acte-etat-civil");
    let at = |controls: &[(&str, &str)]| {
        let eligible = package.eligible(&form(controls), &setting()).unwrap();
        match eligible.outcome {
            Outcome::Ask(question, _) => question.id.clone(),
            Outcome::Answer(rule) => format!("{:?} {}", rule.verdict, rule.id),
        }
    };
    assert_eq!(package.eligibility_longest, 4);
    assert_eq!(at(&[]), "type_acte");
    assert_eq!(at(&[("type_acte", "naissance")]), "lieu_acte");
    assert_eq!(at(&[("type_acte", "deces"), ("lieu_acte", "ici")]), "Oui deces");
    assert_eq!(at(&[("type_acte", "naissance"), ("lieu_acte", "ici")]), "nature_acte");
    assert_eq!(at(&[("type_acte", "naissance"), ("lieu_acte", "ici"), ("nature_acte", "sans_filiation")]), "Oui sans_filiation");
}

#[test]
fn an_eligibility_question_left_blank_is_an_error_once_shown() {
    let package = load("acte-etat-civil");
    let eligible = package.eligible(&form(&[("_question", "type_acte")]), &setting()).unwrap();
    assert_eq!(eligible.errors.0[0].field, "type_acte");
    assert!(package.eligible(&no_form, &setting()).unwrap().errors.is_empty());
}

#[test]
fn eligibility_hands_over_only_what_the_form_would_accept() {
    let package = load("acte-etat-civil");
    let setting = Setting { comedec: true, ..setting() };
    let controls = [("type_acte", "naissance"), ("lieu_acte", "ici"), ("nature_acte", "passeport")];
    let eligible = package.eligible(&form(&controls), &setting).unwrap();
    assert!(matches!(eligible.outcome, Outcome::Answer(rule) if rule.verdict == Verdict::Non && rule.id == "comedec"));
    assert_eq!(eligible.asked[1].shown, "Dans cette commune, Exempleville");
    assert_eq!(package.carry(&eligible, &setting), answers(json!({"type_acte": "naissance"})));
}

#[test]
fn the_amount_is_computed_and_shown_in_euros() {
    let package = load("aide-velo");
    let given = answers(json!({"etat_velo": "neuf", "prix": 189_000, "quotient_familial": 512}));
    let view = package.view(&given, &setting());
    assert_eq!(view.computed("montant_aide"), Some(&json!(40_000)));
    let lines = package.computed_lines(&view);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].shown, "400,00\u{a0}€");
    assert_eq!(package.transition("accepter").unwrap().fields[0].proposal(&view.known), Some(json!(40_000)));
}

#[test]
fn the_circuit_gives_each_one_his_moves() {
    let package = load("aide-velo");
    let view = package.view(&Answers::new(), &setting());
    let from = |state: &str, who| package.transitions_from(state, who, &view).iter().map(|t| t.id.as_str()).collect::<Vec<_>>();
    assert_eq!(package.start().unwrap().id, "envoyee");
    assert_eq!(from("envoyee", Who::Usager), ["retirer"]);
    assert_eq!(from("complement", Who::Usager), ["completer", "retirer"]);
    assert_eq!(from("refusee", Who::Agent), Vec::<&str>::new());
    assert_eq!(from("acceptee", Who::Application), ["verser"]);
    let moves = |id: &str, state: &str| package.move_of(package.transition(id).unwrap(), state);
    assert_eq!(moves("accepter", "en_cours"), Move::Decide);
    assert_eq!(moves("demander_complement", "en_cours"), Move::AskUsager);
    assert_eq!(moves("completer", "complement"), Move::UsagerAnswers);
    assert_eq!(moves("retirer", "complement"), Move::Withdraw);
    assert_eq!(moves("verser", "acceptee"), Move::Advance);
    assert_eq!(package.find_move(Move::AskUsager, "envoyee", Who::Agent, &view).unwrap().id, "demander_complement");
}

#[test]
fn a_refusal_wants_a_motif_of_its_list() {
    let package = load("aide-velo");
    let refuse = package.transition("refuser").unwrap();
    let view = || package.view(&Answers::new(), &setting());
    let fields = answers(json!({"faits": "la facture est datée du 3 janvier"}));
    let refused = package.accept_fields(refuse, &fields, Some("inconnu"), view(), &setting()).unwrap_err();
    assert_eq!(refused.0[0].field, "motif");
    let applied = package.accept_fields(refuse, &fields, Some("achat_ancien"), view(), &setting()).unwrap();
    assert_eq!(applied.motif.unwrap().id, "achat_ancien");
}

fn around() -> Around {
    let mut around = Around { numero: "VSA-2026-000012".into(), depose_le: "24 novembre 2026".into(), ..Around::default() };
    around.demandeur.nom = "Léa *Aubry*".into();
    around
}

#[test]
fn the_refusal_letter_holds_reason_facts_text_and_remedies() {
    let package = load("aide-velo");
    let given = answers(json!({"prix": 60_000}));
    let fields = answers(json!({"faits": "la facture est du 18 avril [x](http://x)"}));
    let merge = Merge { answers: &given, fields: &fields, motif: package.motif("hors_commune"), around: &around() };
    let letter = package.courrier("refus", &merge, &setting()).unwrap().unwrap();
    assert_eq!(letter.subject, "Aide à l’achat d’un vélo : réponse à votre demande VSA-2026-000012");
    assert!(letter.markdown.contains(r"Léa \*Aubry\*"), "{}", letter.markdown);
    assert!(letter.markdown.contains("l’aide est réservée aux habitants d’Exempleville"), "{}", letter.markdown);
    assert!(letter.markdown.contains(r"18 avril \[x\](http://x)"), "{}", letter.markdown);
    for wanted in [
        "Délibération n° 2024-057 du 27 juin 2024, règlement annexé, article 2",
        "saisir le tribunal administratif dont dépend Exempleville, sur place",
        "https://citoyens.telerecours.fr",
        "(recours gracieux). Ce n’est pas obligatoire.",
    ] {
        assert!(letter.markdown.contains(wanted), "{wanted} in {}", letter.markdown);
    }
}

#[test]
fn both_decisions_on_the_aid_say_that_an_algorithm_was_used_and_how_to_obtain_its_rules() {
    let package = load("aide-velo");
    let mut around = around();
    around.service.courriel = "mobilites@exempleville.example".into();
    for id in ["accord", "refus"] {
        let (given, fields) = (answers(json!({"prix": 60_000})), Answers::new());
        let merge = Merge { answers: &given, fields: &fields, motif: package.motifs.first(), around: &around };
        let letter = package.courrier(id, &merge, &setting()).unwrap().unwrap().markdown;
        for wanted in [
            "traitement algorithmique",
            "barème",
            "n° 2024-057 du 27 juin 2024",
            "L311-3-1, R311-3-1-1",
            r"mobilites@exempleville.example ou à cette adresse : 1 place de la Mairie",
            "au bout d’un mois, vous avez deux mois pour saisir la [Commission d’accès aux documents administratifs]",
        ] {
            assert!(letter.contains(wanted), "{id}: {wanted} in {letter}");
        }
    }
}

#[test]
fn less_than_the_scale_wants_its_reason_and_the_letter_gives_both_amounts() {
    let package = load("aide-velo");
    let accept = package.transition("accepter").unwrap();
    let given = answers(json!({"etat_velo": "neuf", "prix": 189_000, "quotient_familial": 512}));
    let view = || package.view(&given, &setting());
    let without = answers(json!({"montant_accorde": 30_000}));
    let refused = package.accept_fields(accept, &without, None, view(), &setting()).unwrap_err();
    assert_eq!(refused.0.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(), ["raison_montant"]);
    let fields = answers(json!({"montant_accorde": 30_000, "raison_montant": "la facture comprend 600 € d’accessoires"}));
    let applied = package.accept_fields(accept, &fields, None, view(), &setting()).unwrap();
    let merge = Merge { answers: &given, fields: &applied.fields, motif: None, around: &around() };
    let letter = package.courrier("accord", &merge, &setting()).unwrap().unwrap().markdown.replace('\u{a0}', " ");
    let wanted = "Le barème donnait 400,00 €. Nous vous accordons 300,00 €, parce que : la facture comprend 600 € d’accessoires";
    assert!(letter.contains(wanted), "{letter}");
    let whole = answers(json!({"montant_accorde": 40_000, "raison_montant": "sans objet"}));
    let applied = package.accept_fields(accept, &whole, None, view(), &setting()).unwrap();
    assert!(!applied.fields.contains_key("raison_montant"));
    let merge = Merge { answers: &given, fields: &applied.fields, motif: None, around: &around() };
    assert!(!package.courrier("accord", &merge, &setting()).unwrap().unwrap().markdown.contains("parce que"));
}

#[test]
fn a_form_shows_the_fields_that_what_is_typed_calls_for() {
    let package = load("aide-velo");
    let accept = package.transition("accepter").unwrap();
    let given = answers(json!({"etat_velo": "neuf", "prix": 189_000, "quotient_familial": 512}));
    let shown = |typed: Option<&[(&str, &str)]>| {
        let controls = typed.unwrap_or_default();
        let form = form(controls);
        let typed: Option<crate::engine::Form> = typed.is_some().then_some(&form);
        let asked = accept.asked(typed, package.view(&given, &setting()), &setting());
        asked.into_iter().map(|field| field.question.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(shown(None), ["montant_accorde"]);
    assert_eq!(shown(Some(&[("montant_accorde", "400")])), ["montant_accorde"]);
    assert_eq!(shown(Some(&[("montant_accorde", "300")])), ["montant_accorde", "raison_montant"]);
}

#[test]
fn a_page_tells_a_note_once_and_lets_the_person_go_on() {
    let package = load("acte-etat-civil");
    let known = answers(json!({"type_acte": "naissance", "nature_acte": "integrale"}));
    let controls = [(input::SHOWN, "qualite"), ("qualite", "frere_soeur")];
    let read = package.read_page("lien", &form(&controls), &known, &setting());
    assert!(read.errors.is_empty() && !read.is_done());
    assert_eq!(read.notes, ["pas_autorise"]);
    let again = [controls.as_slice(), &[(input::NOTES, "pas_autorise")]].concat();
    let read = package.read_page("lien", &form(&again), &known, &setting());
    assert!(read.is_done(), "{read:?}");
}

#[test]
fn the_rejection_of_an_act_says_the_facts_and_before_which_court_to_contest() {
    let package = load("acte-etat-civil");
    let fields = answers(json!({"faits": "vous demandez l’acte de votre frère"}));
    let merge = Merge { answers: &Answers::new(), fields: &fields, motif: package.motif("pas_autorise"), around: &around() };
    let letter = package.courrier("rejet", &merge, &setting()).unwrap().unwrap().markdown;
    assert!(letter.contains("Dans votre dossier : vous demandez l’acte de votre frère"), "{letter}");
    for id in ["rejet", "non_trouve"] {
        let text = package.courrier(id, &merge, &setting()).unwrap().unwrap().markdown;
        let court = "demander au président du tribunal judiciaire dont dépend Exempleville, par une requête écrite";
        assert!(text.contains(court), "{id}: {text}");
    }
}

#[test]
fn every_letter_of_every_package_can_be_merged_with_nothing_known() {
    for (slug, _) in super::ready_made::packages() {
        let package = load(&slug);
        let empty = Answers::new();
        for id in package.courriers.keys() {
            let merge = Merge { answers: &empty, fields: &empty, motif: package.motifs.first(), around: &Around::default() };
            let letter = package.courrier(id, &merge, &setting()).unwrap();
            assert!(letter.is_ok(), "{slug}/{id}: {:?}", letter.err());
        }
    }
}

#[test]
fn a_state_has_words_with_the_date_given() {
    let package = load("acte-etat-civil");
    let state = package.state("parti").unwrap();
    let fields = answers(json!({"date_envoi": "2026-11-25"}));
    assert_eq!(package.state_name(state, &fields), "Parti par courrier le 25\u{a0}novembre 2026");
    let state = package.state("a_retirer").unwrap();
    assert!(package.state_text(state, &answers(json!({"disponible_le": "2026-11-25"}))).unwrap().contains("25\u{a0}novembre 2026"));
}

#[test]
fn nothing_but_what_the_person_says_of_himself_is_given_to_the_registry() {
    for (slug, _) in super::ready_made::packages() {
        let package = load(&slug);
        for give in &package.card.gives {
            let question = package.question(&give.question.text).unwrap();
            assert!(question.own, "{slug}: {}", question.id);
            let about_another = ["naissance_", "epoux", "deces_", "parent", "titulaire"];
            assert!(!about_another.iter().any(|start| question.id.starts_with(start)), "{slug}: {}", question.id);
        }
    }
}

fn act() -> (Package, Answers) {
    let given = answers(json!({
        "type_acte": "naissance", "nature_acte": "integrale", "qualite": "moi", "exemplaires": 2, "usage": null,
        "demandeur_nom": "O’Neil & fils", "demandeur_nom_usage": null, "demandeur_prenoms": "Camille",
        "demandeur_courriel": "c@example.org", "demandeur_telephone": null,
        "demandeur_adresse": {"voie": "4 rue des Lilas", "code_postal": "28260", "commune": "Exempleville", "pays": "France"},
        "naissance_date": "1990-05-14", "naissance_lieu": {"nom": "Exempleville", "code_postal": "28260"},
        "parent1_nom": "O’Neil", "parent1_prenom": "Jean", "parent2_nom": null, "parent2_prenom": null,
        "remise": "courrier", "adresse_envoi": null
    }));
    (load("acte-etat-civil"), given)
}

#[test]
fn the_act_leaves_in_the_layout_of_the_civil_status_software() {
    let (package, given) = act();
    let fields = Answers::new();
    let dossier = Dossier { answers: &given, fields: &fields, numero: "VSA-1", depose_le: date(2026, 11, 24), canal: "internet" };
    let setting = Setting { code_insee: "28421".into(), ..setting() };
    let liaisons = package.liaisons_on(&LiaisonEvent::Deposit, &dossier, &setting);
    assert_eq!(liaisons.len(), 1);
    let document = package.document(liaisons[0], &dossier, &setting);
    let bytes = echanges::formats::write(liaisons[0].format, &document).unwrap();
    let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<EnveloppeMetierType canal_utilise="0" reference="VSA-1">
 <DemandeActe>
  <TypeActe>
   <Code>NAISSANCE</Code>
   <Libelle>Acte de naissance</Libelle>
  </TypeActe>
  <NatureActe>
   <Code>COPIE-INTEGRALE</Code>
   <Libelle>Copie intégrale</Libelle>
  </NatureActe>
  <DateActe>1990-05-14</DateActe>
  <LieuActe>
   <CodePostal>28260</CodePostal>
   <Ville>Exempleville</Ville>
   <CodeINSEE>28421</CodeINSEE>
  </LieuActe>
  <NombreExemplaires>2</NombreExemplaires>
  <Demandeur>
   <QualiteDemandeur>
    <Code>PersonneConcernee</Code>
   </QualiteDemandeur>
   <Nom>O’Neil &amp; fils</Nom>
   <Prenom>Camille</Prenom>
   <AdresseFrancaise>
    <Voie>4 rue des Lilas</Voie>
    <CodePostal>28260</CodePostal>
    <Ville>Exempleville</Ville>
   </AdresseFrancaise>
   <Courriel>c@example.org</Courriel>
  </Demandeur>
  <Titulaire>
   <NomNaissance>O’Neil &amp; fils</NomNaissance>
   <Prenoms>Camille</Prenoms>
   <DateDeNaissance>1990-05-14</DateDeNaissance>
   <LieuDeNaissance>Exempleville</LieuDeNaissance>
   <Parent>
    <Nom>O’Neil</Nom>
    <Prenom>Jean</Prenom>
   </Parent>
  </Titulaire>
  <ModeRemise>COURRIER</ModeRemise>
 </DemandeActe>
</EnveloppeMetierType>
"#;
    assert_eq!(String::from_utf8(bytes).unwrap(), expected);
}

#[test]
fn an_answer_of_the_software_becomes_a_transition_with_its_fields() {
    let (package, given) = act();
    let liaison = package.liaison("logiciel").unwrap();
    let reply = |word: &str, received: serde_json::Value| {
        let view = package.view(&given, &setting());
        package
            .reply(liaison, word, &answers(received), view, &setting())
            .map(|applied| (applied.transition.id.clone(), applied.fields, applied.motif.map(|m| m.id.clone())))
    };
    let (id, fields, _) = reply("delivre", json!({"date_delivrance": "2026-11-23", "mode": "courrier", "exemplaires": 2})).unwrap();
    assert_eq!((id.as_str(), &fields["date_envoi"], &fields["exemplaires_delivres"]), ("envoyer", &json!("2026-11-23"), &json!(2)));
    let (id, fields, _) = reply("delivre", json!({"date_delivrance": "2026-11-23", "mode": "guichet", "exemplaires": 1})).unwrap();
    assert_eq!((id.as_str(), &fields["disponible_le"]), ("mettre_au_guichet", &json!("2026-11-23")));
    let facts = "l’acte porte d’autres prénoms pour la mère";
    let (id, fields, motif) = reply("rejete", json!({"motif_rejet": "parents_inexacts", "faits_rejet": facts})).unwrap();
    assert_eq!((id.as_str(), motif.as_deref(), &fields["faits"]), ("rejeter", Some("parents_inexacts"), &json!(facts)));
    assert!(reply("rejete", json!({"motif_rejet": "parents_inexacts"})).is_err(), "a rejection without facts");
    assert_eq!(reply("en_cours", json!({})).unwrap().0, "prendre_en_charge");
    assert_eq!(reply("non_trouve", json!({})).unwrap().0, "non_trouve");
    let refused = reply("livre", json!({})).unwrap_err();
    assert_eq!(
        refused.0[0].sentence,
        "Cette réponse n’est pas prévue par le téléservice. Réponses possibles : « en_cours », « delivre », « remis », « non_trouve », « rejete »."
    );
    assert!(reply("delivre", json!({"mode": "courrier"})).is_err());
}

#[test]
fn a_summary_shows_answers_page_by_page() {
    let (package, given) = act();
    let summary = package.summary(&given, &setting());
    assert_eq!(
        summary.iter().map(|s| s.page.as_str()).collect::<Vec<_>>(),
        ["acte", "document", "lien", "exemplaires", "vous", "naissance", "parents", "remise"]
    );
    let line = |page: &str, id: &str| {
        let section = summary.iter().find(|section| section.page == page).unwrap();
        section.lines.iter().find(|line| line.id == id).unwrap().shown.clone()
    };
    assert_eq!(line("document", "nature_acte"), "La copie intégrale");
    assert_eq!(line("naissance", "naissance_date"), "14\u{a0}mai 1990");
}

#[test]
fn pieces_are_asked_where_a_text_asks_them_and_the_act_asks_none() {
    let (package, given) = act();
    let view = package.view(&given, &setting());
    assert!(package.pieces_at_deposit(&view).is_empty());
    assert_eq!(package.pieces_an_agent_may_ask(&view).iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), ["identite"]);
    assert!(package.piece("identite").unwrap().erase_after_check);
}

#[test]
fn the_requester_is_known_by_his_attributes() {
    let package = load("acte-etat-civil");
    assert_eq!(package.about_requester("courriel").unwrap().id, "demandeur_courriel");
    assert!(package.about_requester("sexe").is_none());
}

const FROM_SERVICE_PUBLIC: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<EnveloppeMetierType canal_utilise="0">
 <DemandeActe>
  <TypeActe><Code>NAISSANCE</Code><Libelle>Acte de naissance</Libelle></TypeActe>
  <NatureActe><Code>COPIE-INTEGRALE</Code><Libelle>Copie intégrale</Libelle></NatureActe>
  <DateActe>1990-05-14</DateActe>
  <LieuActe><CodePostal>28260</CodePostal><Ville>EXEMPLEVILLE</Ville><CodeINSEE>28421</CodeINSEE></LieuActe>
  <NombreExemplaires>1</NombreExemplaires>
  <MotifDemande><Libelle>Autre</Libelle><Commentaire>Dossier &#233;tranger &amp; urgent</Commentaire></MotifDemande>
  <Demandeur>
   <QualiteDemandeur><Code>GrandParent</Code><Libelle>Grand-parent</Libelle></QualiteDemandeur>
   <Civilite>MADAME</Civilite><Nom>LEFEVRE</Nom><Prenom>CAMILLE</Prenom>
   <AdresseFrancaise><Voie>4 RUE DES LILAS</Voie><CodePostal>28260</CodePostal><Ville>EXEMPLEVILLE</Ville></AdresseFrancaise>
   <Courriel>camille@example.org</Courriel>
  </Demandeur>
  <Titulaire>
   <Civilite>MADAME</Civilite><NomNaissance>MOREAU</NomNaissance><Prenoms>ANNE</Prenoms><DateDeNaissance>1990-05-14</DateDeNaissance>
  </Titulaire>
 </DemandeActe>
</EnveloppeMetierType>"#;

#[test]
fn a_demand_from_elsewhere_becomes_answers_and_what_is_not_known_is_handed_back() {
    let package = load("acte-etat-civil");
    let arrival = package.arrival_from("service-public").unwrap();
    let arrived = package.arrive(arrival, FROM_SERVICE_PUBLIC.as_bytes(), &setting()).unwrap();
    let given = &arrived.answers;
    assert_eq!((&given["type_acte"], &given["nature_acte"], &given["exemplaires"]), (&json!("naissance"), &json!("integrale"), &json!(1)));
    assert_eq!(given["demandeur_adresse"]["commune"], "EXEMPLEVILLE");
    assert_eq!(given["naissance_date"], "1990-05-14");
    assert_eq!(given["naissance_lieu"]["code_insee"], "28421");
    assert!(!given.contains_key("qualite"));
    let unread = |path: &str| arrived.unread.iter().find(|(known, _)| known == path).map(|(_, text)| text.as_str());
    assert_eq!(unread("DemandeActe/Demandeur/QualiteDemandeur/Code"), Some("GrandParent"));
    assert_eq!(unread("DemandeActe/MotifDemande/Commentaire"), Some("Dossier étranger & urgent"));
    assert_eq!(unread("DemandeActe/Titulaire/NomNaissance"), None);
    let lacking = package.check_all(given, &setting()).refused;
    assert_eq!(lacking, ["qualite"]);
}

#[test]
fn a_file_that_is_not_such_a_demand_is_refused() {
    let package = load("acte-etat-civil");
    let arrival = package.arrival_from("service-public").unwrap();
    let read = |text: &str| package.arrive(arrival, text.as_bytes(), &setting());
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\">]><EnveloppeMetierType>&b;</EnveloppeMetierType>";
    let deep = format!("<EnveloppeMetierType>{}", "<a>".repeat(100));
    for text in ["<Autre/>", "pas du xml", "", bomb, "<EnveloppeMetierType>&b;</EnveloppeMetierType>", "<EnveloppeMetierType>", &deep] {
        assert!(matches!(read(text), Err(kernel::Error::Refused(_))), "{text}");
    }
}
