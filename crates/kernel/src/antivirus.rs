//! Scanning by clamd, over its INSTREAM command: bytes are sent as they come, the verdict comes at the end.
//! It decides nothing: who stores a file says what becomes of it. When clamd is down the verdict is unknown,
//! never "clean".

use std::{path::PathBuf, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpStream, UnixStream},
    time::timeout,
};

const CONNECT: Duration = Duration::from_secs(5);
const STEP: Duration = Duration::from_secs(60);
/// clamd refuses a block above its StreamMaxLength; 64 KiB is below any.
const BLOCK: usize = 64 * 1024;

/// Where clamd listens.
#[derive(Debug, Clone)]
pub enum Antivirus {
    /// Host and port.
    Tcp(String),
    /// A Unix socket.
    Unix(PathBuf),
}

/// What clamd said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found.
    Clean,
    /// The name of what was found.
    Infected(String),
    /// clamd did not answer, or not to the question; for the log.
    Unknown(String),
}

/// A scan under way.
pub struct Scanning(Result<Box<dyn Line>, String>);

trait Line: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

impl Antivirus {
    /// `127.0.0.1:3310`, or the path of a socket.
    pub fn new(address: &str) -> Self {
        match address.strip_prefix("unix:").or(address.starts_with('/').then_some(address)) {
            Some(path) => Self::Unix(path.into()),
            None => Self::Tcp(address.strip_prefix("tcp:").unwrap_or(address).into()),
        }
    }

    /// What clamd says of itself, with the date of its base: `ClamAV 1.4.3/27800/Mon Nov 23 …`. Nothing when it is down.
    pub async fn version(&self) -> Option<String> {
        let ask = async {
            let mut line = self.connect().await?;
            line.write_all(b"zVERSION\0").await?;
            let mut answer = Vec::new();
            line.read_to_end(&mut answer).await?;
            Ok::<_, std::io::Error>(answer)
        };
        let answer = timeout(CONNECT, ask).await.ok()?.ok()?;
        Some(String::from_utf8_lossy(&answer).trim_end_matches(['\0', '\n']).into())
    }

    /// Opens a scan. A clamd that is down shows in the verdict.
    pub async fn start(&self) -> Scanning {
        let open = async {
            let mut line = self.connect().await?;
            line.write_all(b"zINSTREAM\0").await?;
            Ok::<_, std::io::Error>(line)
        };
        Scanning(in_time(CONNECT, open).await)
    }

    /// Scans bytes that are at hand.
    pub async fn scan(&self, bytes: &[u8]) -> Verdict {
        let mut scanning = self.start().await;
        scanning.feed(bytes).await;
        scanning.verdict().await
    }

    async fn connect(&self) -> std::io::Result<Box<dyn Line>> {
        Ok(match self {
            Self::Tcp(address) => Box::new(TcpStream::connect(address).await?),
            Self::Unix(path) => Box::new(UnixStream::connect(path).await?),
        })
    }
}

impl Scanning {
    /// Sends the next bytes; a failure is kept for the verdict.
    pub async fn feed(&mut self, bytes: &[u8]) {
        for block in bytes.chunks(BLOCK) {
            let Ok(line) = &mut self.0 else { return };
            let send = async {
                line.write_all(&u32::try_from(block.len()).unwrap_or(u32::MAX).to_be_bytes()).await?;
                line.write_all(block).await
            };
            if let Err(reason) = in_time(STEP, send).await {
                self.0 = Err(reason);
            }
        }
    }

    /// Ends the stream and reads the answer.
    pub async fn verdict(self) -> Verdict {
        let mut line = match self.0 {
            Ok(line) => line,
            Err(reason) => return Verdict::Unknown(reason),
        };
        let ask = async {
            line.write_all(&[0; 4]).await?;
            line.flush().await?;
            let mut answer = Vec::new();
            line.read_to_end(&mut answer).await?;
            Ok::<_, std::io::Error>(answer)
        };
        match in_time(STEP, ask).await {
            Ok(answer) => read(&String::from_utf8_lossy(&answer)),
            Err(reason) => Verdict::Unknown(reason),
        }
    }
}

fn read(answer: &str) -> Verdict {
    let answer = answer.trim_end_matches(['\0', '\n']);
    match answer.strip_prefix("stream: ") {
        Some("OK") => Verdict::Clean,
        Some(found) if found.ends_with(" FOUND") => Verdict::Infected(found.trim_end_matches(" FOUND").into()),
        _ => Verdict::Unknown(format!("clamd answered {answer:?}")),
    }
}

async fn in_time<T>(limit: Duration, work: impl Future<Output = std::io::Result<T>>) -> Result<T, String> {
    match timeout(limit, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("clamd is too slow".into()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// A clamd that finds the word VIRUS, listening on a port of its own.
    pub(crate) async fn double() -> Antivirus {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                tokio::spawn(answer(line));
            }
        });
        Antivirus::new(&address)
    }

    async fn answer(mut line: TcpStream) -> std::io::Result<()> {
        let mut command = Vec::new();
        while !command.ends_with(b"\0") {
            command.push(line.read_u8().await?);
        }
        if command == b"zVERSION\0" {
            return line.write_all(b"Double 1\0").await;
        }
        assert_eq!(command, b"zINSTREAM\0");
        let mut sent = Vec::new();
        loop {
            let mut block = vec![0; line.read_u32().await? as usize];
            if block.is_empty() {
                break;
            }
            line.read_exact(&mut block).await?;
            sent.append(&mut block);
        }
        let found = sent.windows(5).any(|word| word == b"VIRUS");
        line.write_all(if found { b"stream: Test-Virus FOUND\0" } else { b"stream: OK\0" }).await
    }

    #[tokio::test]
    async fn the_verdict_is_the_one_of_clamd() {
        let antivirus = double().await;
        assert_eq!(antivirus.version().await.as_deref(), Some("Double 1"));
        assert_eq!(antivirus.scan(b"a letter").await, Verdict::Clean);
        assert_eq!(antivirus.scan(b"a VIRUS").await, Verdict::Infected("Test-Virus".into()));
    }

    #[tokio::test]
    async fn a_long_file_is_sent_in_blocks() {
        let mut long = vec![b'x'; 3 * BLOCK];
        long.extend_from_slice(b"VIRUS");
        assert_eq!(double().await.scan(&long).await, Verdict::Infected("Test-Virus".into()));
    }

    #[tokio::test]
    async fn a_clamd_that_is_down_never_says_clean() {
        for address in ["127.0.0.1:1", "/nowhere/clamd.sock"] {
            let antivirus = Antivirus::new(address);
            assert_eq!(antivirus.version().await, None);
            assert!(matches!(antivirus.scan(b"x").await, Verdict::Unknown(_)));
        }
    }

    #[test]
    fn an_answer_that_is_not_a_verdict_is_unknown() {
        assert!(matches!(read("INSTREAM size limit exceeded. ERROR\0"), Verdict::Unknown(_)));
        assert!(matches!(read(""), Verdict::Unknown(_)));
        assert_eq!(read("stream: OK\0"), Verdict::Clean);
    }
}
