//! The kernel on both databases.

mod clamd;
mod jobs;
mod journal;
mod migrations;
mod units;
mod web;
