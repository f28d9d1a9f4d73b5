//! The second lock of PostgreSQL: under the role that serves, a statement that forgets its tenant sees nothing, and one
//! that names another's changes nothing. SQLite has no such lock: there is nothing to try there.

use kernel::{Id as _, TenantId, db::INSTALLATION_TABLES};
use tokio_postgres::Client;

use crate::support::TestApp;

/// The tables of tenants that hold rows of this one.
async fn tables(owner: &Client, tenant: TenantId) -> Vec<String> {
    let sql = "select c.table_name::text from information_schema.columns c join information_schema.tables t using (table_schema, table_name) \
               where c.table_schema = 'public' and c.column_name = 'tenant_id' and t.table_type = 'BASE TABLE' order by 1";
    let all = owner.query(sql, &[]).await.expect("the tables");
    let mut held = vec![];
    for name in all.iter().map(|row| row.get::<_, String>(0)).filter(|name| !INSTALLATION_TABLES.contains(&name.as_str())) {
        if count(owner, &format!("select count(*) from {name} where tenant_id = '{}'", tenant.uuid())).await > 0 {
            held.push(name);
        }
    }
    held
}

async fn count(client: &Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error}")).get(0)
}

async fn enter(client: &Client, tenant: Option<TenantId>) {
    let tenant = tenant.map(|tenant| tenant.uuid().to_string()).unwrap_or_default();
    client.batch_execute(&format!("set role parvis_app; select set_config('parvis.tenant', '{tenant}', false)")).await.expect("the role that serves");
}

#[tokio::test]
async fn another_tenants_row_is_neither_read_nor_written() {
    let app = TestApp::new().await;
    if !app.database().is_postgres() {
        return;
    }
    let neighbour = app.beside("voisine").await;
    app.dossier().depose().await;
    let theirs = neighbour.dossier().depose().await;
    assert!(!theirs.number.is_empty());
    let (ours, other) = (app.tenant.id, neighbour.tenant.id);

    let client = app.database().owner().await;
    let tables = tables(&client, other).await;
    for expected in ["chain", "dossier", "dossier_access", "event", "idempotency", "piece", "session", "usager"] {
        assert!(tables.iter().any(|table| table == expected), "{expected} is tried: {tables:?}");
    }
    for table in &tables {
        let of = |tenant: TenantId| format!("select count(*) from {table} where tenant_id = '{}'", tenant.uuid());
        client.batch_execute("reset role").await.expect("the owner");
        let copy = format!(
            "create temp table autre as select * from {table} where tenant_id = '{}' limit 1; grant select on autre to parvis_app",
            other.uuid()
        );
        client.batch_execute(&copy).await.expect("a copy");
        let all = count(&client, &of(other)).await;

        enter(&client, None).await;
        assert_eq!(count(&client, &format!("select count(*) from {table}")).await, 0, "{table}: read without a tenant");
        enter(&client, Some(ours)).await;
        assert_eq!(count(&client, &of(other)).await, 0, "{table}: read");
        for change in ["update {table} set tenant_id = tenant_id where tenant_id = '{other}'", "delete from {table} where tenant_id = '{other}'"] {
            let sql = change.replace("{table}", table).replace("{other}", &other.uuid().to_string());
            assert_eq!(client.execute(&sql, &[]).await.expect("a statement"), 0, "{sql}");
        }
        let refused = client.execute(&format!("insert into {table} select * from autre"), &[]).await.expect_err("inserted");
        assert_eq!(refused.code().map(|code| code.code()), Some("42501"), "{table}: {refused}");
        enter(&client, Some(other)).await;
        assert_eq!(count(&client, &of(other)).await, all, "{table}: its own tenant sees it whole");
        client.batch_execute("reset role; drop table autre").await.expect("dropped");
    }
}
