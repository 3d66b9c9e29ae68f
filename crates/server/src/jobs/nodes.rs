//! What changed here is told to the other nodes on the same PostgreSQL, and what changed there to the
//! open pages of this one.
//!
//! A word may be lost with a line; then pages are told to look again, so that nothing stays unseen.

use std::time::{Duration, Instant};

use app::{App, live::Change};
use tokio::{
    sync::{
        broadcast::{Receiver, error::TryRecvError},
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

/// Tells the other nodes what changes on this one, `node`. What could not be told is told later as
/// something that was missed.
pub(super) async fn tell(app: App, node: Uuid, mut stop: watch::Receiver<bool>) {
    if !app.store().is_shared() {
        return;
    }
    let mut own = app.live().listen_to_own();
    let mut untold = false;
    loop {
        let mut words = tokio::select! {
            // What was changed at the end of a stop is told too.
            () = until_over(&mut stop) => return say_last(&app, node, &mut own).await,
            words = gather(&mut own) => words,
            () = sleep(TICK), if untold => Vec::new(),
        };
        if untold {
            words = Change::Missed.to_word().into_iter().collect();
        }
        let told = say(&app, node, words).await;
        if let Err(error) = &told
            && !untold
        {
            tracing::warn!(%error, "other nodes were not told what changed");
        }
        untold = told.is_err();
    }
}

/// Waits until the server stops, or has gone.
async fn until_over(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|is_over| *is_over).await);
}

async fn say_last(app: &App, node: Uuid, own: &mut Receiver<Change>) {
    let mut changes = Vec::new();
    take_rest(own, &mut changes);
    if let Err(error) = say(app, node, words(changes)).await {
        tracing::warn!(%error, "other nodes were not told what changed at the end");
    }
}

async fn say(app: &App, node: Uuid, words: Vec<String>) -> Result<(), app::Error> {
    let words = words.into_iter().map(|word| format!("{node} {word}")).collect();
    Ok(app.store().tell_nodes(words).await?)
}

/// Waits for a change, and for what comes right after it.
async fn gather(own: &mut Receiver<Change>) -> Vec<String> {
    let mut changes = vec![own.recv().await.unwrap_or(Change::Missed)];
    sleep(GATHER).await;
    take_rest(own, &mut changes);
    words(changes)
}

/// Takes the changes that are there already, each once.
fn take_rest(own: &mut Receiver<Change>, changes: &mut Vec<Change>) {
    loop {
        let change = match own.try_recv() {
            Ok(change) => change,
            Err(TryRecvError::Lagged(_)) => Change::Missed,
            Err(TryRecvError::Empty | TryRecvError::Closed) => return,
        };
        if !changes.contains(&change) {
            changes.push(change);
        }
    }
}

fn words(changes: Vec<Change>) -> Vec<String> {
    let is_much = changes.len() > MOST_WORDS;
    let changes = if is_much { vec![Change::Missed] } else { changes };
    changes.into_iter().filter_map(Change::to_word).collect()
}

/// Tells the open pages of this node what changes on others, until the server stops.
pub(super) async fn hear(app: App, node: Uuid, mut stop: watch::Receiver<bool>) {
    let mut is_known = false;
    while !*stop.borrow_and_update() {
        let (ear, until, began) = (app.clone(), stop.clone(), Instant::now());
        let heard = tokio::task::spawn_blocking(move || listen(&ear, node, &until)).await;
        match heard {
            // On files there are no other nodes.
            Ok(Ok(())) => return,
            // Once for each time that it is lost, not for each try.
            Ok(Err(error)) if !is_known || began.elapsed() > TICK * 10 => {
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
fn listen(app: &App, node: Uuid, stop: &watch::Receiver<bool>) -> Result<(), app::Error> {
    let Some(mut ear) = app.store().listen_to_nodes()? else { return Ok(()) };
    // Nobody listened since the start, or since the last line was lost.
    app.hear(Change::Missed);
    let node = node.to_string();
    while !*stop.borrow() {
        for said in ear.hear(TICK)? {
            match said.split_once(' ') {
                Some((who, _)) if who == node => {}
                Some((_, word)) => app.hear(Change::from_word(word)),
                None => {}
            }
        }
    }
    Ok(())
}
