//! A folder on an SFTP server: one file per message, sent under a temporary name then renamed. The key of the server
//! is pinned: another one stops the application until somebody looks. One connection per use, none is kept.

use std::{sync::Arc, time::Duration};

use kernel::FieldErrors;
use russh::{
    client::{self, AuthResult, Handle},
    keys::{HashAlg, PrivateKeyWithHashAlg, PublicKeyOrCertificate, decode_secret_key},
};
use russh_sftp::client::SftpSession;
use serde_json::{Map, Value};

use super::{
    Call, Connector, Entry, Folder, Message, OptionField, Target,
    folder::{is_whole, sorted},
    option,
};
use crate::{application::Secrets, model::Failure};

pub(super) struct Sftp;

/// For connecting and signing in.
const CONNECT: Duration = Duration::from_secs(10);
/// For one file, in or out.
const TRANSFER: Duration = Duration::from_secs(50);

impl Connector for Sftp {
    fn kind(&self) -> &'static str {
        "sftp"
    }

    fn label(&self) -> &'static str {
        "Fichiers sur un serveur SFTP"
    }

    fn options(&self) -> &'static [OptionField] {
        const fn field(name: &'static str, label: &'static str, hint: &'static str) -> OptionField {
            OptionField { name, label, hint, is_secret: false, is_optional: false }
        }
        const fn maybe(name: &'static str, label: &'static str, hint: &'static str, is_secret: bool) -> OptionField {
            OptionField { name, label, hint, is_secret, is_optional: true }
        }
        const FIELDS: &[OptionField] = &[
            field("hote", "Serveur", "Son nom, par exemple « sftp.exemple.fr »."),
            maybe("port", "Port", "22 s’il est vide.", false),
            field("utilisateur", "Utilisateur", "Le nom de connexion sur ce serveur."),
            field("empreinte", "Empreinte de la clé du serveur", "« SHA256: » suivi de 43 caractères, donnée par son exploitant."),
            maybe("mot_de_passe", "Mot de passe", "Ou une clé privée.", true),
            maybe("cle_privee", "Clé privée", "Au format OpenSSH, sans phrase secrète.", true),
            field("dossier", "Dossier où écrire", "Par exemple « demandes »."),
            maybe("arrivees", "Dossier où elle dépose", "Vide si elle ne dépose rien.", false),
            maybe("traitement", "Ce que sont ces dépôts", "Le nom d’un lecteur de fichiers.", false),
        ];
        FIELDS
    }

    fn check(&self, options: &Map<String, Value>, secrets: &Secrets, errors: &mut FieldErrors) {
        if option(options, "port").is_some_and(|port| port.parse::<u16>().is_err()) {
            errors.push("port", "Écrivez un nombre de 1 à 65535, par exemple « 22 ».");
        }
        if option(options, "empreinte").is_some_and(|text| !text.starts_with("SHA256:")) {
            errors.push("empreinte", "L’empreinte commence par « SHA256: ». Demandez-la à l’exploitant du serveur.");
        }
        match (secrets.option("mot_de_passe"), secrets.option("cle_privee")) {
            (None, None) => errors.push("mot_de_passe", "Donnez un mot de passe ou une clé privée."),
            (_, Some(key)) if decode_secret_key(key, None).is_err() => {
                errors.push("cle_privee", "Cette clé n’est pas lisible : collez-la entière, au format OpenSSH, sans phrase secrète.");
            }
            _ => {}
        }
    }

    fn deliver<'a>(&'a self, target: &'a Target<'a>, message: &'a Message<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let mut server = connect(target).await?;
            let folder = target.option("dossier")?;
            let sent = server.put(folder, &message.file_name(), &message.ready.content).await;
            server.leave().await;
            sent
        })
    }

    fn arrivals<'a>(&'a self, target: &'a Target<'a>) -> Option<Call<'a, Box<dyn Folder>>> {
        let folder = target.maybe("arrivees")?.trim_end_matches('/').to_owned();
        Some(Box::pin(async move {
            let server = connect(target).await?;
            Ok(Box::new(Remote { server, folder }) as Box<dyn Folder>)
        }))
    }
}

/// Says yes to one key only, and remembers that it said no.
struct Pinned {
    fingerprint: String,
    refused: Arc<std::sync::atomic::AtomicBool>,
}

impl client::Handler for Pinned {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        let found = match key {
            PublicKeyOrCertificate::PublicKey { key, .. } => key.fingerprint(HashAlg::Sha256).to_string(),
            PublicKeyOrCertificate::Certificate(certificate) => certificate.signature_key().fingerprint(HashAlg::Sha256).to_string(),
        };
        let is_known = kernel::crypto::constant_time_eq(found.as_bytes(), self.fingerprint.as_bytes());
        self.refused.store(!is_known, std::sync::atomic::Ordering::SeqCst);
        Ok(is_known)
    }
}

/// A connection that is signed in.
struct Server {
    handle: Handle<Pinned>,
    sftp: SftpSession,
}

async fn connect(target: &Target<'_>) -> Result<Server, Failure> {
    let late = || Failure::retry("le serveur ne répond pas dans le délai");
    tokio::time::timeout(CONNECT, sign_in(target)).await.map_err(|_| late())?
}

async fn sign_in(target: &Target<'_>) -> Result<Server, Failure> {
    let refused = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let pinned = Pinned { fingerprint: target.option("empreinte")?.to_owned(), refused: refused.clone() };
    let port = target.maybe("port").and_then(|port| port.parse().ok()).unwrap_or(22);
    let addresses = target.app.http.addresses(target.option("hote")?, port).await;
    let addresses = addresses.map_err(|error| match error {
        kernel::http::CallError::Refused(_) => Failure::Blocked { reason: error.to_string() },
        _ => Failure::retry(error.to_string()),
    })?;
    let config = Arc::new(client::Config { inactivity_timeout: Some(TRANSFER), ..client::Config::default() });
    let mut handle = client::connect(config, &*addresses, pinned).await.map_err(|error| match refused.load(std::sync::atomic::Ordering::SeqCst) {
        true => Failure::Blocked { reason: "la clé du serveur a changé : vérifiez son empreinte avec son exploitant".into() },
        false => unreachable(&error),
    })?;
    authenticate(target, &mut handle).await?;
    let channel = handle.channel_open_session().await.map_err(|error| unreachable(&error))?;
    channel.request_subsystem(true, "sftp").await.map_err(|error| unreachable(&error))?;
    let sftp = SftpSession::new(channel.into_stream()).await.map_err(said)?;
    Ok(Server { handle, sftp })
}

async fn authenticate(target: &Target<'_>, handle: &mut Handle<Pinned>) -> Result<(), Failure> {
    let user = target.option("utilisateur")?;
    let answer = match (target.secrets.option("cle_privee"), target.secrets.option("mot_de_passe")) {
        (Some(key), _) => {
            let unreadable = |_| Failure::Blocked { reason: "clé privée illisible".into() };
            let key = Arc::new(decode_secret_key(key, None).map_err(unreadable)?);
            let hash = handle.best_supported_rsa_hash().await.ok().flatten().flatten();
            handle.authenticate_publickey(user, PrivateKeyWithHashAlg::new(key, hash)).await
        }
        (None, Some(password)) => handle.authenticate_password(user, password).await,
        (None, None) => return Err(Failure::Blocked { reason: "ni mot de passe ni clé privée".into() }),
    };
    match answer.map_err(|error| unreachable(&error))? {
        AuthResult::Success => Ok(()),
        AuthResult::Failure { .. } => Err(Failure::Blocked { reason: "le serveur refuse notre nom ou notre clé".into() }),
    }
}

impl Server {
    /// Sends under a temporary name, then renames; a file of that name is the same message sent before.
    async fn put(&mut self, folder: &str, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let folder = folder.trim_end_matches('/');
        let (part, whole) = (format!("{folder}/.{name}.part"), format!("{folder}/{name}"));
        let transfer = async {
            self.make(folder).await?;
            let mut file = self.sftp.create(&part).await.map_err(said)?;
            tokio::io::AsyncWriteExt::write_all(&mut file, bytes).await.map_err(|error| said(error.into()))?;
            file.sync_all().await.map_err(said)?;
            file.close().await.map_err(|error| said(error.into()))?;
            self.rename(&part, &whole).await
        };
        within(transfer).await
    }

    async fn make(&self, folder: &str) -> Result<(), Failure> {
        match self.sftp.try_exists(folder).await.map_err(said)? {
            true => Ok(()),
            false => self.sftp.create_dir(folder).await.map_err(said),
        }
    }

    /// SFTP renames over nothing: what is there goes first.
    async fn rename(&self, from: &str, to: &str) -> Result<(), Failure> {
        if self.sftp.try_exists(to).await.map_err(said)? {
            self.sftp.remove_file(to).await.map_err(said)?;
        }
        self.sftp.rename(from, to).await.map_err(said)
    }

    async fn leave(self) {
        let _closed = self.sftp.close().await;
        let _gone = self.handle.disconnect(russh::Disconnect::ByApplication, "", "").await;
    }
}

/// A folder of the server.
struct Remote {
    server: Server,
    folder: String,
}

impl Folder for Remote {
    fn list(&mut self) -> Call<'_, Vec<Entry>> {
        Box::pin(within(async {
            self.server.make(&self.folder).await?;
            let entries = self.server.sftp.read_dir(&self.folder).await.map_err(said)?;
            let files = entries.filter(|entry| entry.file_type().is_file() && is_whole(&entry.file_name()));
            let found = files.map(|entry| Entry { name: entry.file_name(), size: entry.metadata().size.unwrap_or(0) });
            Ok(sorted(found.collect()))
        }))
    }

    fn read<'a>(&'a mut self, name: &'a str) -> Call<'a, Vec<u8>> {
        let path = format!("{}/{name}", self.folder);
        Box::pin(within(async move { self.server.sftp.read(path).await.map_err(said) }))
    }

    fn put_away<'a>(&'a mut self, name: &'a str, to: &'a str, why: Option<&'a str>) -> Call<'a, ()> {
        let (from, to) = (format!("{}/{name}", self.folder), format!("{}/{to}", self.folder));
        Box::pin(async move {
            within(self.server.make(&to)).await?;
            if let Some(why) = why {
                self.server.put(&to, &format!("{name}.motif.txt"), why.as_bytes()).await?;
            }
            within(self.server.rename(&from, &format!("{to}/{name}"))).await
        })
    }
}

async fn within<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let late = |_| Failure::retry("le serveur ne répond plus pendant le transfert");
    tokio::time::timeout(TRANSFER, work).await.map_err(late)?
}

fn unreachable(error: &russh::Error) -> Failure {
    match error {
        russh::Error::IO(error) => Failure::retry(format!("connexion impossible : {}", error.kind())),
        _ => Failure::retry("la connexion s’est interrompue"),
    }
}

/// What the server said, without its own words: they may hold a path with a name in it.
fn said(error: russh_sftp::client::error::Error) -> Failure {
    use russh_sftp::client::error::Error;
    match error {
        Error::Status(status) => Failure::retry(format!("le serveur refuse l’opération ({:?})", status.status_code)),
        Error::Timeout => Failure::retry("le serveur ne répond plus"),
        _ => Failure::retry("la connexion s’est interrompue"),
    }
}
