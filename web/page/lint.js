// The functions of the WebAssembly module, which run in a worker.

const worker = new Worker("worker.js", { type: "module" });
const waiting = new Map();
let last = 0;

worker.addEventListener("message", ({ data: { id, ...answer } }) => {
  waiting.get(id)(answer);
  waiting.delete(id);
});
worker.addEventListener("error", ({ message }) => {
  for (const answer of waiting.values()) {
    answer({ error: `this browser can't run the checks: ${message}` });
  }
  waiting.clear();
});

// Calls a function of the module. The answer has a `result` or an `error`.
export function call(name, ...values) {
  last += 1;
  const id = last;
  worker.postMessage({ id, name, values });
  return new Promise((answer) => waiting.set(id, answer));
}

// Calls a function that returns JSON. If it fails, the `error` is the only member.
export async function callJson(name, ...values) {
  const { result, error } = await call(name, ...values);
  return error === undefined ? JSON.parse(result) : { error };
}
