-- Who may read which attributes, for which purpose, on which basis, until when.
create table habilitation (
  tenant_id uuid not null,
  id uuid not null,
  partenaire_id uuid not null,
  purpose text not null,
  title text not null,
  attributes jsonb not null,
  basis text not null,
  reference text not null,
  valid_from date not null,
  valid_to date,
  created_at timestamptz not null,
  closed_at timestamptz,
  primary key (tenant_id, id)
);
create unique index habilitation_purpose on habilitation (tenant_id, partenaire_id, purpose, id);

-- Ties a partner to an usager, made when a basis is recorded (informed, or consent given). No row: the partner gets a 404.
create table partner_link (
  tenant_id uuid not null,
  partenaire_id uuid not null,
  usager_id uuid not null,
  informed_at timestamptz,
  primary key (tenant_id, partenaire_id, usager_id)
);

-- A consent, GDPR article 4(11), and its withdrawal. Never erased before its proof is prescribed.
create table consent (
  tenant_id uuid not null,
  id uuid not null,
  usager_id uuid not null,
  partenaire_id uuid not null,
  purpose text not null,
  text_shown text not null,
  given_at timestamptz not null,
  withdrawn_at timestamptz,
  primary key (tenant_id, id)
);
create index consent_usager on consent (tenant_id, usager_id, partenaire_id, purpose);

-- An opposition, GDPR article 21, to a reading that rests on a public task.
create table opposition (
  tenant_id uuid not null,
  usager_id uuid not null,
  partenaire_id uuid not null,
  purpose text not null,
  reason text not null,
  made_at timestamptz not null,
  accepted_at timestamptz,
  refused_at timestamptz,
  primary key (tenant_id, usager_id, partenaire_id, purpose)
);

-- A request of a person about his own data (GDPR articles 15 to 21) and its answer.
create table rights_request (
  tenant_id uuid not null,
  id uuid not null,
  usager_id uuid not null,
  kind text not null,
  -- For an opposition: the reading it is about.
  partenaire_id uuid,
  purpose text,
  text text not null,
  made_at timestamptz not null,
  -- Last day to answer.
  due_on date not null,
  answered_at timestamptz,
  is_granted boolean,
  answer text,
  primary key (tenant_id, id)
);
create index rights_request_usager on rights_request (tenant_id, usager_id, made_at);
create index rights_request_due on rights_request (tenant_id, due_on, id);
