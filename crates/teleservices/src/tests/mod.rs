//! Packages as they are written: those of the house, and broken ones with the exact words that refuse them.

mod ready_made;
