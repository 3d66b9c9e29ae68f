//! A stream that cuts a client who says nothing at first, or who never reads.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Sleep,
};

use super::room::Seat;

/// Bytes after which HTTP/1 and HTTP/2 can be told apart and hyper's own limits take over.
const ENOUGH: usize = 24;

/// The first bytes have this long.
const FIRST_BYTES: Duration = Duration::from_secs(5);

/// Bytes to send are waiting for the client at most this long.
const STALLED: Duration = Duration::from_secs(12);

/// A stream whose first bytes must come within a time limit, and whose other end must read.
pub(super) struct PatientStream<S> {
    stream: S,
    /// Runs until enough bytes have come.
    first: Option<Pin<Box<Sleep>>>,
    seen: usize,
    /// Runs while the client takes nothing.
    stalled: Option<Pin<Box<Sleep>>>,
    _seat: Option<Seat>,
}

impl<S> PatientStream<S> {
    pub(super) fn new(stream: S, seat: Option<Seat>) -> Self {
        Self {
            stream,
            first: Some(Box::pin(tokio::time::sleep(FIRST_BYTES))),
            seen: 0,
            stalled: None,
            _seat: seat,
        }
    }

    fn moving<T>(
        &mut self,
        context: &mut Context<'_>,
        polled: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.stalled = None;
            return polled;
        }
        let limit = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(STALLED)));
        match limit.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PatientStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(limit) = &mut self.first
            && limit.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.seen += buffer.filled().len() - before;
        if self.seen >= ENOUGH {
            self.first = None;
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PatientStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.moving(context, polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(context);
        self.moving(context, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_shutdown(context);
        self.moving(context, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        self.moving(context, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
