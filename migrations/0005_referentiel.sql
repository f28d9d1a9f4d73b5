-- A person or body known to the tenant. What is known of him is in `fact`; this row only finds him.
create table usager (
  tenant_id uuid not null,
  id uuid not null,
  compte_id uuid,
  search_key text not null,
  mail_key text,
  -- The telephone of his record, in the international form.
  phone_key text,
  created_at timestamptz not null,
  primary key (tenant_id, id)
);
create index usager_search on usager (tenant_id, search_key, id);
create index usager_mail on usager (tenant_id, mail_key, id);
create index usager_phone on usager (tenant_id, phone_key, id);
create unique index usager_compte on usager (tenant_id, compte_id);

-- Other identifiers of the same person, after a merge: no row elsewhere is ever rewritten.
create table usager_alias (
  tenant_id uuid not null,
  alias_id uuid not null,
  usager_id uuid not null,
  since timestamptz not null,
  primary key (tenant_id, alias_id)
);
create index usager_alias_of on usager_alias (tenant_id, usager_id);

-- One value of one attribute, with its source, level and dates. Never overwritten; a correction is a new fact.
create table fact (
  tenant_id uuid not null,
  id uuid not null,
  usager_id uuid not null,
  attribute text not null,
  value jsonb not null,
  source text not null,
  source_label text not null,
  level bigint not null,
  dossier_id uuid,
  recorded_at timestamptz not null,
  withdrawn_at timestamptz,
  primary key (tenant_id, id)
);
create index fact_usager on fact (tenant_id, usager_id, attribute, recorded_at);

-- A household.
create table foyer (
  tenant_id uuid not null,
  id uuid not null,
  created_at timestamptz not null,
  primary key (tenant_id, id)
);

-- Who belongs to a household, in which role (adulte, enfant), since when.
create table foyer_member (
  tenant_id uuid not null,
  foyer_id uuid not null,
  usager_id uuid not null,
  role text not null,
  since date not null,
  until date,
  primary key (tenant_id, foyer_id, usager_id)
);
create index foyer_of on foyer_member (tenant_id, usager_id);
