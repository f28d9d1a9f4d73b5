-- A browser that came back: who it is, how surely, and what it holds. The cookie is kept as its SHA-256 only.
create table session (
  tenant_id uuid not null,
  id uuid not null,
  token_hash text not null,
  -- Label of the actor, `visiteur` for nobody: what "all the sessions of this person" is asked by.
  subject text not null,
  actor jsonb not null,
  level jsonb not null,
  data jsonb not null,
  -- Kind of browser, in a few words, for the list that the person reads.
  browser text not null,
  created_at timestamptz not null,
  -- Written at most every five minutes.
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant_id, id)
);
create unique index session_token on session (tenant_id, token_hash);
create index session_subject on session (tenant_id, subject, seen_at);
create index session_expiry on session (tenant_id, expires_at);

-- Answers to forms already sent, so that pressing twice does once. Successes only, 35 days.
create table idempotency (
  tenant_id uuid not null,
  -- SHA-256 of the path, of the key of the form's rendering and of the session.
  key text not null,
  -- SHA-256 of what was typed: another body under the same key is another wish.
  body_hash text not null,
  status bigint not null,
  location text not null,
  created_at timestamptz not null,
  primary key (tenant_id, key)
);
create index idempotency_age on idempotency (tenant_id, created_at);

-- What is limited across nodes: failed tries at an account, and buckets of what anybody may cause (tries from an
-- address, mails, drafts, files).
create table login_attempt (
  tenant_id uuid not null,
  -- SHA-256 of the kind of key and of its text: neither login nor address can be read here.
  key text not null,
  failures bigint not null,
  last_at timestamptz not null,
  -- For a bucket: when it will be empty.
  blocked_until timestamptz not null,
  primary key (tenant_id, key)
);
create index login_attempt_age on login_attempt (tenant_id, last_at);
