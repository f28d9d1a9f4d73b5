-- One usager's file for one téléservice, from draft to purge.
create table dossier (
    tenant_id uuid not null,
    id uuid not null,
    -- What the usager quotes ("VSA-2026-004012"); null before the deposit.
    number text,
    slug text not null,
    -- The version of the téléservice it was made with, for ever.
    version_id uuid not null,
    phase text not null,
    state text not null,
    channel text not null,
    usager_id uuid,
    compte_id uuid,
    org_unit_id uuid,
    agent_id uuid,
    -- The agent who typed it for the usager.
    entered_by uuid,
    answers jsonb not null,
    -- Where prefilled answers come from, by question.
    origins jsonb not null,
    -- Names of the attributes the usager refused to give to the registry.
    withheld jsonb not null,
    contact_name text not null,
    contact_mail text,
    -- Name and number folded (case, accents), for a search by prefix.
    search_key text not null,
    -- Key of its files, sealed by the master key: erasing it erases them everywhere.
    file_key bytea not null,
    external_source text,
    external_ref text,
    -- Sent and not ended.
    is_open boolean not null,
    -- The nearest of the legal date and of the commitment; 9999-12-31 when there is none.
    due_on date not null,
    -- Which of the two: legal, engagement, aucun.
    due_kind text not null,
    -- The legal date alone, as it stands if the usager answers on his last day; none where silence means nothing.
    legal_on date,
    created_at timestamptz not null,
    saved_at timestamptz not null,
    submitted_at timestamptz,
    ended_at timestamptz,
    expires_at timestamptz,
    -- What the transitions of its circuit gave (date of sending, number of copies, amount), by name of field.
    details jsonb not null,
    -- The decision: outcome, motif, signer.
    decision jsonb,
    moved_by text,
    moved_at timestamptz,
    primary key (tenant_id, id)
);

create unique index dossier_number on dossier (tenant_id, number);
create unique index dossier_external on dossier (tenant_id, external_source, external_ref);
create index dossier_inbox on dossier (tenant_id, is_open, due_on, id);
create index dossier_usager on dossier (tenant_id, usager_id, id);
create index dossier_search on dossier (tenant_id, search_key, id);
create index dossier_mail on dossier (tenant_id, contact_mail, id);
create index dossier_expiry on dossier (tenant_id, expires_at);
create index dossier_ended on dossier (tenant_id, ended_at, id);

-- What opens a dossier without an account: the key of a session, or the secret of a mailed link, hashed.
create table dossier_access (
    tenant_id uuid not null,
    key_hash text not null,
    dossier_id uuid not null,
    -- session or lien.
    kind text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (tenant_id, key_hash, dossier_id)
);

create index dossier_access_dossier on dossier_access (tenant_id, dossier_id);
create index dossier_access_expiry on dossier_access (tenant_id, expires_at);

-- Numbers taken by blocks, one row a year; a node takes the next block in a unit of its own.
create table number_block (
    tenant_id uuid not null,
    year bigint not null,
    -- First number nobody has taken yet.
    next_rank bigint not null,
    primary key (tenant_id, year)
);

-- One file that proves an answer.
create table piece (
    tenant_id uuid not null,
    id uuid not null,
    dossier_id uuid not null,
    -- Which piece of the package it answers.
    code text not null,
    file_id uuid not null,
    name text not null,
    content_type text not null,
    size bigint not null,
    sha256 text not null,
    -- propre, en_cours (still scanned), infecte.
    scan text not null,
    -- a_verifier, acceptee, refusee.
    verdict text not null,
    verdict_motif text,
    verdict_by text,
    verdict_at timestamptz,
    -- The request it answers, if any.
    request_id uuid,
    added_by text not null,
    added_at timestamptz not null,
    -- Erased once checked (copies of identity papers).
    erased_at timestamptz,
    primary key (tenant_id, id)
);

create index piece_dossier on piece (tenant_id, dossier_id, id);
create index piece_scan on piece (tenant_id, scan, id);

-- One request for missing pieces or information (L114-5).
create table piece_request (
    tenant_id uuid not null,
    id uuid not null,
    dossier_id uuid not null,
    -- Codes of the pieces asked for.
    codes jsonb not null,
    -- What the agent wrote, read by the usager.
    reason text not null,
    -- Required by a text or indispensable: the legal clock follows.
    is_required boolean not null,
    asked_by text not null,
    asked_at timestamptz not null,
    reply_before date not null,
    -- When everything was there: the law's clock runs again.
    satisfied_at timestamptz,
    -- When the dossier stopped waiting, answered or not.
    closed_at timestamptz,
    -- The state to come back to once answered.
    back_to text not null,
    primary key (tenant_id, id)
);

create index piece_request_dossier on piece_request (tenant_id, dossier_id, id);
create index piece_request_open on piece_request (tenant_id, closed_at, dossier_id);

-- One message between the usager and the service, read by both.
create table message (
    tenant_id uuid not null,
    id uuid not null,
    dossier_id uuid not null,
    -- usager or service.
    author text not null,
    author_name text not null,
    text text not null,
    written_at timestamptz not null,
    read_at timestamptz,
    primary key (tenant_id, id)
);

create index message_dossier on message (tenant_id, dossier_id, id);
create index message_unread on message (tenant_id, read_at, author, dossier_id);

-- One private note of the agents; the person may ask for a copy (GDPR art. 15).
create table note (
    tenant_id uuid not null,
    id uuid not null,
    dossier_id uuid not null,
    author text not null,
    text text not null,
    written_at timestamptz not null,
    primary key (tenant_id, id)
);

create index note_dossier on note (tenant_id, dossier_id, id);

-- One letter or receipt produced for a dossier, kept with the key of its dossier.
create table courrier (
    tenant_id uuid not null,
    id uuid not null,
    dossier_id uuid not null,
    -- accuse, or the name of a model of the package.
    model text not null,
    title text not null,
    file_id uuid not null,
    size bigint not null,
    produced_at timestamptz not null,
    sent_at timestamptz,
    primary key (tenant_id, id)
);

create index courrier_dossier on courrier (tenant_id, dossier_id, id);

-- Open dossiers by team, téléservice and state; a counter is sixteen rows, summed when read.
create table dossier_counter (
    tenant_id uuid not null,
    key text not null,
    slot bigint not null,
    n bigint not null,
    primary key (tenant_id, key, slot)
);

-- Dossiers whose time of keeping is over: nothing is destroyed before the visa of the archives.
create table elimination (
    tenant_id uuid not null,
    dossier_id uuid not null,
    number text not null,
    slug text not null,
    ended_on date not null,
    -- The rule of keeping it comes from.
    rule text not null,
    listed_at timestamptz not null,
    -- The visa of the archives, when it came.
    visa text,
    eliminated_at timestamptz,
    primary key (tenant_id, dossier_id)
);

create index elimination_slug on elimination (tenant_id, slug, ended_on);
