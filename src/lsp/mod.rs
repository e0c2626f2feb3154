//! The language server: messages of the protocol to and from [`analyze()`](crate::analyze()).
//!
//! One thread reads messages, and one answers them. All messages that have arrived are handled before a document is
//! checked, so that of many edits only the last is.

mod actions;
mod client;
mod completion;
mod diagnostics;
mod document;
mod hover;
mod position;
mod requests;
mod server;
mod symbols;
mod transport;
mod uri;

use std::io::{BufRead, Write};
use std::sync::mpsc;
use std::thread;

use time::Date;

use crate::paths::Paths;
use server::Server;
use transport::Incoming;

/// What the server needs of the process.
pub struct Host {
    /// How paths are resolved and printed.
    pub paths: Paths,
    /// Returns the current date in UTC.
    pub today: fn() -> Date,
}

/// Serves one client until it ends. Returns true if the client asked the server to shut down before.
pub fn serve(mut input: Box<dyn BufRead + Send>, output: &mut dyn Write, host: Host) -> bool {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        while let Ok(Some(incoming)) = transport::read(&mut *input) {
            if sender.send(incoming).is_err() {
                break;
            }
        }
    });
    let mut server = Server::new(output, host);
    while let Ok(first) = receiver.recv() {
        let batch: Vec<Incoming> = std::iter::once(first).chain(receiver.try_iter()).collect();
        match server.handle(batch) {
            Ok(None) => {}
            Ok(Some(is_shut_down)) => return is_shut_down,
            // The client has closed its end.
            Err(_) => break,
        }
    }
    server.is_shut_down()
}
