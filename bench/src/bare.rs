//! What a profile's reply is measured against: axum and sqlx alone, reading the same row without asking who is asking.
//! A process of its own, as the program is: this one, run again.

use axum::{
    Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use sqlx::{PgPool, postgres::PgPoolOptions};
use std::process::Stdio;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    process::{Child, Command},
};
use uuid::Uuid;

/// The argument that makes this process the bare server.
pub const NAME: &str = "bare-server";
const CONNECTIONS: u32 = 8;

/// Answers until it is killed; prints its address first.
pub async fn serve(postgres: &str) {
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect(postgres).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    axum::serve(listener, Router::new().route("/{id}", get(find)).with_state(pool)).await.unwrap();
}

async fn find(State(pool): State<PgPool>, Path(id): Path<Uuid>) -> impl IntoResponse {
    let sql = "SELECT row_to_json(p)::text FROM p_profile_pages.profile_pages p WHERE user_id = $1";
    match sqlx::query_scalar::<_, String>(sql).bind(id).fetch_one(&pool).await {
        Ok(row) => ([(header::CONTENT_TYPE, "application/json")], row).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A running bare server; it ends with this value.
pub struct Bare {
    _child: Child,
    pub url: String,
}

impl Bare {
    pub async fn start(postgres: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([NAME, postgres]).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.next_line().await.unwrap().expect("an address");
        Self { _child: child, url: format!("http://{address}") }
    }
}
