//! A server on a loopback port that answers as told and remembers what it was asked, byte by byte. It
//! stands where AWS would, so that tests see what really goes out.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What the server does once it has read a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Answers with this status and JSON body.
    Status(u16, String),
    /// The same with a header, such as `retry-after: 40`.
    With(u16, &'static str, String),
    /// Closes the connection without a word.
    Close,
    /// Never answers.
    Hang,
}

/// The running server; its thread ends with the test.
#[derive(Debug)]
pub struct Wire {
    /// Where it listens, such as `http://127.0.0.1:40001`.
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

/// One request as it came in.
#[derive(Debug, Clone)]
pub struct Request {
    /// Request line and headers.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Wire {
    /// Listens on a free port and answers every request by `reply`.
    ///
    /// # Panics
    /// When no port is free.
    pub fn start(reply: impl Fn(&Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port is free");
        let url = url(&listener);
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            let mut hanging = Vec::new();
            for stream in listener.incoming().flatten() {
                let Some(request) = read(&stream) else {
                    continue;
                };
                let answer = reply(&request);
                seen.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(request);
                match answer {
                    Reply::Status(status, body) => write(&stream, status, "", &body),
                    Reply::With(status, header, body) => {
                        write(&stream, status, &format!("{header}\r\n"), &body);
                    }
                    Reply::Close => {}
                    Reply::Hang => hanging.push(stream),
                }
            }
        });
        Self { url, requests }
    }

    /// An address where nobody listens.
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn nobody() -> String {
        url(&TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port is free"))
    }

    /// All requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn url(listener: &TcpListener) -> String {
    let address = listener.local_addr().expect("it is bound");
    format!("http://{address}")
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let lower = head.to_lowercase();
    let length = lower
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .and_then(|length| length.trim().parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;
    Some(Request { head, body })
}

fn write(mut stream: &TcpStream, status: u16, header: &str, body: &str) {
    // A client that has given up is no fault of the server's.
    let _ = write!(
        stream,
        "HTTP/1.1 {status} Told\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{header}\
         connection: close\r\n\r\n{body}",
        body.len()
    );
}
