//! The requests of the client.

use std::path::{Path, PathBuf};

use lsp_server::{ErrorCode, Request};
use lsp_types::request::{
    CodeActionRequest, Completion, DocumentDiagnosticRequest, DocumentSymbolRequest, HoverRequest,
    Initialize, Request as _, Shutdown,
};
use lsp_types::{
    CodeActionParams, CompletionParams, DocumentDiagnosticParams, DocumentSymbolParams,
    FullDocumentDiagnosticReport, HoverParams, InitializeResult,
    RelatedFullDocumentDiagnosticReport, ServerInfo, Uri,
};
use serde_json::{Value, json};

use super::actions::Context;
use super::client::{Client, capabilities};
use super::diagnostics::SOURCE;
use super::document::{Checked, Document, configuration_texts, path_of};
use super::server::{Server, diagnostics_of, read};
use super::{completion, hover, symbols};
use crate::config::{CONFIG_NAME, read_found};
use crate::source::{Source, Span};

/// The answer to a request: its result, or why there is none.
pub(super) type Answer = Result<Value, (ErrorCode, String)>;

impl Server<'_> {
    pub(super) fn request(&mut self, request: Request) -> Answer {
        let method = request.method.as_str();
        if self.is_shut_down {
            let why = "the server is shut down".to_owned();
            return Err((ErrorCode::InvalidRequest, why));
        }
        let Some(client) = self.client else {
            return match method {
                Initialize::METHOD => to_json(self.initialize(&request.params)),
                _ => Err((
                    ErrorCode::ServerNotInitialized,
                    "not initialized".to_owned(),
                )),
            };
        };
        match method {
            Initialize::METHOD => {
                let why = "initialized already".to_owned();
                Err((ErrorCode::InvalidRequest, why))
            }
            Shutdown::METHOD => {
                self.is_shut_down = true;
                Ok(Value::Null)
            }
            DocumentDiagnosticRequest::METHOD => {
                let params: DocumentDiagnosticParams = read(request.params)?;
                self.diagnostics(&params.text_document.uri, client)
            }
            CodeActionRequest::METHOD => self.code_actions(&read(request.params)?, client),
            HoverRequest::METHOD => {
                let params: HoverParams = read(request.params)?;
                let place = params.text_document_position_params;
                let (_, checked) = self.check(&place.text_document.uri)?;
                let source = &checked.analysis.source;
                let offset = client.encoding.offset(source, place.position);
                to_json(hover::hover(checked, offset, client))
            }
            Completion::METHOD => {
                let params: CompletionParams = read(request.params)?;
                self.completion(&params, client)
            }
            DocumentSymbolRequest::METHOD => {
                let params: DocumentSymbolParams = read(request.params)?;
                let (document, checked) = self.check(&params.text_document.uri)?;
                to_json(symbols::symbols(document, checked, client))
            }
            _ => Err((
                ErrorCode::MethodNotFound,
                format!("unknown method {method}"),
            )),
        }
    }

    fn initialize(&mut self, params: &Value) -> InitializeResult {
        let client = Client::new(&params["capabilities"]);
        self.client = Some(client);
        let folders = params["workspaceFolders"].as_array();
        let uris = folders.into_iter().flatten().map(|folder| &folder["uri"]);
        let path = |uri: &Value| path_of(uri.as_str()?);
        self.folders = uris.filter_map(path).collect();
        // Clients without workspace folders have one root.
        if self.folders.is_empty() {
            self.folders.extend(path(&params["rootUri"]));
        }
        InitializeResult {
            capabilities: capabilities(client),
            server_info: Some(ServerInfo {
                name: SOURCE.to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        }
    }

    /// Returns an open document and what is found in it.
    pub(super) fn check(
        &mut self,
        uri: &Uri,
    ) -> Result<(&Document, &Checked), (ErrorCode, String)> {
        let unknown = || {
            (
                ErrorCode::InvalidParams,
                format!("{} is not open", uri.as_str()),
            )
        };
        let document = self.documents.get_mut(uri.as_str()).ok_or_else(unknown)?;
        document.check(&self.projects, &self.host.paths, (self.host.today)());
        let document = &*document;
        let checked = document.checked.as_ref().ok_or_else(unknown)?;
        Ok((document, checked))
    }

    fn diagnostics(&mut self, uri: &Uri, client: Client) -> Answer {
        let (_, checked) = self.check(uri)?;
        let report = FullDocumentDiagnosticReport {
            result_id: None,
            items: diagnostics_of(uri, checked, client),
        };
        to_json(lsp_types::DocumentDiagnosticReport::from(
            RelatedFullDocumentDiagnosticReport {
                related_documents: None,
                full_document_diagnostic_report: report,
            },
        ))
    }

    fn code_actions(&mut self, params: &CodeActionParams, client: Client) -> Answer {
        let uri = &params.text_document.uri;
        if !client.code_action_literals {
            return Ok(json!([]));
        }
        self.check(uri)?;
        let (document, checked) = self.known(uri)?;
        let source = &checked.analysis.source;
        let offset = |position| client.encoding.offset(source, position);
        let at = Span::new(offset(params.range.start), offset(params.range.end));
        let path = document.path.as_deref();
        let path = path.filter(|_| !document.is_configuration());
        let context = Context {
            document,
            checked,
            client,
            recheck: &|text| self.recheck(document, text),
            configuration: path.and_then(|path| self.configuration_for(path)),
            today: (self.host.today)(),
            only: params.context.only.as_deref(),
        };
        to_json(context.actions(at))
    }

    fn completion(&mut self, params: &CompletionParams, client: Client) -> Answer {
        let uri = &params.text_document_position.text_document.uri;
        self.check(uri)?;
        let (document, _) = self.known(uri)?;
        let source = Source::new(document.name.clone(), &*document.text);
        let position = params.text_document_position.position;
        let offset = client.encoding.offset(&source, position);
        let check = |text| self.recheck(document, text);
        to_json(completion::completion(&source, offset, client, &check))
    }

    /// Returns an open document that was checked already.
    fn known(&self, uri: &Uri) -> Result<(&Document, &Checked), (ErrorCode, String)> {
        let document = self.documents.get(uri.as_str());
        let known = document.and_then(|document| Some((document, document.checked.as_ref()?)));
        known.ok_or_else(|| {
            (
                ErrorCode::InvalidParams,
                format!("{} is not open", uri.as_str()),
            )
        })
    }

    fn recheck(&self, document: &Document, text: String) -> Checked {
        let today = (self.host.today)();
        document.analyze(text, &self.projects, &self.host.paths, today)
    }

    /// Returns the configuration that applies to a file, or where to create it: at the top of the workspace. With its
    /// text, which is `None` if it does not exist. A configuration that can't be read is no place for exceptions.
    fn configuration_for(&self, path: &Path) -> Option<(PathBuf, Option<String>)> {
        let mut open = configuration_texts(self.documents.values());
        for directory in path.ancestors().skip(1) {
            let configuration = directory.join(CONFIG_NAME);
            if let Some(text) = open.remove(&configuration) {
                return Some((configuration, Some(text)));
            }
            if configuration.symlink_metadata().is_ok() {
                let text = read_found(&configuration).ok()??;
                let text = String::from_utf8(text).ok()?;
                return Some((configuration, Some(text)));
            }
        }
        let folders = self.folders.iter();
        let above = folders.filter(|folder| path.starts_with(folder));
        let top = above.max_by_key(|folder| folder.components().count());
        let directory = top.map(PathBuf::as_path).or(path.parent())?;
        Some((directory.join(CONFIG_NAME), None))
    }
}

fn to_json(value: impl serde::Serialize) -> Answer {
    serde_json::to_value(value).map_err(|error| (ErrorCode::InternalError, error.to_string()))
}
