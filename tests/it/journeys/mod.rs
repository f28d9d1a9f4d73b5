//! Whole stories, from the first page to the last letter, through the front door and with the jobs run.

mod acte;
mod counter;
pub mod partner;
mod sign_in;
mod usager;
mod velo;
