// Runs the functions of the WebAssembly module outside of the page's thread, so that a long text does not stop the typing.

import init, * as lint from "../dist/module/corslint_web.js";

const ready = init({ module_or_path: "corslint_web_bg.wasm" });

// Calls a function. Its error is a sentence, or an error of the program.
async function call(name, values) {
  try {
    await ready;
    return { result: lint[name](...values) };
  } catch (error) {
    return { error: typeof error === "string" ? error : `internal error: ${error}` };
  }
}

addEventListener("message", async ({ data: { id, name, values } }) => {
  postMessage({ id, ...(await call(name, values)) });
});
