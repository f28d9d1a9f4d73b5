-- A published text of a téléservice. It never changes: a dossier keeps the version it was made with.
create table teleservice_version (
  tenant_id uuid not null,
  id uuid not null,
  slug text not null,
  number bigint not null,
  digest text not null,
  -- The files of the package, as a JSON object: path, text.
  files text not null,
  published_at timestamptz not null,
  published_by text not null,
  primary key (tenant_id, id)
);
create unique index teleservice_version_number on teleservice_version (tenant_id, slug, number);

-- A démarche of the tenant: the version online, or none when it was taken off.
create table teleservice (
  tenant_id uuid not null,
  slug text not null,
  version_id uuid not null,
  online boolean not null,
  changed_at timestamptz not null,
  primary key (tenant_id, slug)
);
