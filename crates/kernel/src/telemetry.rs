//! What an operator sees: the log on the error output, and counters for Prometheus. Each request and each job says
//! its own line (`web/log.rs`, `jobs/runner.rs`), in words of the glossary: never a name, an address, an answer or a
//! token. No traces are exported.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::IsTerminal as _,
    sync::{
        LazyLock, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::Config;

/// The counters of the program.
pub static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::default);

/// Starts the log: `text` for people, `json` for machines; `RUST_LOG` chooses what is said. Calling it twice does nothing.
pub fn start(config: &Config) {
    begin(config, "info,typst=warn,lettre=warn");
}

/// The same, saying only what is not well: for somebody who reads a terminal.
pub fn start_quiet(config: &Config) {
    begin(config, "warn");
}

fn begin(config: &Config, said: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(said));
    let registry = tracing_subscriber::registry().with(filter);
    let started = match config.log.as_str() {
        "json" => registry.with(fmt::layer().json().flatten_event(true).with_writer(std::io::stderr)).try_init(),
        _ => {
            let has_colours = std::io::stderr().is_terminal();
            registry.with(fmt::layer().with_target(false).with_ansi(has_colours).with_writer(std::io::stderr)).try_init()
        }
    };
    // Another log is there already: a test's.
    drop(started);
}

/// Counters, gauges and durations, by name and labels. Labels come from closed sets; beyond some thousand series,
/// new ones are not kept, so that a mistake does not eat the memory.
#[derive(Default)]
pub struct Metrics {
    values: RwLock<BTreeMap<Key, Series>>,
}

type Key = (&'static str, String);

enum Series {
    Counter(AtomicU64),
    /// A float, as its bits.
    Gauge(AtomicU64),
    Durations(Box<Durations>),
}

#[derive(Default)]
struct Durations {
    buckets: [AtomicU64; BUCKETS.len()],
    count: AtomicU64,
    micros: AtomicU64,
}

const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
const SERIES_AT_MOST: usize = 5_000;

impl Metrics {
    /// Adds to a counter.
    pub fn count(&self, name: &'static str, labels: &[(&str, &str)], by: u64) {
        self.with(
            name,
            labels,
            || Series::Counter(AtomicU64::new(0)),
            |series| {
                if let Series::Counter(value) = series {
                    value.fetch_add(by, Ordering::Relaxed);
                }
            },
        );
    }

    /// Sets a gauge.
    pub fn set(&self, name: &'static str, labels: &[(&str, &str)], to: f64) {
        self.with(
            name,
            labels,
            || Series::Gauge(AtomicU64::new(0)),
            |series| {
                if let Series::Gauge(value) = series {
                    value.store(to.to_bits(), Ordering::Relaxed);
                }
            },
        );
    }

    /// Adds a duration to a histogram.
    pub fn observe(&self, name: &'static str, labels: &[(&str, &str)], took: Duration) {
        self.with(
            name,
            labels,
            || Series::Durations(Box::default()),
            |series| {
                if let Series::Durations(durations) = series {
                    durations.add(took);
                }
            },
        );
    }

    /// Everything, as Prometheus reads it.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let values = self.values.read().expect("no holder of the metrics panics");
        let mut last = "";
        for ((name, labels), series) in values.iter() {
            if *name != last {
                let _ = writeln!(out, "# TYPE {name} {}", series.type_());
                last = name;
            }
            series.write(&mut out, name, labels);
        }
        out
    }

    fn with(&self, name: &'static str, labels: &[(&str, &str)], new: impl FnOnce() -> Series, act: impl Fn(&Series)) {
        let key = (name, text_of(labels));
        if let Some(series) = self.values.read().expect("no holder of the metrics panics").get(&key) {
            return act(series);
        }
        let mut values = self.values.write().expect("no holder of the metrics panics");
        if values.len() < SERIES_AT_MOST || values.contains_key(&key) {
            act(values.entry(key).or_insert_with(new));
        }
    }
}

impl Series {
    fn type_(&self) -> &'static str {
        match self {
            Self::Counter(_) => "counter",
            Self::Gauge(_) => "gauge",
            Self::Durations(_) => "histogram",
        }
    }

    // Writing to a text cannot fail.
    fn write(&self, out: &mut String, name: &str, labels: &str) {
        let braced = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
        match self {
            Self::Counter(value) => {
                let _ = writeln!(out, "{name}{braced} {}", value.load(Ordering::Relaxed));
            }
            Self::Gauge(value) => {
                let _ = writeln!(out, "{name}{braced} {}", f64::from_bits(value.load(Ordering::Relaxed)));
            }
            Self::Durations(durations) => durations.write(out, name, labels, &braced),
        }
    }
}

impl Durations {
    fn add(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        if let Some(at) = BUCKETS.iter().position(|limit| seconds <= *limit) {
            self.buckets[at].fetch_add(1, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn write(&self, out: &mut String, name: &str, labels: &str, braced: &str) {
        let before = if labels.is_empty() { String::new() } else { format!("{labels},") };
        let mut below = 0;
        for (limit, bucket) in BUCKETS.iter().zip(&self.buckets) {
            below += bucket.load(Ordering::Relaxed);
            let _ = writeln!(out, "{name}_bucket{{{before}le=\"{limit}\"}} {below}");
        }
        let count = self.count.load(Ordering::Relaxed);
        let _ = writeln!(out, "{name}_bucket{{{before}le=\"+Inf\"}} {count}");
        let seconds = Duration::from_micros(self.micros.load(Ordering::Relaxed)).as_secs_f64();
        let _ = writeln!(out, "{name}_sum{braced} {seconds}\n{name}_count{braced} {count}");
    }
}

fn text_of(labels: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in labels {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let comma = if text.is_empty() { "" } else { "," };
        let _ = write!(text, "{comma}{name}=\"{value}\"");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_add_and_gauges_replace() {
        let metrics = Metrics::default();
        metrics.count("a_total", &[("route", "/x/{id}")], 2);
        metrics.count("a_total", &[("route", "/x/{id}")], 1);
        metrics.count("a_total", &[("route", "q\"\\")], 1);
        metrics.set("b", &[], 1.0);
        metrics.set("b", &[], 2.5);
        let expected = "# TYPE a_total counter\na_total{route=\"/x/{id}\"} 3\na_total{route=\"q\\\"\\\\\"} 1\n# TYPE b gauge\nb 2.5\n";
        assert_eq!(metrics.text(), expected);
    }

    #[test]
    fn durations_fall_in_cumulative_buckets() {
        let metrics = Metrics::default();
        for ms in [1, 30, 30, 9_000] {
            metrics.observe("t_seconds", &[("k", "v")], Duration::from_millis(ms));
        }
        let text = metrics.text();
        for line in [
            "# TYPE t_seconds histogram",
            "t_seconds_bucket{k=\"v\",le=\"0.001\"} 1",
            "t_seconds_bucket{k=\"v\",le=\"0.05\"} 3",
            "t_seconds_bucket{k=\"v\",le=\"5\"} 3",
            "t_seconds_bucket{k=\"v\",le=\"+Inf\"} 4",
            "t_seconds_sum{k=\"v\"} 9.061",
            "t_seconds_count{k=\"v\"} 4",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn too_many_series_do_not_eat_the_memory() {
        let metrics = Metrics::default();
        for n in 0..SERIES_AT_MOST + 10 {
            metrics.count("a_total", &[("n", &n.to_string())], 1);
        }
        metrics.count("a_total", &[("n", "0")], 1);
        assert_eq!(metrics.values.read().expect("no panic").len(), SERIES_AT_MOST);
        assert!(metrics.text().contains("a_total{n=\"0\"} 2\n"));
    }
}
