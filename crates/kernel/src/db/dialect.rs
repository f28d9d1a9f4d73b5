//! The one file with two SQL texts: what SQLite and PostgreSQL cannot say alike.

/// Tables of the installation: read across tenants by kernel files alone, so without row-level policy.
pub const INSTALLATION_TABLES: &[&str] = &["tenant", "job", "unsealed", "seal", "lease", "migration", "signing_key"];

/// Sent once on each PostgreSQL connection: the role without `bypassrls` when `migrate` could make it. A plan depends on
/// the text alone, as on SQLite: planning a prepared statement again around its values costs more than running it.
pub(super) const SESSION: &str = "\
    set plan_cache_mode = force_generic_plan; \
    set statement_timeout = '15s'; \
    set idle_in_transaction_session_timeout = '30s'; \
    do $$ begin if exists (select from pg_roles where rolname = 'parvis_app') \
    and pg_has_role(current_user, 'parvis_app', 'member') then set role parvis_app; end if; end $$";

/// Travels with `begin`; the policies read it. `$1`: the tenant.
pub(super) const ENTER_TENANT: &str = "select set_config('parvis.tenant', $1, true)";

/// Locks the rows that a reading gives; SQLite has one writer and needs nothing.
pub(super) fn for_update(sql: &str) -> String {
    format!("{sql} for update")
}

/// Takes due jobs by a lease. `$1` now, `$2` owner, `$3` end of the lease, `$4` how many.
/// PostgreSQL skips what another node is taking; SQLite has one writer.
pub(crate) fn claim_jobs(is_postgres: bool) -> String {
    let skip = if is_postgres { " for update skip locked" } else { "" };
    format!(
        "update job set lost = lost + case when locked_until is null then 0 else 1 end, \
         locked_until = $3, locked_by = $2, attempt = attempt + 1 \
         where (tenant_id, id) in (select tenant_id, id from job where state = 'waiting' and due_at <= $1 \
         and (locked_until is null or locked_until < $1) order by due_at, id limit $4{skip}) \
         returning tenant_id, id, kind, cast(payload as text) as payload, attempt, lost"
    )
}

/// A long reading of one state of the database, whatever is written meanwhile. SQLite reads so always.
pub(super) const SNAPSHOT: &str = "begin isolation level repeatable read read only";

/// The columns of every table, with their types and whether they are in the primary key.
pub(super) fn catalogue(is_postgres: bool) -> &'static str {
    if is_postgres {
        return "select cast(c.relname as text) as table_name, cast(a.attname as text) as column_name, \
            cast(t.typname as text) as type_name, \
            cast(case when a.attnum = any(i.indkey) then 1 else 0 end as bigint) as in_key \
            from pg_class c join pg_namespace n on n.oid = c.relnamespace \
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped \
            join pg_type t on t.oid = a.atttypid \
            left join pg_index i on i.indrelid = c.oid and i.indisprimary \
            where n.nspname = 'public' and c.relkind = 'r' order by c.relname, a.attnum";
    }
    "select m.name as table_name, p.name as column_name, lower(p.type) as type_name, \
     case when p.pk > 0 then 1 else 0 end as in_key \
     from sqlite_master m join pragma_table_info(m.name) p where m.type = 'table' order by m.name, p.cid"
}

/// Before the steps: the role of `serve` and `work`, which no policy lets through, and its rights on every table
/// that there is or will be. Without the right to make a role, the given user serves by himself.
pub(super) const ROLE: &str = "\
    do $$ begin \
      if not exists (select from pg_roles where rolname = 'parvis_app') then create role parvis_app nologin; end if; \
      if not pg_has_role(current_user, 'parvis_app', 'member') then execute format('grant parvis_app to %I', current_user); end if; \
    exception when insufficient_privilege or duplicate_object or unique_violation then null; end $$; \
    do $$ begin if exists (select from pg_roles where rolname = 'parvis_app') then \
      grant usage on schema public to parvis_app; \
      grant select, insert, update, delete on all tables in schema public to parvis_app; \
      alter default privileges in schema public grant select, insert, update, delete on tables to parvis_app; \
    end if; end $$";

/// After the steps: a policy on every table of a tenant.
pub(super) fn policies(tables_of_tenants: &[String]) -> String {
    let of_table = |table: &String| {
        format!(
            "alter table {table} enable row level security; alter table {table} force row level security; \
             drop policy if exists of_tenant on {table}; \
             create policy of_tenant on {table} using (tenant_id = cast(nullif(current_setting('parvis.tenant', true), '') as uuid));"
        )
    };
    tables_of_tenants.iter().map(of_table).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_postgresql_skips_locked_rows() {
        assert!(claim_jobs(true).contains("skip locked"));
        assert!(!claim_jobs(false).contains("skip locked"));
    }
}
