// The site is made of the Markdown files of the repository, where they are. The build fails on a broken link.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";

const root = join(import.meta.dirname, "../..");
const repository = "https://github.com/corslint/corslint";
const blob = `${repository}/blob/main/`;

const titled = (path) => ({
  text: /^# (.*)$/m.exec(readFileSync(join(root, path), "utf8"))[1],
  link: `/${path}`,
});
const pagesOf = (folder) => readdirSync(join(root, folder)).filter((file) => file.endsWith(".md")).sort().map((file) => titled(`${folder}/${file}`));
const isPage = (path) => path === "README.md" || path === "CHANGELOG.md" || (/^(docs|lints)\/[^/]*\.md$/.test(path) && existsSync(join(root, path)));

// Links to files that are no pages lead to the repository, and links to the repository's pages to those of the site.
function link(href, page) {
  if (href.startsWith("#") || (/^[a-z]+:/.test(href) && !href.startsWith(blob))) {
    return href;
  }
  const [target, fragment] = href.split("#");
  const path = target.startsWith(blob) ? target.slice(blob.length) : join(dirname(page), target);
  if (!existsSync(join(root, path))) {
    throw new Error(`${page}: broken link to ${href}`);
  }
  if (!isPage(path)) {
    return blob + path;
  }
  const site = path === "README.md" ? "/" : `/${path}`;
  return fragment === undefined ? site : `${site}#${fragment}`;
}

export default defineConfig({
  srcDir: "..",
  srcExclude: ["**/node_modules/**", "target/**", "tests/**", "web/**", "site/**", "fuzz/**", "editors/**", "examples/**", "benches/**", "schema/**", "packaging/**", "CONTRIBUTING.md"],
  outDir: "dist",
  rewrites: { "README.md": "index.md" },
  base: process.env.SITE_BASE ?? "/corslint/",
  title: "corslint",
  description: "The linter for the CORS policies of storage buckets",
  lastUpdated: false,
  markdown: {
    // Nothing is meant as HTML: `<LINT>` is a placeholder.
    html: false,
    languageAlias: { console: "shellsession" },
    config(md) {
      md.core.ruler.push("repository-links", ({ tokens, env }) => {
        const page = relative(root, env.realPath ?? env.path);
        for (const token of tokens.flatMap((token) => token.children ?? [])) {
          if (token.type === "link_open") {
            token.attrSet("href", link(token.attrGet("href"), page));
          }
        }
      });
    },
  },
  // The pages are outside of this folder, and would not find it.
  vite: {
    resolve: {
      alias: {
        "vue/server-renderer": fileURLToPath(import.meta.resolve("vue/server-renderer")),
        vue: fileURLToPath(import.meta.resolve("vue")),
      },
    },
  },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    socialLinks: [{ icon: "github", link: repository }],
    nav: [
      { text: "Guide", link: "/" },
      { text: "Lints", link: "/lints/wildcard_origin" },
      { text: "Try it", link: "https://corslint.github.io/corslint/try/" },
      { text: "Changelog", link: "/CHANGELOG" },
    ],
    sidebar: [
      { text: "Guide", items: [{ text: "Introduction", link: "/" }, ...pagesOf("docs").filter(({ link }) => link !== "/docs/releasing.md")] },
      { text: "Lints", items: pagesOf("lints") },
    ],
  },
});
