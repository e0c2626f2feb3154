// Small helpers. Text is only ever set as text, so a policy can't add markup.

export const byId = (id) => document.getElementById(id);

export function element(name, properties = {}, ...children) {
  const created = Object.assign(document.createElement(name), properties);
  created.append(...children.filter((child) => child !== null));
  return created;
}
