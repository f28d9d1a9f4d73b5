//! The kernel on both databases.

mod jobs;
mod journal;
mod migrations;
mod units;
mod web;
