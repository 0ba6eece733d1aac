//! What the commands that speak HTTP share: where the server is, the caller's token, and one call.

use super::{ExitStatus, Failure};
use crate::model::excerpt;
use crate::report::Report;
use std::path::PathBuf;
use std::time::Duration;

/// A run may take an hour (`run_timeout`), and what it sent is read back after that; longer than this, something is broken.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(65 * 60);

/// How often a run that is under way is asked for.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Which server, and as whom.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Server {
    /// Base URL of the server.
    #[arg(
        long = "server",
        value_name = "URL",
        default_value = "http://127.0.0.1:8750",
        env = "DOORLIST_SERVER_URL"
    )]
    url: String,
    /// A file with the client's token on its only line. A token is never an argument: arguments can be seen.
    #[arg(long, value_name = "FILE", env = "DOORLIST_TOKEN_FILE")]
    token_file: Option<PathBuf>,
}

/// What a caller says beside what it asks for; the server judges both.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Words {
    /// A ticket, for the report and the audit.
    #[arg(long, value_name = "TICKET")]
    pub(super) ticket: Option<String>,
    /// Why, for the report and the audit.
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
}

/// Rules of the guard that are to let single entries pass.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Overrides {
    /// A rule of the guard that is to let this entry pass, such as own_domain:mx.example.com. May be given several times; needs
    /// the right `override`, and --reason.
    #[arg(long = "override", value_name = "RULE:ENTRY")]
    named: Vec<String>,
}

impl Overrides {
    /// Puts them into the query of a call.
    pub(super) fn add_to(&self, url: &mut url::Url) {
        if !self.named.is_empty() {
            let named = self.named.join(",");
            url.query_pairs_mut().append_pair("override", &named);
        }
    }
}

impl Words {
    fn headers(&self) -> Result<http::HeaderMap, Failure> {
        let mut headers = http::HeaderMap::new();
        for (header, option, text) in [
            ("x-ticket", "--ticket", &self.ticket),
            ("x-reason", "--reason", &self.reason),
        ] {
            let Some(text) = text else {
                continue;
            };
            let value = http::HeaderValue::from_bytes(text.as_bytes())
                .map_err(|_| Failure::new(ExitStatus::Usage, format!("{option} must be one line of text")))?;
            headers.insert(header, value);
        }
        Ok(headers)
    }
}

/// What a server answered to a call of an action: the body as it came, and the report in it.
pub(super) struct Answer {
    pub(super) raw: String,
    pub(super) report: Report,
}

impl Server {
    /// A server without clients, as the demo starts one.
    pub(super) fn at(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            token_file: None,
        }
    }

    /// The URL of an action.
    pub(super) fn action_url(
        &self,
        action: &str,
        configuration: Option<&str>,
        dry_run: bool,
    ) -> Result<url::Url, Failure> {
        let mut url = self.url_at(&["v1", "actions", action])?;
        if let Some(configuration) = configuration {
            url.query_pairs_mut().append_pair("configuration", configuration);
        }
        if dry_run {
            url.query_pairs_mut().append_pair("dry_run", "true");
        }
        Ok(url)
    }

    /// The URL of a path of these segments.
    pub(super) fn url_of(&self, segments: &[&str], query: &[(&str, String)]) -> Result<url::Url, Failure> {
        let mut url = self.url_at(segments)?;
        url.query_pairs_mut().extend_pairs(query);
        Ok(url)
    }

    /// Posts a body and reads the report, which comes with 502 as well when something was in trouble.
    pub(super) async fn post(
        &self,
        url: url::Url,
        content_type: &str,
        words: &Words,
        body: Vec<u8>,
    ) -> Result<Answer, Failure> {
        let request = client(&url)?
            .post(url)
            .headers(words.headers()?)
            .header(http::header::CONTENT_TYPE, content_type)
            .body(body);
        let (mut status, mut raw) = self.send(request).await?;
        // A run that takes longer is asked for until it is done; it goes on whether somebody waits or not.
        while status == http::StatusCode::ACCEPTED {
            let document: serde_json::Value = serde_json::from_str(&raw).unwrap_or_default();
            let Some(run) = document["run"].as_str() else {
                break;
            };
            tokio::time::sleep(ASK_AGAIN_AFTER).await;
            raw = self.get_run(run).await?;
            let document: serde_json::Value = serde_json::from_str(&raw).unwrap_or_default();
            if document["state"] != "open" {
                status = http::StatusCode::OK;
            }
        }
        match serde_json::from_str(&raw) {
            Ok(report) => Ok(Answer { raw, report }),
            Err(_) => Err(problem(status, &raw)),
        }
    }

    /// The report of a run, which comes with 502 as well when something was in trouble, or how far it is.
    pub(super) async fn get_run(&self, run: &str) -> Result<String, Failure> {
        let url = self.url_at(&["v1", "runs", run])?;
        self.send_for_run(client(&url)?.get(url)).await
    }

    /// Asks for a run to be stopped; its report, or how far it is.
    pub(super) async fn cancel_run(&self, run: &str, words: &Words) -> Result<String, Failure> {
        let url = self.url_at(&["v1", "runs", run, "cancel"])?;
        let request = client(&url)?.post(url).headers(words.headers()?);
        self.send_for_run(request).await
    }

    async fn send_for_run(&self, request: reqwest::RequestBuilder) -> Result<String, Failure> {
        let (status, raw) = self.send(request).await?;
        let is_of_a_run =
            serde_json::from_str::<serde_json::Value>(&raw).is_ok_and(|document| document["run"].is_string());
        if is_of_a_run {
            Ok(raw)
        } else {
            Err(problem(status, &raw))
        }
    }

    /// Reads something below a path of these segments.
    pub(super) async fn get_at(
        &self,
        segments: &[&str],
        query: &[(&str, String)],
    ) -> Result<String, Failure> {
        let mut url = self.url_at(segments)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.send_for_success(client(&url)?.get(url)).await
    }

    /// Posts JSON to a path of these segments.
    pub(super) async fn post_at(
        &self,
        segments: &[&str],
        words: &Words,
        body: String,
    ) -> Result<String, Failure> {
        let url = self.url_at(segments)?;
        let request = client(&url)?
            .post(url)
            .headers(words.headers()?)
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(body);
        self.send_for_success(request).await
    }

    /// Ends what is at a path of these segments.
    pub(super) async fn delete_at(&self, segments: &[&str], words: &Words) -> Result<String, Failure> {
        let url = self.url_at(segments)?;
        let request = client(&url)?.delete(url).headers(words.headers()?);
        self.send_for_success(request).await
    }

    async fn send_for_success(&self, request: reqwest::RequestBuilder) -> Result<String, Failure> {
        let (status, raw) = self.send(request).await?;
        if status.is_success() {
            Ok(raw)
        } else {
            Err(problem(status, &raw))
        }
    }

    fn url_at(&self, segments: &[&str]) -> Result<url::Url, Failure> {
        let mut url = self.parse()?;
        url.path_segments_mut()
            .map_err(|()| self.wrong("not an http URL"))?
            .pop_if_empty()
            .extend(segments);
        Ok(url)
    }

    /// Has an appliance tested; the findings, which come with 502 where it is not ready.
    pub(super) async fn test_appliance(&self, name: &str) -> Result<String, Failure> {
        let url = self.url_at(&["v1", "appliances", name, "test"])?;
        let (status, raw) = self.send(client(&url)?.post(url)).await?;
        let has_findings = serde_json::from_str::<serde_json::Value>(&raw)
            .is_ok_and(|document| document["steps"].is_array());
        if has_findings {
            Ok(raw)
        } else {
            Err(problem(status, &raw))
        }
    }

    /// Reads something.
    pub(super) async fn get(&self, path: &str) -> Result<String, Failure> {
        let url = self
            .parse()?
            .join(path)
            .map_err(|error| self.wrong(&error.to_string()))?;
        self.send_for_success(client(&url)?.get(url)).await
    }

    async fn send(
        &self,
        mut request: reqwest::RequestBuilder,
    ) -> Result<(http::StatusCode, String), Failure> {
        let failed = |words: String| Failure::new(ExitStatus::Failed, words);
        if let Some(token) = self.token()? {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.map_err(|error| {
            let why = cause(&error);
            failed(format!(
                "no answer from {}: {why}\nIs the server running? Start it with: doorlist serve",
                self.url
            ))
        })?;
        let status = response.status();
        #[expect(
            clippy::disallowed_methods,
            reason = "our own server's answer is of no use in part"
        )]
        let raw = response
            .text()
            .await
            .map_err(|error| failed(format!("the answer broke off: {}", cause(&error))))?;
        Ok((status, raw))
    }

    fn token(&self) -> Result<Option<String>, Failure> {
        let Some(file) = &self.token_file else {
            return Ok(None);
        };
        let text = std::fs::read_to_string(file).map_err(|error| {
            Failure::new(
                ExitStatus::Usage,
                format!("--token-file {}: {error}", file.display()),
            )
        })?;
        Ok(Some(text.trim().to_owned()))
    }

    fn parse(&self) -> Result<url::Url, Failure> {
        // Not repeated in any message: people do paste a password there.
        let url = url::Url::parse(&self.url)
            .map_err(|error| Failure::new(ExitStatus::Usage, format!("--server is not a URL: {error}")))?;
        if !url.username().is_empty() || url.password().is_some() {
            let words = "--server holds a user name or password; a token comes from --token-file";
            return Err(Failure::new(ExitStatus::Usage, words));
        }
        Ok(url)
    }

    fn wrong(&self, why: &str) -> Failure {
        Failure::new(ExitStatus::Usage, format!("--server {}: {why}", self.url))
    }
}

fn client(url: &url::Url) -> Result<reqwest::Client, Failure> {
    // A second call finds a provider installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let is_loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let builder = reqwest::Client::builder()
        // Also in a build that has OpenSSL for old appliances.
        .tls_backend_rustls()
        .timeout(ANSWER_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none());
    // A proxy's loopback is another machine's.
    let builder = if is_loopback { builder.no_proxy() } else { builder };
    builder
        .build()
        .map_err(|error| Failure::new(ExitStatus::Failed, error.to_string()))
}

fn problem(status: http::StatusCode, raw: &str) -> Failure {
    let document: serde_json::Value = serde_json::from_str(raw).unwrap_or_default();
    let exit = match (status.as_u16(), document["code"].as_str()) {
        (_, Some("plan_moved" | "plan_over" | "plan_used")) => ExitStatus::PlanNotApplied,
        (401 | 403, _) => ExitStatus::NotSignedIn,
        (400..=499, _) => ExitStatus::Usage,
        _ => ExitStatus::Failed,
    };
    let words = match (document["detail"].as_str(), document["code"].as_str()) {
        (Some(detail), Some(code)) => {
            format!("the server refused the call ({code}): {}", excerpt(detail, 2_000))
        }
        _ => format!("the server answered {status}: {}", excerpt(raw.trim(), 200)),
    };
    Failure::new(exit, words).with_document(raw)
}

/// The last word of a chain of errors.
fn cause(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}
