// The editor: CodeMirror with the colors of the page.

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { xml } from "@codemirror/lang-xml";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tagHighlighter, tags } from "@lezer/highlight";

const LANGUAGES = { json, xml, yaml };

const theme = EditorView.theme({
  "&": { color: "var(--text)" },
  ".cm-scroller": { fontFamily: "var(--mono)", fontSize: "0.875rem", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--muted)", borderRight: "1px solid var(--faint)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent) 8%, transparent)" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--accent) 30%, transparent)",
  },
  ".cm-tooltip": { backgroundColor: "var(--surface)", color: "var(--text)", border: "1px solid var(--border)", maxWidth: "min(36rem, 90vw)" },
  ".cm-diagnostic": { whiteSpace: "pre-line" },
  ".cm-diagnosticAction": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
});

const highlighter = tagHighlighter([
  { tag: [tags.propertyName, tags.tagName, tags.attributeName], class: "tok-key" },
  { tag: [tags.string, tags.content], class: "tok-string" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], class: "tok-number" },
  { tag: tags.comment, class: "tok-comment" },
]);

const tokens = EditorView.theme({
  ".tok-key": { color: "var(--key)" },
  ".tok-string": { color: "var(--string)" },
  ".tok-number": { color: "var(--number)" },
  ".tok-comment": { color: "var(--comment)", fontStyle: "italic" },
});

const setRules = StateEffect.define();

// The rules that were compared with a request, until the text changes.
const rules = StateField.define({
  create: () => Decoration.none,
  update(decorations, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(setRules)) {
        return effect.value;
      }
    }
    return transaction.docChanged ? Decoration.none : decorations;
  },
  provide: (field) => EditorView.decorations.from(field),
});

export class Editor {
  #language = new Compartment();
  #languageName = "";

  // `onChange` is called after each change of the text.
  constructor(parent, attributes, onChange) {
    this.view = new EditorView({
      parent,
      state: EditorState.create({
        extensions: [
          lineNumbers(),
          lintGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          highlightActiveLine(),
          EditorView.lineWrapping,
          syntaxHighlighting(highlighter),
          theme,
          tokens,
          rules,
          this.#language.of([]),
          EditorView.contentAttributes.of({ spellcheck: "false", tabindex: "0", ...attributes }),
          keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) {
              onChange();
            }
          }),
        ],
      }),
    });
  }

  get text() {
    return this.view.state.doc.toString();
  }

  // Replaces the text; it can be undone.
  set text(text) {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
  }

  set language(name) {
    if (name !== this.#languageName) {
      this.#languageName = name;
      const language = LANGUAGES[name];
      this.view.dispatch({ effects: this.#language.reconfigure(language ? language() : []) });
    }
  }

  set diagnostics(diagnostics) {
    this.view.dispatch(setDiagnostics(this.view.state, diagnostics));
  }

  // The version of the text, to tell whether positions are still right.
  get version() {
    return this.view.state.doc;
  }

  // Applies changes of a version of the text. Has no effect on another version.
  edit(changes, version) {
    if (version === this.version) {
      this.view.dispatch({ changes, userEvent: "input.fix" });
    }
  }

  // Selects a part of a version of the text.
  select(from, to, version) {
    if (version !== this.version) {
      return;
    }
    this.view.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    this.view.focus();
  }

  // Marks the lines of ranges, each with a class.
  mark(ranges) {
    const { doc } = this.view.state;
    const lines = new Map();
    for (const { from, to, name } of ranges) {
      const last = doc.lineAt(to).number;
      for (let line = doc.lineAt(from).number; line <= last; line++) {
        lines.set(doc.line(line).from, name);
      }
    }
    const sorted = [...lines].sort(([a], [b]) => a - b);
    const marks = sorted.map(([at, name]) => Decoration.line({ class: name }).range(at));
    const effects = [setRules.of(Decoration.set(marks))];
    if (ranges.length > 0) {
      effects.push(EditorView.scrollIntoView(ranges[0].from, { y: "center" }));
    }
    this.view.dispatch({ effects });
  }
}
