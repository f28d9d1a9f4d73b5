//! A browser without a screen: it keeps one tenant's cookies, sends forms, and speaks to the router in this process.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use tower::ServiceExt;

use super::html;

/// One browser on one host.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    host: String,
    pub cookie: Option<String>,
    /// What says that it signed in before.
    pub device: Option<String>,
    headers: Vec<(&'static str, String)>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub statements: u32,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a body of JSON")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().expect("a header in ASCII")).unwrap_or_default()
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }
}

impl Answer {
    /// 200, or the test ends with what was said instead.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{} {}", self.location(), self.said());
        self
    }

    /// 303, and where to.
    #[track_caller]
    pub fn redirects(self) -> String {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.said());
        self.location().to_owned()
    }

    /// This status, or the test ends with what was said.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{} {}", self.location(), self.said());
        self
    }

    /// The words of the page, or the whole body when it is not HTML.
    pub fn said(&self) -> String {
        match self.header("content-type").starts_with("text/html") {
            true => html::words(&self.text()),
            false => self.text(),
        }
    }

    /// The page says each of these.
    #[track_caller]
    pub fn says(&self, wanted: &[&str]) {
        let said = self.said();
        for wanted in wanted {
            assert!(said.contains(wanted), "« {wanted} » is not said in: {said}");
        }
    }

    /// The first link of the page whose address begins so.
    #[track_caller]
    pub fn link(&self, start: &str) -> String {
        let text = self.text();
        let tags = html::tags(&text);
        let mut links = tags.iter().filter(|tag| tag.name == "a").filter_map(|tag| tag.get("href"));
        links.find(|href| href.starts_with(start)).unwrap_or_else(|| panic!("no link to {start}… in {}", self.said())).to_owned()
    }
}

impl Browser {
    pub fn new(router: &Router, host: &str) -> Self {
        Self { router: router.clone(), host: host.into(), cookie: None, device: None, headers: vec![] }
    }

    /// The same browser, which also says this each time.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, "", Vec::new()).await
    }

    pub async fn post(&mut self, path: &str, form: &str) -> Answer {
        self.send("POST", path, "application/x-www-form-urlencoded", form.as_bytes().to_vec()).await
    }

    /// Sends a form of parts: `None` for a text, the file name for a file.
    pub async fn post_parts(&mut self, path: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, file, bytes) in parts {
            let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
            body.extend(format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").bytes());
            body.extend(*bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--x--\r\n");
        self.send("POST", path, "multipart/form-data; boundary=x", body).await
    }

    pub async fn send(&mut self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", &self.host);
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        for cookie in self.cookie.iter().chain(&self.device) {
            request = request.header("cookie", cookie);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("the router never fails");
        let (parts, body) = response.into_parts();
        self.keep(&parts.headers);
        let body = axum::body::to_bytes(body, usize::MAX).await.expect("a whole body").to_vec();
        let statements = parts.extensions.get::<kernel::web::log::Statements>().map_or(0, |count| count.0);
        Answer { status: parts.status, headers: parts.headers, body, statements }
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for line in headers.get_all("set-cookie") {
            let line = line.to_str().expect("a cookie in ASCII");
            let pair = line.split(';').next().unwrap_or_default();
            let kept = (!line.contains("Max-Age=0")).then(|| pair.to_owned());
            match pair.contains("-appareil=") {
                true => self.device = kept,
                false => self.cookie = kept,
            }
        }
    }
}
