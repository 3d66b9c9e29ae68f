//! Copies of all databases: what holds between two that were copied one after the other.

use std::sync::Arc;

use app::{App, Parts, identity::list_memberships};
use store::{Config, Store, StoreError};
use testkit::{World, both};
use vault::SystemRandom;

use crate::{
    acts::{furnished, joining},
    steps::outcome,
};

/// The link of an invitation is good for one of the two: the workspace as it was copied, or who has joined
/// it is known.
#[test]
fn who_joins_during_a_copy_is_let_in_where_it_is_restored() {
    both(async |world| {
        let (stage, owner, workspace) = furnished(world).await;
        let address = "guest@example.org";
        stage.invite(owner, workspace, address).await;
        let token = stage.mailed(address).await.remove(0);
        let (app, link) = (stage.app().clone(), token.clone());
        stage.during("copy.workspaces", move || async move {
            app.join(app.new_request(), joining(&link)).await.unwrap();
        });
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().to_owned();
        let copied = stage.app().copy_databases_into(target.clone()).await.unwrap();
        assert_eq!((copied.workspaces, copied.missing.len()), (1, 0));
        let user = stage.user(address).await.expect("they have joined");
        let store = Store::open(Config::Sqlite { folder: target }, *b"restored").unwrap();
        let restored = App::new(Parts {
            store: Arc::new(store),
            vault: Arc::clone(stage.app().vault()),
            clock: stage.world.clock.clone(),
            random: Arc::new(SystemRandom),
        });
        restored.open_instance().await.unwrap();
        restored.sweep_intentions().await.unwrap();
        let joined = restored.join(restored.new_request(), joining(&token)).await;
        assert_eq!(outcome(&joined), "ok");
        let entered = restored.read(stage.actor(user), workspace, |op| Ok(op.me().member)).await;
        let known =
            restored.read_directory(restored.new_request(), move |op| list_memberships(op, user));
        let known: Vec<_> = known.await.unwrap().iter().map(|found| found.member).collect();
        assert_eq!(known, [entered.unwrap()]);
    });
}

#[test]
fn nothing_is_written_over_a_copy() {
    both(async |world: World| {
        let folder = tempfile::tempdir().unwrap();
        let (store, target) = (world.app.store(), folder.path());
        store.copy_directory_into(target.to_owned()).await.unwrap();
        let before = std::fs::read(target.join("directory.db")).unwrap();
        let again = store.copy_directory_into(target.to_owned()).await;
        assert!(matches!(again, Err(StoreError::Unavailable(_))), "{again:?}");
        assert_eq!(std::fs::read(target.join("directory.db")).unwrap(), before);
        store.copy_workspace_into(target.to_owned(), world.workspace).await.unwrap();
        let again = store.copy_workspace_into(target.to_owned(), world.workspace).await;
        assert!(matches!(again, Err(StoreError::Unavailable(_))), "{again:?}");
    });
}

#[test]
fn a_workspace_that_cannot_be_copied_is_named_and_keeps_no_other_from_it() {
    both(async |world: World| {
        let (stage, _, lost) = furnished(world).await;
        let folder = tempfile::tempdir().unwrap();
        let before = stage.app().copy_databases_into(folder.path().to_owned()).await.unwrap();
        stage.app().store().drop_workspace(lost).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let copied = stage.app().copy_databases_into(folder.path().to_owned()).await.unwrap();
        let missing: Vec<_> = copied.missing.iter().map(|(id, _)| *id).collect();
        assert_eq!((copied.workspaces + 1, missing), (before.workspaces, vec![lost]));
        assert!(folder.path().join("directory.db").exists());
    });
}
