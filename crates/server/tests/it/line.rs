//! A connection to a running server that does exactly what a test says, also what no client does.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;

/// Nothing that a test waits for takes longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// An HTTP/1.1 connection that is kept alive.
pub(crate) struct Line {
    stream: BufReader<TcpStream>,
    host: String,
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Line {
    pub(crate) fn open(port: u16) -> io::Result<Self> {
        Self::over(TcpStream::connect(("127.0.0.1", port))?, port)
    }

    /// Over a connection that is there.
    pub(crate) fn over(stream: TcpStream, port: u16) -> io::Result<Self> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), host: format!("localhost:{port}") })
    }

    /// Sends bytes as they are.
    pub(crate) fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// Asks and reads the answer.
    pub(crate) fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Answer> {
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            head = format!("{head}Host: {}\r\n", self.host);
        }
        for (name, value) in headers {
            head = format!("{head}{name}: {value}\r\n");
        }
        if !body.is_empty() || method != "GET" {
            head = format!("{head}Content-Length: {}\r\n", body.len());
        }
        head.push_str("\r\n");
        self.say(&[head.as_bytes(), body].concat())?;
        self.answer()
    }

    /// A JSON request of a program.
    pub(crate) fn api(
        &mut self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> io::Result<Answer> {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("Authorization", bearer.as_str())];
        let body = body.map(ToString::to_string).unwrap_or_default();
        if !body.is_empty() {
            headers.push(("Content-Type", "application/json"));
        }
        self.ask(method, &format!("/api/v1{path}"), &headers, body.as_bytes())
    }

    /// Reads an answer.
    pub(crate) fn answer(&mut self) -> io::Result<Answer> {
        let mut answer = self.head()?;
        answer.body = if answer.header("transfer-encoding") == "chunked" {
            let mut body = Vec::new();
            while let Some(chunk) = self.chunk()? {
                body.extend(chunk);
            }
            body
        } else {
            let mut body = vec![0; answer.header("content-length").parse().unwrap_or(0)];
            self.stream.read_exact(&mut body)?;
            body
        };
        Ok(answer)
    }

    /// Reads status and headers alone.
    pub(crate) fn head(&mut self) -> io::Result<Answer> {
        let status = self.text()?;
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
        let mut headers = Vec::new();
        loop {
            let line = self.text()?;
            match line.split_once(':') {
                Some((name, value)) => {
                    headers.push((name.to_lowercase(), value.trim().to_owned()));
                }
                None => return Ok(Answer { status, headers, body: Vec::new() }),
            }
        }
    }

    /// The next chunk of a body that has no length; none at its end.
    pub(crate) fn chunk(&mut self) -> io::Result<Option<Vec<u8>>> {
        let length = usize::from_str_radix(&self.text()?, 16).map_err(io::Error::other)?;
        let mut chunk = vec![0; length + 2];
        self.stream.read_exact(&mut chunk)?;
        chunk.truncate(length);
        Ok(Some(chunk).filter(|chunk| !chunk.is_empty()))
    }

    fn text(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}

impl Answer {
    /// A header; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(found, _)| found == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// `503 disk_full`.
    pub(crate) fn outcome(&self) -> String {
        let json = self.json();
        let code = json["code"].as_str().unwrap_or_default();
        format!("{} {code}", self.status).trim_end().to_owned()
    }
}
