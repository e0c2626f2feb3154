//! What the client can do, and what the server does for it.

use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CompletionOptions,
    DiagnosticOptions, DiagnosticServerCapabilities, DiagnosticTag, HoverProviderCapability, OneOf,
    PositionEncodingKind, ServerCapabilities, TextDocumentSyncCapability, TextDocumentSyncKind,
    TextDocumentSyncOptions, WorkspaceFoldersServerCapabilities, WorkspaceServerCapabilities,
};
use serde_json::{Value, json};

use super::actions::FIX_ALL;
use super::diagnostics::SOURCE;
use super::position::Encoding;

/// The capabilities of the client that matter here.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools)]
pub(super) struct Client {
    pub(super) encoding: Encoding,
    /// Shows other places that explain a diagnostic.
    pub(super) related_information: bool,
    /// Shows the code of a diagnostic as a link.
    pub(super) code_description: bool,
    /// Shows what is unnecessary in another color.
    pub(super) unnecessary_tag: bool,
    /// Asks for diagnostics.
    pub(super) pulls_diagnostics: bool,
    /// Asks for all diagnostics again if the server says so.
    pub(super) refreshes_diagnostics: bool,
    /// Watches files if the server says so.
    pub(super) watches_files: bool,
    /// Understands code actions with edits.
    pub(super) code_action_literals: bool,
    /// Creates files in an edit.
    pub(super) creates_files: bool,
    /// Understands symbols with children.
    pub(super) symbol_tree: bool,
}

impl Client {
    /// Reads capabilities. Each is read on its own, so that a value that is unknown here disables nothing else.
    pub(super) fn new(capabilities: &Value) -> Client {
        let at = |pointer: &str| capabilities.pointer(pointer);
        let is_set = |pointer: &str| at(pointer) == Some(&Value::Bool(true));
        let has = |pointer: &str, wanted: Value| {
            let list = at(pointer).and_then(Value::as_array);
            list.is_some_and(|list| list.contains(&wanted))
        };
        let publish = "/textDocument/publishDiagnostics";
        let edits = "/workspace/workspaceEdit";
        Client {
            encoding: match has("/general/positionEncodings", json!("utf-8")) {
                true => Encoding::Utf8,
                false => Encoding::Utf16,
            },
            related_information: is_set(&format!("{publish}/relatedInformation")),
            code_description: is_set(&format!("{publish}/codeDescriptionSupport")),
            unnecessary_tag: has(
                &format!("{publish}/tagSupport/valueSet"),
                json!(DiagnosticTag::UNNECESSARY),
            ),
            pulls_diagnostics: at("/textDocument/diagnostic").is_some_and(Value::is_object),
            // The second name was the one of drafts of the protocol.
            refreshes_diagnostics: is_set("/workspace/diagnostics/refreshSupport")
                || is_set("/workspace/diagnostic/refreshSupport"),
            watches_files: is_set("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            code_action_literals: at("/textDocument/codeAction/codeActionLiteralSupport")
                .is_some_and(Value::is_object),
            creates_files: has(&format!("{edits}/resourceOperations"), json!("create"))
                && is_set(&format!("{edits}/documentChanges")),
            symbol_tree: is_set("/textDocument/documentSymbol/hierarchicalDocumentSymbolSupport"),
        }
    }
}

/// What the server can do for a client.
pub(super) fn capabilities(client: Client) -> ServerCapabilities {
    let kinds = vec![CodeActionKind::QUICKFIX, CodeActionKind::new(FIX_ALL)];
    let diagnostics = DiagnosticServerCapabilities::Options(DiagnosticOptions {
        identifier: Some(SOURCE.to_owned()),
        // A configuration is a file too.
        inter_file_dependencies: true,
        ..DiagnosticOptions::default()
    });
    ServerCapabilities {
        position_encoding: Some(match client.encoding {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
        }),
        text_document_sync: Some(TextDocumentSyncCapability::Options(
            TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::FULL),
                save: Some(true.into()),
                ..TextDocumentSyncOptions::default()
            },
        )),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(kinds),
            ..CodeActionOptions::default()
        })),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(["\"", "'", "<"].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        diagnostic_provider: client.pulls_diagnostics.then_some(diagnostics),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(OneOf::Left(true)),
            }),
            file_operations: None,
        }),
        ..ServerCapabilities::default()
    }
}
