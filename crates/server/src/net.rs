//! Listening: addresses, TLS, and limits that no client can outwait.
//!
//! hyper has no time limit of its own unless it is given a timer: both protocols get one here, and
//! a connection that says nothing at all is cut before hyper sees its first byte (the automatic
//! choice between HTTP/1 and HTTP/2 waits for that without a limit): below TLS, and again above it.

mod patient;
mod room;

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use axum::{Router, extract::connect_info::Connected};
use axum_server::{Handle, accept::Accept, tls_rustls::RustlsConfig};
use hyper_util::rt::TokioTimer;
use ipnet::IpNet;
use tokio::net::TcpStream;

use crate::{config::Config, system::SystemClock};
use app::clock::Clock;
use patient::PatientStream;
use room::Room;

/// Headers have this long to arrive.
const HEADER_TIMEOUT: Duration = Duration::from_secs(9);

/// A TLS handshake has this long.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(8);

/// A quiet HTTP/2 connection is asked whether it is still there so often, and cut when it does not
/// answer by [`PING_TIMEOUT`].
const PING_EVERY: Duration = Duration::from_secs(9);
const PING_TIMEOUT: Duration = Duration::from_secs(4);

/// Connections at once, where there are descriptors for twice as many: databases need some too.
const MOST_CONNECTIONS: usize = 20_000;

/// Connections of one network at once, where that is not more than a quarter of all.
const MOST_OF_ONE_NETWORK: usize = 2_000;

/// The other end of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

impl Connected<SocketAddr> for Peer {
    fn connect_info(address: SocketAddr) -> Self {
        Self(address)
    }
}

/// A network, as limits count: an IPv4 address, or the /64 of an IPv6 one. None for a request
/// that did not come by a connection (a test).
pub type Network = Option<IpAddr>;

/// The network of an address.
pub fn network(address: Option<IpAddr>) -> Network {
    address.map(|address| match address.to_canonical() {
        IpAddr::V6(address) => {
            let prefix = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(prefix))
        }
        address @ IpAddr::V4(_) => address,
    })
}

/// Opened addresses, and the TLS that is spoken there.
pub struct Doors {
    listeners: Vec<TcpListener>,
    tls: Option<RustlsConfig>,
    proxies: Vec<IpNet>,
    /// What browsers will say against the certificate.
    pub(crate) complaints: Vec<String>,
}

/// Reads the certificate and opens the addresses that the configuration names.
///
/// Errors: a certificate that cannot be read; an address in use.
pub fn open(config: &Config) -> anyhow::Result<Doors> {
    let (mut tls, mut complaints) = (None, Vec::new());
    if let (Some(cert), Some(key)) = (&config.tls_cert, &config.tls_key) {
        let (server, certificate) = crate::tls::server(cert, key)?;
        complaints = crate::tls::complaints(&certificate, &config.public_host(), SystemClock.now());
        tls = Some(RustlsConfig::from_config(Arc::new(server)));
    }
    let (listeners, proxies) = (bind(config)?, config.behind_proxy.clone());
    Ok(Doors { listeners, tls, proxies, complaints })
}

/// As many connections as there are descriptors for.
fn most_connections() -> io::Result<usize> {
    let descriptors = rlimit::Resource::NOFILE.get_soft()?;
    Ok(usize::try_from(descriptors / 2).map_or(MOST_CONNECTIONS, |half| half.min(MOST_CONNECTIONS)))
}

fn bind(config: &Config) -> anyhow::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    for address in addresses(config) {
        match TcpListener::bind(address) {
            Ok(listener) => listeners.push(listener),
            // A machine without IPv6 is served on 127.0.0.1 alone. A port that another program has
            // on ::1 is another matter: browsers would take our links and cookies there.
            Err(error) if address.is_ipv6() && config.listen.is_none() && !is_in_use(&error) => {}
            Err(error) => anyhow::bail!(
                "Cannot listen on {address}: {error}. Is another server running? Choose another \
                 --port."
            ),
        }
    }
    Ok(listeners)
}

fn is_in_use(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}

/// Serves on opened addresses until the handle says stop.
///
/// Errors: what the system says.
pub async fn serve(doors: Doors, router: Router, handle: Handle<SocketAddr>) -> anyhow::Result<()> {
    let Doors { listeners, tls, proxies, .. } = doors;
    let most = most_connections()?;
    let room = Room::new(most, MOST_OF_ONE_NETWORK.min(most / 4), proxies);
    let mut tasks = tokio::task::JoinSet::new();
    for listener in listeners {
        listener.set_nonblocking(true)?;
        let acceptor = Patient { room: Arc::clone(&room) };
        let service = router.clone().into_make_service_with_connect_info::<Peer>();
        let handle = handle.clone();
        match &tls {
            Some(tls) => {
                let tls = tls.clone();
                let mut server = axum_server::from_tcp_rustls(listener, tls)?
                    .map(|rustls| {
                        AboveTls(rustls.handshake_timeout(HANDSHAKE_TIMEOUT).acceptor(acceptor))
                    })
                    .handle(handle);
                limit(server.http_builder());
                tasks.spawn(server.serve(service));
            }
            None => {
                let mut server = axum_server::from_tcp(listener)?.acceptor(acceptor).handle(handle);
                limit(server.http_builder());
                tasks.spawn(server.serve(service));
            }
        }
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    Ok(())
}

fn limit(builder: &mut hyper_util::server::conn::auto::Builder<hyper_util::rt::TokioExecutor>) {
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_headers(64)
        .max_buf_size(64 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(100)
        .max_header_list_size(16 * 1024)
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_TIMEOUT);
}

fn addresses(config: &Config) -> Vec<SocketAddr> {
    match config.listen {
        Some(address) => vec![SocketAddr::new(address, config.port)],
        None => vec![
            SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), config.port),
            SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), config.port),
        ],
    }
}

/// Hangs up where there is no room, and cuts a connection that says nothing.
#[derive(Clone)]
struct Patient {
    room: Arc<Room>,
}

type Accepting<I, S> = Pin<Box<dyn Future<Output = io::Result<(I, S)>> + Send>>;

impl<S: Send + 'static> Accept<TcpStream, S> for Patient {
    type Stream = PatientStream<TcpStream>;
    type Service = S;
    type Future = Accepting<Self::Stream, S>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let room = Arc::clone(&self.room);
        Box::pin(async move {
            let seat = room.take(stream.peer_addr()?.ip());
            let seat = seat.ok_or_else(|| io::Error::other("no room"))?;
            stream.set_nodelay(true)?;
            Ok((PatientStream::new(stream, Some(seat)), service))
        })
    }
}

/// Cuts a connection that shakes hands and then says nothing.
#[derive(Clone)]
struct AboveTls<A>(A);

impl<A, I, S> Accept<I, S> for AboveTls<A>
where
    A: Accept<I, S>,
    A::Future: Send + 'static,
    A::Stream: Send + 'static,
    A::Service: Send + 'static,
{
    type Stream = PatientStream<A::Stream>;
    type Service = A::Service;
    type Future = Accepting<Self::Stream, A::Service>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let shaken = self.0.accept(stream, service);
        Box::pin(async move {
            let (stream, service) = shaken.await?;
            Ok((PatientStream::new(stream, None), service))
        })
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn who_finds_no_room_is_hung_up_on() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let patient = Patient { room: Room::new(1, 1, Vec::new()) };
        let mut accepted = Vec::new();
        for has_room in [true, false] {
            let mut client = TcpStream::connect(address).await.unwrap();
            let (stream, _) = listener.accept().await.unwrap();
            let outcome = patient.accept(stream, ()).await;
            assert_eq!(outcome.is_ok(), has_room);
            if !has_room {
                assert_eq!(
                    client.read_u8().await.unwrap_err().kind(),
                    io::ErrorKind::UnexpectedEof
                );
            }
            accepted.push((client, outcome));
        }
        accepted.clear();
        let client = TcpStream::connect(address).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        assert!(patient.accept(stream, ()).await.is_ok(), "there is room again");
        drop(client);
    }

    #[test]
    fn a_network_is_an_address_or_a_64() {
        for (address, expected) in [
            ("203.0.113.9", "203.0.113.9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::"),
            ("2001:db8:1:3::1", "2001:db8:1:3::"),
            ("::1", "::"),
        ] {
            let found = network(Some(address.parse().unwrap()));
            assert_eq!(found, Some(expected.parse().unwrap()), "{address}");
        }
        assert_eq!(network(None), None);
    }
}
