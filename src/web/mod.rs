//! The web: a person's browser and a partner's system ask, the service answers.
//!
//! [`routes`] is every address on one list, each with who may ask; [`dispatch`] takes a request
//! through the same steps every time: which route, who asks, may they, is the form ours, then the
//! route's own function. Those functions are plain ones from [`Asked`](asked::Asked) to
//! [`Answer`](answer::Answer): they call a verb of the service and show what it gave. [`serve`] is the
//! one place that knows the HTTP server.

pub mod answer;
pub mod asked;
pub mod routes;
pub mod dispatch;
pub mod interface;
pub mod log;
pub mod form;
pub mod form_token;
pub mod page;
pub mod words;
pub mod drawn;
mod scoped;
pub mod pages;
mod refused;
pub mod serve;

use crate::service::Service;
use std::sync::Arc;

/// The service with its pages.
pub struct Site {
    pub service: Arc<Service>,
    pub pages: page::Pages,
    pub router: routes::Router,
    /// What the service is called, and whom to ask for help.
    pub service_name: String,
    pub contact: String,
    /// How people reach it; empty where the browser's own word counts.
    pub public_url: String,
    pub styles: pages::assets::Styles,
    pub drawn: drawn::Drawn,
}

impl Site {
    pub fn new(service: Arc<Service>) -> Site {
        Site {
            styles: pages::assets::Styles::with_pack(service.templates().style()),
            service,
            pages: page::Pages::built_in(),
            router: routes::Router::new(),
            drawn: drawn::Drawn::default(),
            service_name: "Outturn".to_owned(),
            contact: String::new(),
            public_url: String::new(),
        }
    }
}
