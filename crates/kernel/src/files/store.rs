//! Where sealed files lie: a folder, or a bucket of an S3 store. Names are the identifiers, spread over 256 folders.
//! Each operation has a deadline. Any fault of the store is `Unavailable` for people and a line in the log for us.

use std::{
    path::{Path as FsPath, PathBuf},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream::BoxStream};
use jiff::Timestamp;
use object_store::{
    ClientOptions, ObjectMeta, ObjectStore, ObjectStoreExt as _, WriteMultipart, aws::AmazonS3Builder, local::LocalFileSystem, path::Path,
};
use tokio::time::timeout;
use uuid::Uuid;

use crate::{Error, FileId, Result, config::FilesConfig, ids::Id as _};

const DEADLINE: Duration = Duration::from_secs(60);

pub(super) struct Store {
    objects: Arc<dyn ObjectStore>,
    /// S3 wants parts of 5 MiB; on disk small ones keep the memory flat.
    part: usize,
    /// The folder, when it is one.
    root: Option<PathBuf>,
}

/// A file being written; it exists once `finish` has returned.
pub(super) struct Writing(WriteMultipart);

impl Store {
    pub(super) fn folder(path: &FsPath) -> Result<Self> {
        let made = std::fs::create_dir_all(path).map_err(|error| error.to_string());
        let opened = made.and_then(|()| LocalFileSystem::new_with_prefix(path).map_err(|error| error.to_string()));
        let local = opened.map_err(|error| {
            let sentence = format!("Le dossier des fichiers {} ne peut pas être ouvert : {error}.", path.display());
            Error::refused("files", sentence)
        })?;
        Ok(Self { objects: Arc::new(local.with_fsync(true)), part: 256 * 1024, root: Some(path.into()) })
    }

    pub(super) fn s3(bucket: &str, config: &FilesConfig) -> Result<Self> {
        let client = ClientOptions::new().with_timeout(DEADLINE).with_connect_timeout(Duration::from_secs(5));
        let mut builder = AmazonS3Builder::new().with_bucket_name(bucket).with_client_options(client);
        if let Some(endpoint) = &config.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        builder = builder.with_region(config.region.as_deref().unwrap_or("fr-par"));
        if let (Some(key), Some(secret)) = (&config.access_key, &config.secret_key) {
            builder = builder.with_access_key_id(key).with_secret_access_key(secret);
        }
        let store =
            builder.build().map_err(|error| Error::refused("files", format!("Le stockage S3 « {bucket} » ne peut pas être préparé : {error}.")))?;
        Ok(Self { objects: Arc::new(store), part: 5 * 1024 * 1024, root: None })
    }

    pub(super) async fn write(&self, id: FileId) -> Result<Writing> {
        let upload = in_time(self.objects.put_multipart(&path(id))).await?;
        Ok(Writing(WriteMultipart::new_with_chunk_size(upload, self.part)))
    }

    pub(super) async fn read(&self, id: FileId) -> Result<BoxStream<'static, Result<Bytes>>> {
        let found = in_time(self.objects.get(&path(id))).await?;
        Ok(found.into_stream().map(|piece| piece.map_err(unavailable)).boxed())
    }

    pub(super) async fn remove(&self, id: FileId) -> Result<()> {
        match in_time(self.objects.delete(&path(id))).await {
            Err(Error::NotFound) => Ok(()),
            other => other,
        }
    }

    /// Files last written before an instant, with their length.
    pub(super) fn list(&self, before: Timestamp) -> BoxStream<'static, Result<(FileId, u64)>> {
        let old = move |meta: &ObjectMeta| meta.last_modified.timestamp_micros() < before.as_microsecond();
        let listed = self.objects.list(None).filter_map(move |entry| async move {
            match entry {
                Ok(meta) if old(&meta) => id(&meta.location).map(|id| Ok((id, meta.size))),
                Ok(_) => None,
                Err(error) => Some(Err(unavailable(error))),
            }
        });
        listed.boxed()
    }

    /// Removes what a killed process left half written in the folder: a name with a number behind `#`. In a bucket
    /// such leftovers are the business of its lifecycle rule.
    pub(super) async fn clean(&self, before: Timestamp) -> Result<usize> {
        let Some(root) = self.root.clone() else { return Ok(0) };
        tokio::task::spawn_blocking(move || clean(&root, before)).await.map_err(Error::internal)?
    }

    /// Writes, reads back and removes a few bytes.
    pub(super) async fn probe(&self, id: FileId) -> Result<()> {
        let mut writing = self.write(id).await?;
        writing.put(Bytes::from_static(b"parvis")).await?;
        writing.finish().await?;
        in_time(self.objects.head(&path(id))).await?;
        self.remove(id).await
    }
}

impl Writing {
    /// Takes the next bytes; waits when the store is slower than the sender.
    pub(super) async fn put(&mut self, bytes: Bytes) -> Result<()> {
        in_time(self.0.wait_for_capacity(2)).await?;
        self.0.put(bytes);
        Ok(())
    }

    /// Returns once the file is whole, on the disk and not only in its cache.
    pub(super) async fn finish(self) -> Result<()> {
        in_time(self.0.finish()).await.map(drop)
    }

    /// Leaves nothing behind. If even that fails, the cleaning of old files will find it.
    pub(super) async fn abort(self) {
        if let Err(error) = self.0.abort().await {
            tracing::warn!(%error, "a file given up could not be cleaned");
        }
    }
}

fn clean(root: &FsPath, before: Timestamp) -> Result<usize> {
    let mut removed = 0;
    for folder in std::fs::read_dir(root)?.flatten().filter(|entry| entry.path().is_dir()) {
        for entry in std::fs::read_dir(folder.path())?.flatten() {
            let half = entry.file_name().to_string_lossy().contains('#');
            let old = Timestamp::try_from(entry.metadata()?.modified()?)? < before;
            if half && old {
                std::fs::remove_file(entry.path())?;
                removed += 1;
            }
        }
    }
    Ok(removed)
}

/// `a4/0198c2…a4`: the end of the identifier is random, its start is a time.
fn path(id: FileId) -> Path {
    let name = id.uuid().simple().to_string();
    Path::from_iter([&name[30..], &name])
}

fn id(path: &Path) -> Option<FileId> {
    path.filename().and_then(|name| Uuid::try_parse(name).ok()).map(FileId::from)
}

async fn in_time<T>(work: impl Future<Output = object_store::Result<T>>) -> Result<T> {
    match timeout(DEADLINE, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(unavailable(error)),
        Err(_) => {
            tracing::error!("the store of files is too slow");
            Err(Error::Unavailable("stockage des fichiers"))
        }
    }
}

fn unavailable(error: object_store::Error) -> Error {
    if matches!(error, object_store::Error::NotFound { .. }) {
        return Error::NotFound;
    }
    tracing::error!(%error, "the store of files fails");
    Error::Unavailable("stockage des fichiers")
}
