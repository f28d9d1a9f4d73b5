//! Examples of the page of a dossier: everything there, nothing there, a refused message.

use super::*;
use crate::web::agent::shared::TagView;
use crate::web::usager::ClockView;

pub(super) fn full() -> DossierPage {
    let step = |label: &str, kind, is_decision: bool, is_blocked| StepLink {
        label: label.into(),
        href: "/agent/dossiers/dos_1/etapes/x".into(),
        is_direct: !is_decision,
        kind,
        is_decision,
        is_blocked,
        seen: "en_cours.0".into(),
    };
    DossierPage {
        external: Some("service-public, numéro A-6-XYZ".into()),
        person: Some("/agent/usagers/usa_1".into()),
        assignee: Some("Nadia Roussel".into()),
        is_mine: true,
        others: vec!["Paul Guérin a ce dossier ouvert depuis 9 h 48.".into()],
        clocks: vec![clock()],
        computed: vec![plain("Aide calculée".into(), "400 €".into())],
        steps: vec![
            step("Commencer l’instruction", "second", false, false),
            step("Accepter", "", true, true),
            step("Refuser", "danger", true, false),
        ],
        blocked: vec![BlockerView {
            sentence: "À vérifier d’abord : La facture du vélo.".into(),
            href: Some("/agent/dossiers/dos_1/pieces/pie_1".into()),
        }],
        pieces: vec![PieceView::sample("La facture du vélo", true), PieceView::sample("Votre RIB", false)],
        pieces_summary: "1 sur 2 à vérifier".into(),
        missing: vec!["Un justificatif de domicile".into()],
        requests: vec![RequestView {
            pieces: "Votre RIB".into(),
            reason: "Le bas est coupé.\nMerci.".into(),
            before: "17 décembre 2026".into(),
            by: "Nadia Roussel".into(),
            is_late: true,
        }],
        sections: vec![SectionView {
            title: "Votre vélo".into(),
            lines: vec![
                plain("Prix payé".into(), "1 890 €".into()),
                LineView { source: Some("FranceConnect, 1er novembre 2026".into()), verified: true, ..plain("Nom".into(), "mot ".repeat(60)) },
            ],
        }],
        messages: vec![message(true), message(false)],
        to_post: vec![PostView::sample()],
        unread: 1,
        notes: vec![message(false)],
        courriers: vec![FileRow {
            name: "Accusé de réception".into(),
            href: Some("/agent/dossiers/dos_1/courriers/cou_1".into()),
            say: "Envoyé, PDF, 48 Ko".into(),
            tone: "good",
            remove: None,
        }],
        deliveries: vec![DeliveryView {
            application: "Logiciel d’état civil".into(), say: "Remis le 3 décembre 2026, 9 h 52".into(), tone: "good"
        }],
        history: vec![EventView {
            title: "Demande reçue en ligne".into(),
            state: "done",
            at: "2026-11-01T08:00:00Z".into(),
            when: "1er novembre 2026, 9 h".into(),
            text: "La personne".into(),
        }],
        readings: vec![EventView {
            title: "Dossier ouvert".into(),
            state: "done",
            at: "2026-12-03T08:48:00Z".into(),
            when: "3 décembre 2026, 9 h 48".into(),
            text: "Paul Guérin".into(),
        }],
        may_instruct: true,
        ..bare()
    }
}

pub(super) fn bare() -> DossierPage {
    DossierPage {
        head: HeadView { state: TagView { text: "Acceptée".into(), tone: "good", fill: "full" }, ..HeadView::sample() },
        received: "déposé le 1er novembre 2026 en ligne".into(),
        external: None,
        person: None,
        assignee: None,
        is_mine: false,
        assignees: vec![Choice::new("personne", "Personne", true)],
        units: vec![Choice::new("org_1", "Service Mobilités", true), Choice::new("org_2", "État civil", false)],
        others: vec![],
        clocks: vec![],
        computed: vec![],
        steps: vec![],
        blocked: vec![],
        decision: Some(DecisionView {
            when: "3 décembre 2026, 9 h 52".into(),
            signer: "Hervé Tanguy, adjoint aux mobilités".into(),
            motif: Some("Conditions remplies".into()),
            precision: Some("Bravo.".into()),
        }),
        values: vec![plain("Montant de l’aide".into(), "400 €".into())],
        pieces: vec![],
        pieces_summary: String::new(),
        missing: vec![],
        requests: vec![],
        sections: vec![],
        declared: "Sans autre mention, la personne l’a déclaré en ligne, le 1er novembre 2026.".into(),
        messages: vec![],
        unread: 0,
        notes: vec![],
        to_post: vec![],
        courriers: vec![],
        deliveries: vec![],
        history: vec![],
        readings: vec![],
        may_instruct: false,
        message: String::new(),
        note: String::new(),
        errors: vec![],
    }
}

pub(super) fn in_error() -> DossierPage {
    let fault = |field: &str| FieldError { field: field.into(), sentence: "Écrivez votre texte avant de l’envoyer.".into() };
    DossierPage { errors: vec![fault("message"), fault("note")], message: "a < b".into(), ..full() }
}

fn clock() -> DelaiView {
    let clock = ClockView {
        title: "29 jours pour décider".into(),
        label: "Demande reçue le 1er novembre 2026.".into(),
        spent: 52,
        stopped: 10,
        tone: "",
        mark: "aujourd’hui".into(),
        start: "1er nov. 2026".into(),
        end: "1er janv. 2027".into(),
        reasons: vec!["Demande reçue le 1er novembre 2026, délai de 2 mois.".into()],
    };
    DelaiView { clock, then: "Sans décision à la fin du 1er janvier 2027, rejet tacite.".into() }
}

fn message(mine: bool) -> MessageView {
    MessageView {
        mine,
        author: if mine { "Nadia Roussel".into() } else { "Nguyen Thi Lan".into() },
        service: mine.then(|| "Service Mobilités".into()),
        at: "2026-12-03T08:48:00Z".into(),
        when: "3 décembre 2026, 9 h 48".into(),
        text: "Bonjour,\nmerci.".into(),
    }
}
