//! The kernel on both databases.

mod clamd;
mod jobs;
mod journal;
mod migrations;
mod row_security;
mod units;
mod web;
