-- A system that exchanges with us: how it is reached, whether it may be, and how it fares.
create table application (
  tenant_id uuid not null,
  id uuid not null,
  slug text not null,
  name text not null,
  -- webhook, fichier, sftp; empty while a package names it and nobody has set it up
  channel text not null,
  options jsonb not null,
  -- sealed: signing secrets, password or private key
  secret bytea,
  contact text not null,
  -- active, paused, unset
  status text not null,
  status_reason text not null,
  -- failures in a row; from five on, one try at a time
  failures bigint not null,
  down_since timestamptz,
  probe_at timestamptz,
  last_error text not null,
  last_success_at timestamptz,
  created_at timestamptz not null,
  primary key (tenant_id, id)
);
create unique index application_slug on application (tenant_id, slug);

-- Keys by which an application answers; several at once while one replaces another. Only hashes are kept.
create table application_key (
  tenant_id uuid not null,
  application_id uuid not null,
  hash text not null,
  -- first characters, so that somebody recognises it
  hint text not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  primary key (tenant_id, hash)
);
create index application_key_of on application_key (tenant_id, application_id);

-- One sending of one event to one application. The body is rebuilt at each attempt and never kept.
create table delivery (
  tenant_id uuid not null,
  id uuid not null,
  application_id uuid not null,
  dossier_id uuid not null,
  event_id uuid not null,
  -- as in the package: depot, transition:…
  event_name text not null,
  liaison text not null,
  -- which domain builds the body
  source text not null,
  format text not null,
  -- waiting, paused, delivered, set_aside, given_up
  state text not null,
  attempts bigint not null,
  -- times that the process died while sending it
  lost bigint not null,
  next_at timestamptz not null,
  claimed_until timestamptz,
  last_error text not null,
  -- SHA-256 of what was sent last
  fingerprint text not null,
  created_at timestamptz not null,
  delivered_at timestamptz,
  primary key (tenant_id, id)
);
create unique index delivery_event on delivery (tenant_id, event_id, application_id);
create index delivery_state on delivery (tenant_id, state, next_at);
create index delivery_application on delivery (tenant_id, application_id, state, id);
create index delivery_dossier on delivery (tenant_id, dossier_id, application_id, id);

-- What an application answered about a dossier: its own identifier makes a second sending harmless.
create table application_answer (
  tenant_id uuid not null,
  application_id uuid not null,
  identifier text not null,
  dossier_id uuid not null,
  -- SHA-256 of what was said
  fingerprint text not null,
  outcome jsonb not null,
  received_at timestamptz not null,
  primary key (tenant_id, application_id, identifier)
);

-- Files that an application left in its folder, once each by content and by identifier.
create table incoming_file (
  tenant_id uuid not null,
  application_id uuid not null,
  -- SHA-256 of the content
  fingerprint text not null,
  identifier text,
  name text not null,
  -- accepted, refused
  state text not null,
  reason text not null,
  dossier_id uuid,
  received_at timestamptz not null,
  primary key (tenant_id, application_id, fingerprint)
);
create unique index incoming_file_identifier on incoming_file (tenant_id, application_id, identifier);
