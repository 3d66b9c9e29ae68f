//! What changed here is told to the other nodes on the same PostgreSQL, and what changed there to the
//! open pages of this one.
//!
//! A word may be lost with a line; then pages are told to look again, so that nothing stays unseen.

use std::time::Duration;

use app::{App, live::Change};
use store::StoreError;
use tokio::{
    sync::{
        broadcast::{Receiver, error::RecvError},
        watch,
    },
    time::sleep,
};
use uuid::Uuid;

use super::TICK;

/// Changes within this time are told at once.
const GATHER: Duration = Duration::from_millis(50);

/// Words told at once; where there are more, the others are told to look again.
const MOST_WORDS: usize = 200;

/// Tells the other nodes what changes on this one, `node`.
pub(super) async fn tell(app: App, node: Uuid, mut stop: watch::Receiver<bool>) {
    if !app.store().is_shared() {
        return;
    }
    let mut own = app.live().listen_to_own();
    while !*stop.borrow_and_update() {
        tokio::select! {
            _ = stop.changed() => {}
            words = gather(&mut own) => {
                let words = words.into_iter().map(|word| format!("{node} {word}")).collect();
                if let Err(error) = app.store().tell_nodes(words).await {
                    tracing::warn!(%error, "other nodes were not told what changed");
                }
            }
        }
    }
}

/// Waits for a change, and for what comes right after it.
async fn gather(own: &mut Receiver<Change>) -> Vec<String> {
    let mut changes = vec![heard(own.recv().await)];
    sleep(GATHER).await;
    while let Some(change) = own.try_recv().map_or_else(missed, Some) {
        if !changes.contains(&change) {
            changes.push(change);
        }
    }
    if changes.len() > MOST_WORDS {
        changes = vec![Change::Missed];
    }
    changes.into_iter().filter_map(Change::to_word).collect()
}

fn heard(change: Result<Change, RecvError>) -> Change {
    change.unwrap_or(Change::Missed)
}

fn missed(error: tokio::sync::broadcast::error::TryRecvError) -> Option<Change> {
    use tokio::sync::broadcast::error::TryRecvError;
    matches!(error, TryRecvError::Lagged(_)).then_some(Change::Missed)
}

/// Tells the open pages of this node what changes on others, until the server stops.
pub(super) async fn hear(app: App, node: Uuid, mut stop: watch::Receiver<bool>) {
    let mut is_known = false;
    while !*stop.borrow_and_update() {
        let (ear, until) = (app.clone(), stop.clone());
        let heard = tokio::task::spawn_blocking(move || listen(&ear, node, &until)).await;
        match heard {
            // On files there are no other nodes.
            Ok(Ok(())) => return,
            Ok(Err(error)) if !is_known => {
                tracing::warn!(%error, "what other nodes change is not heard");
                is_known = true;
            }
            Ok(Err(_)) => {}
            Err(error) => tracing::error!(%error, "listening to other nodes panicked"),
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = sleep(TICK) => {}
        }
    }
}

/// Listens until the server stops, or the line is lost.
fn listen(app: &App, node: Uuid, stop: &watch::Receiver<bool>) -> Result<(), StoreError> {
    let Some(mut ear) = app.store().listen_to_nodes()? else { return Ok(()) };
    // Nobody listened since the start, or since the last line was lost.
    app.live().pass_on(Change::Missed);
    let node = node.to_string();
    while !*stop.borrow() {
        for said in ear.hear(TICK)? {
            match said.split_once(' ') {
                Some((who, _)) if who == node => {}
                Some((_, word)) => app.live().pass_on(Change::from_word(word)),
                None => {}
            }
        }
    }
    Ok(())
}
