//! A `.c1z` file of version 1: a SQLite database, compressed with zstd, its objects as protobuf in blobs.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};

use exeunt_model::PartialReason;
use exeunt_model::manifest::{BatonList, BatonRequest};
use prost::Message;
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, Row as _};
use tempfile::NamedTempFile;

use super::Failure;
use super::message::{Entitlement, Grant, Resource, ResourceId, ResourceType};
use super::sync::{Sync, Told, chosen};

/// The largest window taken: Baton's own limit, 128 MiB. A larger one is asked for by no honest file.
const WINDOW_LOG: u32 = 27;

pub(super) fn list(packed: &[u8], ask: &BatonRequest) -> Result<(Sync, Vec<Value>), Failure> {
    let file = unpack(packed, ask.max_unpacked)?;
    // The driver is asynchronous, and kept pages are read again where nothing may wait.
    let opened = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map_err(|error| unreadable(&error)).and_then(|runtime| runtime.block_on(open(&file, ask)))
        });
        thread.join()
    });
    opened.unwrap_or_else(|_| {
        Err((PartialReason::SchemaChanged, "reading broke off; please report it".to_owned()))
    })
}

/// The database in a file of its own, which goes when it is no longer needed.
fn unpack(packed: &[u8], most: u64) -> Result<NamedTempFile, Failure> {
    let mut file = NamedTempFile::new().map_err(|error| unreadable(&error))?;
    let cut = |error: std::io::Error| {
        (
            PartialReason::Truncated,
            format!("it cannot be unpacked: {error}. It was cut off or changed; copy it anew"),
        )
    };
    let mut decoder = zstd::stream::read::Decoder::new(packed).map_err(cut)?;
    decoder.window_log_max(WINDOW_LOG).map_err(cut)?;
    let mut capped = decoder.take(most + 1);
    let mut chunk = vec![0; 256 * 1024];
    let mut size = 0;
    loop {
        let count = capped.read(&mut chunk).map_err(cut)?;
        if count == 0 {
            break;
        }
        size += count as u64;
        if size > most {
            let says = format!(
                "it unpacks to more than {most} bytes. Raise `max_unpacked` in the manifest if it is honest"
            );
            return Err((PartialReason::Oversized, says));
        }
        file.write_all(&chunk[..count]).map_err(|error| unreadable(&error))?;
    }
    file.flush().map_err(|error| unreadable(&error))?;
    Ok(file)
}

fn unreadable(error: &dyn std::error::Error) -> Failure {
    (
        PartialReason::ServerError,
        format!("it could not be unpacked here: {error}. Check the space for temporary files"),
    )
}

fn changed(error: &dyn std::error::Error) -> Failure {
    (PartialReason::SchemaChanged, format!("it is not the database of a Baton file of version 1: {error}"))
}

async fn open(file: &NamedTempFile, ask: &BatonRequest) -> Result<(Sync, Vec<Value>), Failure> {
    let options = SqliteConnectOptions::new()
        .filename(file.path())
        .read_only(true)
        .immutable(true)
        .pragma("trusted_schema", "off")
        .disable_statement_logging();
    let mut database = options.connect().await.map_err(|error| changed(&error))?;
    let found = find(&mut database, ask).await;
    // Nothing was written, so that a failure to close says nothing.
    let _ = database.close().await;
    found
}

async fn find(database: &mut SqliteConnection, ask: &BatonRequest) -> Result<(Sync, Vec<Value>), Failure> {
    let sound = fetch(database, "pragma quick_check(1)", None).await?;
    if sound.first().and_then(|row| row.try_get::<String, _>(0).ok()).as_deref() != Some("ok") {
        return Err((PartialReason::Truncated, "its database is damaged. Copy the file anew".to_owned()));
    }
    let sync = chosen(&syncs(database).await?, ask, true)?;
    let rows = match ask.list {
        BatonList::ResourceTypes => {
            types(database, &sync.id).await?.values().map(|kind| json!({ "resourceType": kind })).collect()
        }
        BatonList::Resources => resources(database, &sync.id).await?.into_values().collect(),
        BatonList::Entitlements => entitlements(database, &sync.id).await?.into_values().collect(),
        BatonList::Grants => grants(database, &sync.id).await?,
    };
    Ok((sync, rows))
}

async fn fetch(
    database: &mut SqliteConnection,
    query: &str,
    sync: Option<&str>,
) -> Result<Vec<SqliteRow>, Failure> {
    let mut statement = sqlx::query(AssertSqlSafe(query.to_owned()));
    if let Some(sync) = sync {
        statement = statement.bind(sync.to_owned());
    }
    statement.fetch_all(database).await.map_err(|error| changed(&error))
}

/// Columns of a table that is one: a view could show anything.
async fn columns(database: &mut SqliteConnection, table: &str) -> Result<Vec<String>, Failure> {
    let query = format!(
        "select p.name from sqlite_schema s, pragma_table_info(s.name) p where s.type = 'table' and s.name = '{table}'"
    );
    let rows = fetch(database, &query, None).await?;
    rows.iter().map(|row| row.try_get(0).map_err(|error| changed(&error))).collect()
}

async fn syncs(database: &mut SqliteConnection) -> Result<Vec<Told>, Failure> {
    let columns = columns(database, "v1_sync_runs").await?;
    let has = |name: &str| columns.iter().any(|column| column == name);
    if let Some(missing) =
        ["sync_id", "started_at", "ended_at", "sync_token"].into_iter().find(|name| !has(name))
    {
        let says = format!(
            "its list of syncs has no `{missing}`; this is not a Baton file of version 1 as it is known"
        );
        return Err((PartialReason::SchemaChanged, says));
    }
    // Older files knew only whether a sync was partial, and the oldest only full ones.
    let kind = match (has("sync_type"), has("is_partial")) {
        (true, _) => "sync_type",
        (false, true) => "case when is_partial then 'partial' else 'full' end",
        (false, false) => "'full'",
    };
    let query = format!(
        "select sync_id, cast(started_at as text), cast(ended_at as text), {kind}, sync_token from v1_sync_runs order by id"
    );
    let mut all = Vec::new();
    for row in fetch(database, &query, None).await? {
        let text = |at: usize| row.try_get::<Option<String>, _>(at).map_err(|error| changed(&error));
        all.push(Told {
            id: text(0)?.unwrap_or_default(),
            started: text(1)?.unwrap_or_default(),
            ended: text(2)?,
            kind: Some(text(3)?.unwrap_or_default()),
            token: text(4)?.unwrap_or_default(),
        });
    }
    Ok(all)
}

/// Every message of a table that belongs to the sync, with the texts of further columns.
async fn messages<M: Message + Default>(
    database: &mut SqliteConnection,
    table: &str,
    more: &[&str],
    sync: &str,
) -> Result<Vec<(M, Vec<String>)>, Failure> {
    let known = columns(database, table).await?;
    if let Some(missing) =
        ["data", "sync_id"].iter().chain(more).find(|name| !known.iter().any(|k| k == *name))
    {
        let says = format!(
            "its table {table} has no `{missing}`; this is not a Baton file of version 1 as it is known"
        );
        return Err((PartialReason::SchemaChanged, says));
    }
    let wanted = [&["data"], more].concat().join(", ");
    let query = format!("select {wanted} from {table} where sync_id = $1 order by external_id");
    let mut all = Vec::new();
    for row in fetch(database, &query, Some(sync)).await? {
        let data: Vec<u8> = row.try_get(0).map_err(|error| changed(&error))?;
        let message = M::decode(&*data).map_err(|error| changed(&error))?;
        let texts = (1..=more.len()).map(|at| row.try_get(at).map_err(|error| changed(&error)));
        all.push((message, texts.collect::<Result<_, _>>()?));
    }
    Ok(all)
}

async fn types(database: &mut SqliteConnection, sync: &str) -> Result<BTreeMap<String, Value>, Failure> {
    let all = messages::<ResourceType>(database, "v1_resource_types", &[], sync).await?;
    Ok(all.into_iter().map(|(kind, _)| (kind.id.clone(), kind.json())).collect())
}

async fn resources(
    database: &mut SqliteConnection,
    sync: &str,
) -> Result<BTreeMap<ResourceId, Value>, Failure> {
    let types = types(database, sync).await?;
    let mut all = BTreeMap::new();
    for (resource, _) in messages::<Resource>(database, "v1_resources", &[], sync).await? {
        let id = resource.id.clone().unwrap_or_default();
        let json = resource.json().map_err(|error| changed(&error))?;
        let kind = types.get(&id.resource_type);
        all.insert(id, json!({ "resource": json, "resourceType": kind }));
    }
    Ok(all)
}

async fn entitlements(
    database: &mut SqliteConnection,
    sync: &str,
) -> Result<BTreeMap<String, Value>, Failure> {
    let resources = resources(database, sync).await?;
    let of = ["resource_type_id", "resource_id"];
    let mut all = BTreeMap::new();
    for (entitlement, on) in messages::<Entitlement>(database, "v1_entitlements", &of, sync).await? {
        let on = named(&resources, &on);
        let row = json!({ "entitlement": entitlement.json(), "resource": on["resource"], "resourceType": on["resourceType"] });
        all.insert(entitlement.id, row);
    }
    Ok(all)
}

/// A grant's row says by its columns who has what on what; its message may be slim.
async fn grants(database: &mut SqliteConnection, sync: &str) -> Result<Vec<Value>, Failure> {
    let (resources, entitlements) = (resources(database, sync).await?, entitlements(database, sync).await?);
    let of = [
        "resource_type_id",
        "resource_id",
        "principal_resource_type_id",
        "principal_resource_id",
        "entitlement_id",
        "external_id",
    ];
    let mut all = Vec::new();
    for (grant, columns) in messages::<Grant>(database, "v1_grants", &of, sync).await? {
        let [on, principal] = [0, 2].map(|at| named(&resources, columns.get(at..at + 2).unwrap_or_default()));
        let (entitlement, id) = (columns.get(4), columns.get(5));
        let listed = entitlement.and_then(|id| entitlements.get(id)).map(|row| row["entitlement"].clone());
        let own = grant.entitlement.as_ref().map(Entitlement::json);
        let bare = || json!({ "id": entitlement });
        all.push(json!({
            "grant": { "id": if grant.id.is_empty() { id.cloned().unwrap_or_default() } else { grant.id } },
            "entitlement": listed.or(own).unwrap_or_else(bare),
            "resource": on["resource"], "resourceType": on["resourceType"],
            "principal": principal["resource"],
        }));
    }
    Ok(all)
}

/// A resource of the sync by two columns. One that is not listed is named by its id alone.
fn named(resources: &BTreeMap<ResourceId, Value>, columns: &[String]) -> Value {
    let [resource_type, resource] = columns else { return Value::Null };
    let id = ResourceId { resource_type: resource_type.clone(), resource: resource.clone() };
    let bare = || json!({ "resource": { "id": id.json(), "displayName": "", "annotations": [] }, "resourceType": null });
    resources.get(&id).cloned().unwrap_or_else(bare)
}
