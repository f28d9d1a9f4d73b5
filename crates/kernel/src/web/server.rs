//! The server: connections in, answers out. A slow client costs only itself, a client that hangs up stops nothing, and
//! a stop lets what was begun come to its end. Which signal stops it is said here; what it serves is not.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, MatchedPath, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc, watch},
    time::Sleep,
};
use tower::ServiceExt;

use super::{Web, log::Statements};
use crate::{Error, Result, db};

/// A client sends its headers within this, and a quiet connection is closed after it.
const HEADERS: Duration = Duration::from_secs(30);
/// More headers than any browser sends.
const MAX_HEADERS: usize = 100;
/// A client that takes nothing of our answer is given up after this.
const STALLED: Duration = Duration::from_secs(60);
/// Connections at once; more wait at the door.
const MAX_CONNECTIONS: usize = 8_192;
/// A handler's client waits this long; the work goes on.
const HANDLER: Duration = Duration::from_secs(30);
/// The same for a file.
const UPLOAD: Duration = Duration::from_secs(600);
/// What was begun is finished within this when the program is stopped.
const LAST_WORDS: Duration = Duration::from_secs(25);

/// Layer: runs the handler in a task of its own. A client that hangs up or grows tired cancels the waiting, never the
/// work: a unit of work left half-way by a vanished client would hold the database for everybody.
pub(super) async fn detached(request: Request, next: Next) -> Response {
    let web = request.extensions().get::<Arc<Web>>().cloned();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let is_upload = web.as_ref().zip(route).is_some_and(|(web, route)| web.uploads.contains(route.as_str()));
    let limit = if is_upload && !request.method().is_safe() { UPLOAD } else { HANDLER };
    let running = web.map(Running::new);
    let work = tokio::spawn(async move {
        let _running = running;
        db::counting(next.run(request)).await
    });
    match tokio::time::timeout(limit, work).await {
        Ok(Ok((mut response, statements))) => {
            response.extensions_mut().insert(Statements(statements));
            response
        }
        Ok(Err(panic)) => Error::internal(format!("a handler panicked: {panic}")).into_response(),
        Err(_) => Error::Unavailable("délai dépassé").into_response(),
    }
}

/// Counts the handlers that run, even those whose client is gone.
struct Running(Arc<Web>);

impl Running {
    fn new(web: Arc<Web>) -> Self {
        web.handlers.fetch_add(1, Ordering::Relaxed);
        Self(web)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.handlers.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Serves until `stop` ends; then accepts nothing more and lets what was begun end, for 25 seconds at most.
pub async fn serve_until(assembled: super::Assembled, listener: TcpListener, stop: impl Future<Output = ()>) -> Result<()> {
    let (stopping, stopped) = watch::channel(());
    let (alive, mut all_gone) = mpsc::channel::<()>(1);
    let seats = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut stop = std::pin::pin!(stop);
    notify("READY=1");
    loop {
        let seat = seats.clone().acquire_owned();
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = async { (seat.await, listener.accept().await) } => accepted,
        };
        let (seat, stream, peer) = match accepted {
            (Ok(seat), Ok((stream, peer))) => (seat, stream, peer),
            (_, Err(error)) => {
                // Too many open files, most often: what is open must first be closed.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
            (Err(_), Ok(_)) => continue,
        };
        let connection = connection(assembled.router.clone(), stream, peer, stopped.clone());
        let alive = alive.clone();
        tokio::spawn(async move {
            connection.await;
            drop((seat, alive));
        });
    }
    notify("STOPPING=1");
    drop((listener, stopped, alive));
    stopping.send(()).ok();
    let ended = async {
        all_gone.recv().await;
        while assembled.running() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    if tokio::time::timeout(LAST_WORDS, ended).await.is_err() {
        tracing::warn!(seconds = LAST_WORDS.as_secs(), "stopped before everything was finished");
    }
    Ok(())
}

async fn connection(router: Router, stream: TcpStream, peer: SocketAddr, mut stopped: watch::Receiver<()>) {
    stream.set_nodelay(true).ok();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADERS).max_headers(MAX_HEADERS).max_buf_size(64 << 10);
    let connection = builder.serve_connection(TokioIo::new(Patient::new(stream)), service);
    let mut connection = std::pin::pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection ended badly");
    }
}

/// Ends at SIGTERM or SIGINT.
pub fn stop_signal() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Tells systemd, when it started us.
pub fn notify(state: &str) {
    use std::os::{linux::net::SocketAddrExt, unix::net};
    let Ok(path) = std::env::var("NOTIFY_SOCKET") else { return };
    let address = match path.strip_prefix('@') {
        Some(name) => net::SocketAddr::from_abstract_name(name),
        None => net::SocketAddr::from_pathname(&path),
    };
    let sent = address.and_then(|address| {
        let socket = net::UnixDatagram::unbound()?;
        socket.send_to_addr(state.as_bytes(), &address)
    });
    if let Err(error) = sent {
        tracing::warn!(%error, "systemd could not be told");
    }
}

/// A connection that gives up a client which reads nothing of what is sent to it.
struct Patient {
    stream: TcpStream,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    fn new(stream: TcpStream) -> Self {
        Self { stream, stalled: None }
    }

    /// Starts to wait, or goes on waiting, when a write could not move; forgets it when it did.
    fn judge<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(STALLED)));
        match stalled.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Patient {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.judge(cx, written)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.judge(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
