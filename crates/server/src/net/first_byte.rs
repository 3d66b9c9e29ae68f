//! A stream that must say something soon.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::OwnedSemaphorePermit,
    time::Sleep,
};

/// Bytes after which HTTP/1 and HTTP/2 can be told apart and hyper's own limits take over.
const ENOUGH: usize = 24;

/// A TCP stream whose first bytes must come within a time limit.
pub(super) struct FirstByte {
    stream: TcpStream,
    /// Runs until enough bytes have come.
    limit: Option<Pin<Box<Sleep>>>,
    seen: usize,
    _permit: OwnedSemaphorePermit,
}

impl FirstByte {
    pub(super) fn new(stream: TcpStream, limit: Duration, permit: OwnedSemaphorePermit) -> Self {
        let limit = Some(Box::pin(tokio::time::sleep(limit)));
        Self {
            stream,
            limit,
            seen: 0,
            _permit: permit,
        }
    }
}

impl AsyncRead for FirstByte {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(limit) = &mut self.limit
            && limit.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.seen += buffer.filled().len() - before;
        if self.seen >= ENOUGH {
            self.limit = None;
        }
        polled
    }
}

impl AsyncWrite for FirstByte {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
