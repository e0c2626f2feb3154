// What a changed policy allows that the old one refused, and the reverse.

import { byId, element } from "./dom.js";

const example = ({ method, origin, headers }) => `such as ${method} from ${origin}${headers.length > 0 ? ` with ${headers.join(", ")}` : ""}`;

function section(title, name, requests) {
  if (requests.length === 0) {
    return [];
  }
  const items = requests.map((it) => element("li", {}, it.text, element("br"), element("span", { className: "help", textContent: `${example(it.example)}; rule ${it.rule.number}` })));
  return [element("h3", { className: name, textContent: title }), element("ul", {}, ...items)];
}

// Shows how two policies differ, or an error.
export function show(compared) {
  const target = byId("difference");
  if (compared === null) {
    target.replaceChildren();
    return;
  }
  if (compared.error !== undefined) {
    target.replaceChildren(element("p", { className: "verdict refused", textContent: compared.error }));
    return;
  }
  const parts = compared.report.policies.flatMap((policy) => [
    policy.new?.address || policy.old?.address ? element("h3", { textContent: policy.new?.address || policy.old?.address }) : null,
    ...section("Newly allowed", "refused", policy.newly_allowed),
    ...section("No longer allowed", "allowed", policy.no_longer_allowed),
    ...section("Changed responses to requests still allowed", "", policy.changed),
  ]);
  const none = element("p", { className: "verdict allowed", textContent: "No difference: both allow the same requests." });
  const warnings = compared.warnings.map((warning) => element("p", { className: "verdict unknown", textContent: `warning: ${warning}` }));
  target.replaceChildren(...warnings, ...(parts.length > 0 ? parts.filter((part) => part !== null) : [none]));
}
