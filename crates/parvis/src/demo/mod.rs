//! The demonstration: what stands around the program so that it can be seen at work. Nothing of it is in `serve`.

pub mod etat_civil;
