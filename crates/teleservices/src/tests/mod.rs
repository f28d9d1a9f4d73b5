//! Packages as they are written: those of the house applied, and broken ones with the exact words that refuse them.

mod applied;
mod broken;
mod ready_made;
mod tools;
