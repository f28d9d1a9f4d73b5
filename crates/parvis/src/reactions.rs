//! What happens after an event: the one list. Each line enqueues a job in the unit of work that emits the event.

/// Kind of event, kind of job.
pub const TABLE: &[(&str, &str)] = &[
    ("DossierSubmitted", "SendAccuseReception"),
    ("DossierSubmitted", "InformUsager"),
    ("PieceAsked", "SendPieceRequest"),
    ("MessageWritten", "SendMessageNotice"),
    ("DossierWithdrawn", "SendWithdrawal"),
    ("DossierDecided", "ProduceCourrier"),
    ("DossierMoved", "ProduceCourrier"),
    ("RightsRequestMade", "AcknowledgeRightsRequest"),
    ("RightsRequestAnswered", "SendRightsAnswer"),
    ("DossierSubmitted", "PrepareDeliveries"),
    ("DossierDecided", "PrepareDeliveries"),
    ("DossierMoved", "PrepareDeliveries"),
    ("DossierWithdrawn", "PrepareDeliveries"),
    ("PieceAsked", "PrepareDeliveries"),
    ("RequestAnswered", "PrepareDeliveries"),
];
