//! The program as a library: what the domains give, put together. Routes, reactions, registries, commands.

pub mod migrations;
