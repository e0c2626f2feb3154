//! The state of the server, and the handling of messages.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};
use std::path::PathBuf;

use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidChangeWatchedFiles, DidChangeWorkspaceFolders, DidCloseTextDocument,
    DidOpenTextDocument, DidSaveTextDocument, Exit, Notification as _, PublishDiagnostics,
    ShowMessage,
};
use lsp_types::request::{
    Initialize, RegisterCapability, Request as _, WorkspaceDiagnosticRefresh,
};
use lsp_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesRegistrationOptions,
    DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    FileSystemWatcher, GlobPattern, MessageType, PublishDiagnosticsParams, Registration,
    RegistrationParams, ShowMessageParams, Uri,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Host;
use super::client::Client;
use super::diagnostics::diagnostic;
use super::document::{Checked, Document, configuration_texts, path_of};
use super::transport::{self, Incoming};
use super::uri;
use crate::config::{CONFIG_NAME, Projects};

/// The state of the server.
pub(super) struct Server<'o> {
    output: &'o mut dyn Write,
    pub(super) host: Host,
    /// `None` before the client has sent its capabilities.
    pub(super) client: Option<Client>,
    pub(super) is_shut_down: bool,
    /// The top folders of the workspace.
    pub(super) folders: Vec<PathBuf>,
    /// The open documents, by their URIs.
    pub(super) documents: BTreeMap<String, Document>,
    pub(super) projects: Projects,
    /// True if the configurations were read again and no error in them was shown since.
    is_reloaded: bool,
    /// The errors in the configurations.
    shown_errors: Vec<String>,
    /// The number of requests that were sent to the client.
    sent: i32,
}

impl<'o> Server<'o> {
    pub(super) fn new(output: &'o mut dyn Write, host: Host) -> Server<'o> {
        Server {
            output,
            projects: Projects::nearest(host.paths.clone()),
            host,
            client: None,
            is_shut_down: false,
            folders: Vec::new(),
            documents: BTreeMap::new(),
            is_reloaded: false,
            shown_errors: Vec::new(),
            sent: 0,
        }
    }

    pub(super) fn is_shut_down(&self) -> bool {
        self.is_shut_down
    }

    /// Handles the messages that have arrived. Returns `Some` if the client ends the server, with true if it asked
    /// for that before.
    pub(super) fn handle(&mut self, batch: Vec<Incoming>) -> io::Result<Option<bool>> {
        let canceled: HashSet<RequestId> = batch.iter().filter_map(canceled).collect();
        for incoming in batch {
            match incoming {
                Incoming::Malformed(why) => transport::write_parse_error(self.output, &why)?,
                Incoming::Message(Message::Request(request)) => {
                    let id = request.id.clone();
                    let is_initialization = request.method == Initialize::METHOD;
                    let answer = match canceled.contains(&id) {
                        true => Err((ErrorCode::RequestCanceled, "canceled".to_owned())),
                        false => self.request(request),
                    };
                    let is_initialized = is_initialization && answer.is_ok();
                    self.send(match answer {
                        Ok(value) => Response::new_ok(id, value),
                        Err((code, why)) => Response::new_err(id, code as i32, why),
                    })?;
                    if is_initialized {
                        self.watch_configurations()?;
                    }
                }
                Incoming::Message(Message::Notification(it)) if it.method == Exit::METHOD => {
                    return Ok(Some(self.is_shut_down));
                }
                // Before the handshake, the protocol allows none.
                Incoming::Message(Message::Notification(_)) if self.client.is_none() => {}
                Incoming::Message(Message::Notification(it)) => self.notification(it)?,
                // Nothing depends on what the client responds.
                Incoming::Message(Message::Response(_)) => {}
            }
        }
        self.publish()?;
        Ok(None)
    }

    fn send(&mut self, message: impl Into<Message>) -> io::Result<()> {
        message.into().write(&mut self.output)
    }

    fn send_request(&mut self, method: &str, params: impl serde::Serialize) -> io::Result<()> {
        self.sent += 1;
        self.send(Request::new(self.sent.into(), method.to_owned(), params))
    }

    /// Asks the client to tell of changes to configurations.
    fn watch_configurations(&mut self) -> io::Result<()> {
        if !self.client.is_some_and(|client| client.watches_files) {
            return Ok(());
        }
        let options = DidChangeWatchedFilesRegistrationOptions {
            watchers: vec![FileSystemWatcher {
                glob_pattern: GlobPattern::String(format!("**/{CONFIG_NAME}")),
                kind: None,
            }],
        };
        let registration = Registration {
            id: "configurations".to_owned(),
            method: DidChangeWatchedFiles::METHOD.to_owned(),
            register_options: Some(json!(options)),
        };
        let registrations = vec![registration];
        self.send_request(
            RegisterCapability::METHOD,
            RegistrationParams { registrations },
        )
    }

    /// Handles a notification. One that can't be read, or about a document that is not open, is ignored: the
    /// protocol has no answer to it.
    fn notification(&mut self, notification: Notification) -> io::Result<()> {
        let params = notification.params;
        match notification.method.as_str() {
            DidOpenTextDocument::METHOD => {
                let Ok(params) = read::<DidOpenTextDocumentParams>(params) else {
                    return Ok(());
                };
                let item = params.text_document;
                let key = item.uri.as_str().to_owned();
                let document = Document::new(item.uri, &item.language_id, item.version, item.text);
                let is_configuration = document.is_configuration();
                self.documents.insert(key, document);
                self.reload_if(is_configuration)
            }
            DidChangeTextDocument::METHOD => {
                let Ok(params) = read::<DidChangeTextDocumentParams>(params) else {
                    return Ok(());
                };
                let id = params.text_document;
                let text = params.content_changes.into_iter().next_back();
                let document = self.documents.get_mut(id.uri.as_str());
                let (Some(document), Some(change)) = (document, text) else {
                    return Ok(());
                };
                document.change(id.version, change.text);
                let is_configuration = document.is_configuration();
                self.reload_if(is_configuration)
            }
            DidCloseTextDocument::METHOD => {
                let Ok(params) = read::<DidCloseTextDocumentParams>(params) else {
                    return Ok(());
                };
                let uri = params.text_document.uri;
                let Some(document) = self.documents.remove(uri.as_str()) else {
                    return Ok(());
                };
                if !self.client.is_some_and(|client| client.pulls_diagnostics) {
                    self.send_diagnostics(PublishDiagnosticsParams::new(uri, Vec::new(), None))?;
                }
                self.reload_if(document.is_configuration())
            }
            // Without a watcher, saving is when a configuration changes.
            DidSaveTextDocument::METHOD | DidChangeWatchedFiles::METHOD => self.reload_if(true),
            DidChangeWorkspaceFolders::METHOD => {
                let Ok(params) = read::<DidChangeWorkspaceFoldersParams>(params) else {
                    return Ok(());
                };
                let removed = params
                    .event
                    .removed
                    .iter()
                    .filter_map(|it| path_of(it.uri.as_str()));
                let removed: Vec<_> = removed.collect();
                self.folders.retain(|folder| !removed.contains(folder));
                let added = params
                    .event
                    .added
                    .iter()
                    .filter_map(|it| path_of(it.uri.as_str()));
                self.folders.extend(added);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Reads the configurations again and checks all documents, if `is_changed` is true.
    fn reload_if(&mut self, is_changed: bool) -> io::Result<()> {
        if !is_changed {
            return Ok(());
        }
        self.is_reloaded = true;
        let texts = configuration_texts(self.documents.values());
        self.projects = Projects::with_texts(self.host.paths.clone(), texts);
        self.documents.values_mut().for_each(Document::outdate);
        match self.client {
            Some(client) if client.pulls_diagnostics && client.refreshes_diagnostics => {
                self.send_request(WorkspaceDiagnosticRefresh::METHOD, ())
            }
            _ => Ok(()),
        }
    }

    /// Sends the diagnostics of all documents that have changed, unless the client asks for them.
    fn publish(&mut self) -> io::Result<()> {
        let Some(client) = self.client.filter(|client| !client.pulls_diagnostics) else {
            return self.show_configuration_errors();
        };
        let unpublished = self.documents.values().filter(|it| it.is_unpublished);
        let uris: Vec<Uri> = unpublished.map(|it| it.uri.clone()).collect();
        for uri in uris {
            let Ok((document, checked)) = self.check(&uri) else {
                continue;
            };
            let (version, found) = (document.version, diagnostics_of(&uri, checked, client));
            if let Some(document) = self.documents.get_mut(uri.as_str()) {
                document.is_unpublished = false;
            }
            self.send_diagnostics(PublishDiagnosticsParams::new(uri, found, Some(version)))?;
        }
        self.show_configuration_errors()
    }

    fn send_diagnostics(&mut self, params: PublishDiagnosticsParams) -> io::Result<()> {
        let method = PublishDiagnostics::METHOD.to_owned();
        self.send(Notification::new(method, params))
    }

    /// Tells of errors in configurations that are not open, since their documents have no diagnostics.
    fn show_configuration_errors(&mut self) -> io::Result<()> {
        let open = configuration_texts(self.documents.values());
        let names: Vec<_> = open
            .keys()
            .map(|path| self.host.paths.display_any(path))
            .collect();
        // What was shown before the configurations were read again is not shown twice.
        let known = match std::mem::take(&mut self.is_reloaded) {
            true => std::mem::take(&mut self.shown_errors),
            false => Vec::new(),
        };
        for error in self.projects.errors() {
            let message = error.to_string();
            let is_open = |name: &String| message.starts_with(&format!("{name}:"));
            let is_shown = known.contains(&message) || self.shown_errors.contains(&message);
            self.shown_errors.push(message.clone());
            if is_shown || names.iter().any(is_open) {
                continue;
            }
            let params = ShowMessageParams {
                typ: MessageType::ERROR,
                message: message.trim_end().to_owned(),
            };
            self.send(Notification::new(ShowMessage::METHOD.to_owned(), params))?;
        }
        Ok(())
    }
}

pub(super) fn diagnostics_of(
    uri: &Uri,
    checked: &Checked,
    client: Client,
) -> Vec<lsp_types::Diagnostic> {
    let analysis = &checked.analysis;
    let findings = analysis.findings.iter();
    findings
        .map(|finding| diagnostic(finding, &analysis.source, uri, client))
        .collect()
}

/// Returns the ID of the request that a message cancels.
fn canceled(incoming: &Incoming) -> Option<RequestId> {
    match incoming {
        Incoming::Message(Message::Notification(it)) if it.method == "$/cancelRequest" => {
            serde_json::from_value(it.params.get("id")?.clone()).ok()
        }
        _ => None,
    }
}

pub(super) fn read<T: DeserializeOwned>(mut params: Value) -> Result<T, (ErrorCode, String)> {
    uri::encode_in(&mut params);
    serde_json::from_value(params).map_err(|error| (ErrorCode::InvalidParams, error.to_string()))
}
