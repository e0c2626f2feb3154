// The reports count bytes, and the editor counts UTF-16 code units.

// Returns a function from the byte offsets of a text to its UTF-16 offsets.
export function utf16Offsets(text) {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length === text.length) {
    return (offset) => offset;
  }
  const offsets = new Uint32Array(bytes.length + 1);
  let units = 0;
  for (let at = 0; at < bytes.length; at++) {
    offsets[at] = units;
    const isContinuation = (bytes[at] & 0xc0) === 0x80;
    if (!isContinuation) {
      units += bytes[at] >= 0xf0 ? 2 : 1;
    }
  }
  offsets[bytes.length] = units;
  return (offset) => offsets[Math.min(offset, bytes.length)];
}
