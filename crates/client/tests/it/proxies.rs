//! The environment that people have at work: variables that name a proxy.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::sync::Arc;

use crate::fake_server::FakeServer;
use crate::killed::{serve, tp};

/// The way to this machine is not encrypted, so the token must not go to another one.
#[test]
fn no_proxy_stands_before_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let server = Arc::new(FakeServer::new(Vec::new(), Vec::new(), Vec::new()));
    let url = serve(Arc::clone(&server));
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let named = format!("http://{}", proxy.local_addr().unwrap());
    for variable in
        ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"]
    {
        let mut command = tp(&url, folder.path(), &["add", "0:10 one"]);
        let ended = command.env(variable, &named).output().unwrap();
        let asked = proxy.accept().map_err(|error| error.kind());
        assert_eq!(asked.err(), Some(ErrorKind::WouldBlock), "{variable}: the proxy was asked");
        assert!(ended.status.success(), "{variable}: {ended:?}");
    }
    assert_eq!(server.entries().len(), 6);
}
