-- A team that handles dossiers; its contacts are printed on receipts (CRPA R112-11-1).
create table org_unit (
  tenant_id uuid not null,
  id uuid not null,
  slug text not null,
  name text not null,
  mail text not null,
  phone text not null,
  address text not null,
  closed_at timestamptz,
  primary key (tenant_id, id)
);
create unique index org_unit_slug on org_unit (tenant_id, slug);

-- A member of the staff. Name and role appear on letters (CRPA L111-2, L212-1).
create table agent (
  tenant_id uuid not null,
  id uuid not null,
  mail text not null,
  given_name text not null,
  family_name text not null,
  job_title text not null,
  role text not null,
  password_hash text,
  -- TOTP secret, sealed with the master key.
  totp_sealed bytea,
  -- Last TOTP step accepted, so that a code serves once.
  totp_step bigint not null,
  -- Who keeps him: `manuel`, or the provider (directory) whose groups give his profiles.
  source text not null,
  theme text not null,
  density text not null,
  -- Last sign-in: an agent of a directory who comes no more is closed.
  seen_at timestamptz,
  created_at timestamptz not null,
  closed_at timestamptz,
  primary key (tenant_id, id)
);
create unique index agent_mail on agent (tenant_id, mail);

-- What an agent may do in which team; no team: in all of them.
create table agent_membership (
  tenant_id uuid not null,
  id uuid not null,
  agent_id uuid not null,
  org_unit_id uuid,
  profile text not null,
  -- Where the line comes from: set by hand, or by a group of the directory.
  source text not null,
  primary key (tenant_id, id)
);
create index agent_membership_agent on agent_membership (tenant_id, agent_id);

-- What an usager signs in with. Without address: opened by FranceConnect beside the account that has it.
create table compte (
  tenant_id uuid not null,
  id uuid not null,
  mail text,
  is_mail_confirmed boolean not null,
  password_hash text,
  theme text not null,
  electronic_reply_refused boolean not null,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  primary key (tenant_id, id)
);
create unique index compte_mail on compte (tenant_id, mail);

-- The link between an account (usager or agent) and an identity provider: issuer and pairwise subject.
create table identity (
  tenant_id uuid not null,
  issuer text not null,
  sub text not null,
  compte_id uuid,
  agent_id uuid,
  created_at timestamptz not null,
  primary key (tenant_id, issuer, sub)
);
create index identity_compte on identity (tenant_id, compte_id);
create index identity_agent on identity (tenant_id, agent_id);

-- A one-time link: sign-in, new password, invitation, resuming a draft. The token is kept as its SHA-256.
create table mailed_link (
  tenant_id uuid not null,
  token_hash text not null,
  purpose text not null,
  mail text not null,
  -- Ids that the purpose needs; nothing personal but the mail above.
  payload jsonb not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (tenant_id, token_hash)
);
create index mailed_link_age on mailed_link (tenant_id, expires_at);

-- An identity provider of the tenant: FranceConnect, ProConnect, its own directory. The secret is sealed.
create table identity_provider (
  tenant_id uuid not null,
  slug text not null,
  kind text not null,
  title text not null,
  issuer text not null,
  client_id text not null,
  secret_sealed bytea not null,
  settings jsonb not null,
  is_active boolean not null,
  primary key (tenant_id, slug)
);

-- A legal body that receives or sends data.
create table partenaire (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  siret text not null,
  contact text not null,
  created_at timestamptz not null,
  closed_at timestamptz,
  primary key (tenant_id, id)
);

-- A key of a partner, kept as its SHA-256; two may live together during a rotation.
create table partner_key (
  tenant_id uuid not null,
  token_hash text not null,
  partenaire_id uuid not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  closed_at timestamptz,
  primary key (tenant_id, token_hash)
);
create index partner_key_of on partner_key (tenant_id, partenaire_id);
