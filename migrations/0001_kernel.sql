-- An isolation boundary: a host name, a look, settings.
create table tenant (
  id uuid not null primary key,
  slug text not null,
  host text not null,
  base_url text not null,
  name text not null,
  settings jsonb not null,
  created_at timestamptz not null
);
create unique index tenant_slug on tenant (slug);
create unique index tenant_host on tenant (host);

-- The journal: append-only, chained per subject. `payload` and `mentions` are the exact bytes that are hashed.
create table event (
  tenant_id uuid not null,
  id uuid not null,
  subject text not null,
  position bigint not null,
  kind text not null,
  at timestamptz not null,
  actor text not null,
  mentions text not null,
  payload text not null,
  previous text not null,
  hash text not null,
  -- Key id and HMAC of the hash: a line that the program did not write has none that is right.
  mark text not null,
  primary key (tenant_id, id)
);
create unique index event_subject on event (tenant_id, subject, position);
create index event_kind on event (tenant_id, kind, id);

-- Which events speak of a subject that is not theirs: what an usager may read about himself.
create table event_mention (
  tenant_id uuid not null,
  subject text not null,
  event_id uuid not null,
  primary key (tenant_id, subject, event_id)
);

-- Length, head and last instant of the chain of each subject: the only lock of `emit`.
create table chain (
  tenant_id uuid not null,
  subject text not null,
  length bigint not null,
  head text not null,
  at timestamptz not null,
  primary key (tenant_id, subject)
);

-- Events that no seal covers yet, with their hash and mark; emptied every second by the sealer.
create table unsealed (
  tenant_id uuid not null,
  event_id uuid not null,
  hash text not null,
  mark text not null,
  primary key (tenant_id, event_id)
);

-- A signed tree head (RFC 6962) over the events it lists, chained to the seal before it.
create table seal (
  tenant_id uuid not null,
  number bigint not null,
  at timestamptz not null,
  events text not null,
  root text not null,
  previous text not null,
  hash text not null,
  key_id text not null,
  signature text not null,
  primary key (tenant_id, number)
);

-- Background work: due, leased while it runs, deleted when done, kept when set aside.
create table job (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  payload jsonb not null,
  state text not null,
  due_at timestamptz not null,
  attempt bigint not null,
  lost bigint not null,
  locked_until timestamptz,
  locked_by text,
  unique_key text,
  last_error text,
  created_at timestamptz not null,
  primary key (tenant_id, id)
);
create index job_due on job (state, due_at, id);
create unique index job_unique on job (tenant_id, unique_key);

-- One holder at a time, across nodes: the sealer, the scheduler.
create table lease (
  name text not null primary key,
  holder text not null,
  until timestamptz not null
);
