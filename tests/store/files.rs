//! What can only happen to a file: a second server, a full disk, a disk that is mounted to be read, rights, and a copy
//! made while it is in use. A disk of its own needs root; without it those tests say so. (`src/store/tests.rs` has the
//! same troubles without a disk.)

use crate::place::Place;
use crate::samples::{accept, claim, end, run};
use doorlist::store::{Accepted, Store, StoreError};
use std::path::Path;
use std::process::Command;

#[tokio::test]
async fn a_second_server_is_refused_until_the_first_has_closed() {
    let place = Place::file();
    let first = place.open().await;
    let error = Store::open(&place.url).await.unwrap_err();
    assert!(matches!(error, StoreError::InUse { .. }), "{error:?}");
    assert!(
        error.to_string().contains("in use by another doorlist"),
        "{error}"
    );
    let file = Path::new(place.url.strip_prefix("sqlite:").unwrap());
    let link = file.with_file_name("link.db");
    std::os::unix::fs::symlink(file, &link).unwrap();
    let linked = Store::open(&format!("sqlite:{}", link.display())).await;
    assert!(
        matches!(linked, Err(StoreError::InUse { .. })),
        "by another name: {linked:?}"
    );
    first.close().await;
    let second = place.open().await;
    second.close().await;
}

#[tokio::test]
async fn the_file_and_what_lies_beside_it_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join("door list?100%.db");
    let store = Store::open(&format!("sqlite:{}", odd.display())).await.unwrap();
    accept(&store, &[&["esa-1/blocklist"]]).await;
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        names.push(entry.file_name().into_string().unwrap());
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{names:?}");
    }
    names.sort();
    let beside = ["", "-shm", "-wal", ".lock"].map(|end| format!("door list?100%.db{end}"));
    assert_eq!(names, beside);
    store.close().await;
}

#[tokio::test]
async fn a_copy_made_while_it_is_in_use_is_a_store() {
    let place = Place::file();
    let store = place.open().await;
    let id = accept(&store, &[&["esa-1/blocklist"]]).await;
    let copy = Place::file();
    let copy_path = copy.url.strip_prefix("sqlite:").unwrap();
    place.execute(&format!("VACUUM INTO '{copy_path}'")).await;
    let after = accept(&store, &[&["esa-1/blocklist"]]).await;
    store.close().await;
    let restored = copy.open().await;
    assert!(restored.run(&id).await.unwrap().is_some());
    assert_eq!(restored.run(&after).await, Ok(None), "it came after the copy");
    let held = claim(&restored, "worker").await.unwrap();
    assert_eq!(restored.finish(&held, end(&[])).await, Ok(true));
    restored.close().await;
}

/// A small disk. None, and a word about it, where none can be mounted.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    #[expect(clippy::print_stderr, reason = "whoever reads the tests should know")]
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = run_command("mount", &["-t", "tmpfs", "-o", "size=1m", "tmpfs"], folder.path());
        if !mounted {
            eprintln!("skipped: no disk can be mounted here");
            return None;
        }
        Some(Self { folder })
    }

    fn remount(&self, how: &str) {
        assert!(run_command(
            "mount",
            &["-o", &format!("remount,{how}")],
            self.folder.path()
        ));
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.folder.path().join("doorlist.db").display())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        assert!(run_command("umount", &[], self.folder.path()));
    }
}

fn run_command(program: &str, arguments: &[&str], folder: &Path) -> bool {
    let output = Command::new(program).args(arguments).arg(folder).output();
    output.is_ok_and(|output| output.status.success())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_leaves_nothing_half_done_and_passes() {
    let Some(disk) = Disk::mount() else { return };
    let store = Store::open(&disk.url()).await.unwrap();
    let mut accepted = Vec::new();
    let error = loop {
        let mut large = run(&[&["esa-1/blocklist"]]);
        large.document = "a document of some size. ".repeat(400);
        let id = large.id.clone();
        match store.accept(large).await {
            Ok(Accepted::New) => accepted.push(id),
            other => break other.unwrap_err(),
        }
        assert!(accepted.len() < 1000, "one megabyte took ten");
    };
    assert_eq!(error, StoreError::Full);
    assert!(error.to_string().contains("Make room"), "{error}");
    assert!(!accepted.is_empty());
    // What is small may still fit into what is left; what does not is refused each time alike.
    let mut large = run(&[&["esa-1/blocklist"]]);
    large.document = "a document of some size. ".repeat(400);
    let large_id = large.id.clone();
    assert_eq!(store.accept(large.clone()).await, Err(StoreError::Full));
    assert_eq!(store.run(&large_id).await, Ok(None));
    disk.remount("size=8m");
    assert_eq!(
        store.accept(large).await,
        Ok(Accepted::New),
        "there is room again"
    );
    accepted.push(large_id);
    for id in &accepted {
        assert_eq!(store.run(id).await.unwrap().unwrap().tasks.len(), 1);
    }
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_mounted_to_be_read_is_told() {
    let Some(disk) = Disk::mount() else { return };
    let store = Store::open(&disk.url()).await.unwrap();
    let id = accept(&store, &[&["esa-1/blocklist"]]).await;
    store.close().await;
    disk.remount("ro");
    let error = Store::open(&disk.url()).await.unwrap_err();
    assert_eq!(error, StoreError::ReadOnly);
    disk.remount("rw");
    let store = Store::open(&disk.url()).await.unwrap();
    assert!(store.run(&id).await.unwrap().is_some());
    store.close().await;
}
