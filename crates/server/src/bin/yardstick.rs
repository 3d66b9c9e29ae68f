//! The yardstick of `cargo xtask bench`: a JSON echo of nothing but axum, which answers what it was
//! sent. What the server does for an entry is told as a share of what this does.
//!
//! `yardstick PORT` serves on loopback until it is ended.

use std::net::Ipv4Addr;

use axum::{Json, Router, routing::post};
use wire::time_entry::NewTimeEntry;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let port: u16 = std::env::args().nth(1).unwrap_or_default().parse()?;
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let router = Router::new().route("/echo", post(echo));
    axum::serve(listener, router).await?;
    Ok(())
}

/// Reads the same body as the server's own handler, and writes it again.
async fn echo(Json(entry): Json<NewTimeEntry>) -> Json<NewTimeEntry> {
    Json(entry)
}
