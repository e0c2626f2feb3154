// Links carry the text in their fragment, which browsers do not send to servers.

const PREFIX = "#p=";

async function through(bytes, stream) {
  const readable = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(readable).arrayBuffer());
}

export async function toFragment(state) {
  const bytes = new TextEncoder().encode(JSON.stringify(state));
  const compressed = await through(bytes, new CompressionStream("deflate-raw"));
  let binary = "";
  for (const byte of compressed) {
    binary += String.fromCharCode(byte);
  }
  return PREFIX + btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// The size at which a link is taken for broken: a small text can unpack to a very large one.
const MAX_BYTES = 10_000_000;

// Returns the state of a link; `null` if the fragment is none, or is broken.
export async function fromFragment(fragment) {
  if (!fragment.startsWith(PREFIX)) {
    return null;
  }
  try {
    const binary = atob(fragment.slice(PREFIX.length).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
    const parts = [];
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        break;
      }
      size += value.length;
      if (size > MAX_BYTES) {
        await reader.cancel();
        return null;
      }
      parts.push(value);
    }
    const state = JSON.parse(await new Blob(parts).text());
    return typeof state === "object" && state !== null ? state : null;
  } catch {
    return null;
  }
}
