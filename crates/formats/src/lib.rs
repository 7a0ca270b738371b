//! Other people's formats, in and out.

pub mod alertmanager;
pub mod alertmanager_webhook;
pub mod batch;
pub mod cloudevents;
pub mod generic;
pub mod grafana;
pub mod healthchecks;
mod json;
mod query;
pub mod uptime_kuma;
mod v4;
