//! What the client can do, and what the server does for it.

use lsp_types::{
    ClientCapabilities, CodeActionKind, CodeActionOptions, CodeActionProviderCapability,
    CompletionOptions, DiagnosticOptions, DiagnosticServerCapabilities, DiagnosticTag,
    HoverProviderCapability, OneOf, PositionEncodingKind, ResourceOperationKind,
    ServerCapabilities, TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
    WorkspaceFoldersServerCapabilities, WorkspaceServerCapabilities,
};

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
    pub(super) fn new(capabilities: &ClientCapabilities) -> Client {
        let general = capabilities.general.as_ref();
        let encodings = general.and_then(|general| general.position_encodings.as_ref());
        let has_utf8 = encodings.is_some_and(|all| all.contains(&PositionEncodingKind::UTF8));
        let text = capabilities.text_document.as_ref();
        let publish = text.and_then(|text| text.publish_diagnostics.as_ref());
        let tags = publish.and_then(|publish| publish.tag_support.as_ref());
        let workspace = capabilities.workspace.as_ref();
        let edits = workspace.and_then(|workspace| workspace.workspace_edit.as_ref());
        let operations = edits.and_then(|edits| edits.resource_operations.as_ref());
        let watched = workspace.and_then(|it| it.did_change_watched_files.as_ref());
        let diagnostic = workspace.and_then(|workspace| workspace.diagnostic.as_ref());
        let symbols = text.and_then(|text| text.document_symbol.as_ref());
        let actions = text.and_then(|text| text.code_action.as_ref());
        Client {
            encoding: match has_utf8 {
                true => Encoding::Utf8,
                false => Encoding::Utf16,
            },
            related_information: publish.is_some_and(|it| it.related_information == Some(true)),
            code_description: publish.is_some_and(|it| it.code_description_support == Some(true)),
            unnecessary_tag: tags
                .is_some_and(|tags| tags.value_set.contains(&DiagnosticTag::UNNECESSARY)),
            pulls_diagnostics: text.is_some_and(|text| text.diagnostic.is_some()),
            refreshes_diagnostics: diagnostic.is_some_and(|it| it.refresh_support == Some(true)),
            watches_files: watched.is_some_and(|it| it.dynamic_registration == Some(true)),
            code_action_literals: actions
                .is_some_and(|actions| actions.code_action_literal_support.is_some()),
            creates_files: operations
                .is_some_and(|all| all.contains(&ResourceOperationKind::Create))
                && edits.is_some_and(|edits| edits.document_changes == Some(true)),
            symbol_tree: symbols
                .is_some_and(|it| it.hierarchical_document_symbol_support == Some(true)),
        }
    }
}

/// What the server can do for a client.
pub(super) fn capabilities(client: Client) -> ServerCapabilities {
    let kinds = vec![CodeActionKind::QUICKFIX, CodeActionKind::new(FIX_ALL)];
    let diagnostics = DiagnosticServerCapabilities::Options(DiagnosticOptions {
        identifier: Some(SOURCE.to_owned()),
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
