// "Would this request be allowed?": the preflight, the response, and the rule that decides.

import { byId, element } from "./dom.js";

const list = (name, values, separator = ", ") => (values === null || values.length === 0 ? null : `${name}: ${values.join(separator)}`);

const REASONS = { undocumented: "undocumented", computed: "computed", invalid: "invalid in this policy" };

// The headers of the preflight as the browser sends them.
function preflight(request) {
  const lines = [
    "OPTIONS /object HTTP/1.1",
    `Origin: ${request.origin}`,
    `Access-Control-Request-Method: ${request.method}`,
    list("Access-Control-Request-Headers", request.headers.map((name) => name.toLowerCase()).sort(), ","),
  ];
  return lines.filter((line) => line !== null).join("\n");
}

function response(found) {
  if (found === null) {
    return "no Access-Control headers: the browser blocks the request";
  }
  const unknown = found.unknown.map(([name, why]) => `${header(name)}: (${REASONS[why] ?? why})`);
  const lines = [
    found.allow_origin === null ? null : `Access-Control-Allow-Origin: ${found.allow_origin}`,
    found.allow_credentials ? "Access-Control-Allow-Credentials: true" : null,
    list("Access-Control-Allow-Methods", found.allow_methods),
    list("Access-Control-Allow-Headers", found.allow_headers),
    list("Access-Control-Expose-Headers", found.expose_headers),
    found.max_age === null ? null : `Access-Control-Max-Age: ${found.max_age}`,
    ...unknown,
  ];
  return lines.filter((line) => line !== null).join("\n");
}

const header = (name) => `Access-Control-${name.split("_").map((word) => word[0].toUpperCase() + word.slice(1)).join("-")}`;

function verdict(policy, request) {
  if (request.not_sent !== null) {
    return `refused: no browser sends this origin: ${request.not_sent}`;
  }
  const ask = `${request.method} from ${request.origin}`;
  switch (policy.decision) {
    case "allowed":
      return `allowed: rule ${policy.rules.at(-1).rule} allows ${ask}`;
    case "unknown":
      return `unknown: ${ask} may or may not be allowed`;
    case "rejected":
      return `rejected: the provider does not accept this policy, so nothing is allowed (see Findings); as it is meant, the request would be ${policy.if_accepted}`;
    default:
      return `refused: no rule allows ${ask}`;
  }
}

// Removes the answer.
export function clear(editor) {
  byId("answer").replaceChildren();
  editor.mark([]);
}

// Shows what a bucket does with a request, or an error.
export function show(answer, offset, editor) {
  const target = byId("answer");
  if (answer.error !== undefined) {
    target.replaceChildren(element("p", { className: "verdict refused", textContent: answer.error }));
    editor.mark([]);
    return;
  }
  const { request, policies } = answer.report;
  const isSent = request.not_sent === null;
  const marks = [];
  const parts = policies.flatMap((policy, index) => {
    const decision = policy.if_accepted ?? policy.decision;
    for (const [at, rule] of policy.rules.entries()) {
      const range = answer.rules[index][rule.rule - 1];
      const decides = decision === "allowed" && at === policy.rules.length - 1;
      if (decides || decision !== "allowed") {
        const name = decides ? "cm-allowed-rule" : "cm-refused-rule";
        marks.push({ from: offset(range.start), to: offset(range.end), name });
      }
    }
    const rules = policy.rules.map((rule) => element("li", { textContent: `rule ${rule.rule}, line ${rule.line}: ${rule.explanation}` }));
    const parts = [
      policy.address === null ? null : element("h3", { textContent: policy.address }),
      element("p", { className: `verdict ${policy.decision}`, textContent: verdict(policy, request) }),
      rules.length > 0 ? element("ul", {}, ...rules) : null,
    ];
    if (isSent) {
      parts.push(
        element("h3", { textContent: "Preflight" }),
        element("pre", { textContent: preflight(request), tabIndex: 0 }),
        element("h3", { textContent: policy.decision === "rejected" ? "Response, if the policy were accepted" : "Response" }),
        element("pre", { textContent: response(policy.response), tabIndex: 0 }),
      );
    }
    return parts;
  });
  const isSimple = isSent && ["GET", "HEAD", "POST"].includes(request.method) && request.headers.length === 0;
  const simple = "browsers may send such a request without a preflight; the bucket decides in the same way, by its rules";
  const notes = [...request.notes, ...(isSimple ? [simple] : [])].map((note) => element("p", { className: "help", textContent: `note: ${note}` }));
  target.replaceChildren(...notes, ...parts.filter((part) => part !== null));
  editor.mark(marks);
}
