//! The pages of this domain: thin. They read a form, call a use case, choose a page. Extractors only read.

mod mine;
pub mod numbers;
pub(crate) mod usager;

use kernel::web::Routes;

use crate::rights;

/// The routes, and the rights in words.
pub fn routes() -> Routes {
    Routes {
        public: usager::pages(),
        nav: Some(usager::nav),
        rights: rights::ALL.iter().map(|(right, label)| (right.0, *label)).collect(),
        ..Routes::default()
    }
}
