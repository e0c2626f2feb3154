// Drives the page in Chromium, as its users do.
// usage: node tests/page.mjs CHROMIUM [DIRECTORY FOR SCREENSHOTS]

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { mkdirSync, readFileSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";

const [executablePath, screenshots] = process.argv.slice(2);
assert(executablePath, "usage: node tests/page.mjs CHROMIUM [DIRECTORY]");
if (screenshots) {
  mkdirSync(screenshots, { recursive: true });
}

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".wasm": "application/wasm" };
let isServing = true;
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  const path = join("dist", normalize(pathname === "/" ? "/index.html" : pathname));
  try {
    assert(isServing);
    const body = readFileSync(path);
    response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" });
    response.end(body);
  } catch {
    response.writeHead(404);
    response.end();
  }
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const origin = `http://localhost:${server.address().port}`;

const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

const problems = [];

// Opens the page. What it logs as an error, throws, or requests from elsewhere is a problem.
async function open(options = {}, path = "/") {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") {
      problems.push(message.text());
    }
  });
  page.on("pageerror", (error) => problems.push(error.stack));
  context.on("request", (request) => {
    if (!request.url().startsWith(`${origin}/`) && !request.url().startsWith("blob:")) {
      problems.push(`a request to ${request.url()}`);
    }
  });
  await page.goto(origin + path);
  await page.waitForSelector("html[data-ready]");
  return page;
}

const editorText = (page) => page.evaluate(() => document.querySelector("#editor .cm-content").cmTile?.view?.state.doc.toString() ?? document.querySelector("#editor .cm-content").innerText);

async function paste(page, text, selector = "#editor") {
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await page.click(`${selector} .cm-content`);
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Control+v");
  // The editor has changed, and the page has checked it.
  await page.waitForTimeout(400);
}

// Presses a key, and waits for the answer.
async function press(page, key) {
  await page.keyboard.press(key);
  await page.waitForTimeout(100);
}

const messages = (page) => page.locator("#list > li > p:first-child").allTextContents();

async function noViolations(page, what) {
  await page.evaluate(readFileSync("node_modules/axe-core/axe.min.js", "utf8"));
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join("\n")}`);
  assert.deepEqual(found, [], what);
}

const tutorial = readFileSync("../examples/tutorial.json", "utf8");
const uploads = readFileSync("../examples/uploads.json", "utf8");
const tests = {};

tests["the tutorial policy has findings in the list and in the text"] = async () => {
  const page = await open();
  await paste(page, tutorial);
  const found = await messages(page);
  assert(found.some((message) => message.includes("any website may send PUT and POST to this bucket")), found.join("\n"));
  assert((await page.locator("#editor .cm-lintRange-warning").count()) > 0);
  assert.equal(await page.textContent("#count"), `(${found.length})`);
  assert.equal(await page.textContent("#detected"), "JSON, S3");
};

tests["a fix changes the text and can be undone"] = async () => {
  const page = await open();
  await paste(page, uploads.replace('"PUT"]', '"PUT", "GET"]'));
  const before = await editorText(page);
  assert.equal((await messages(page)).length, 1, (await messages(page)).join("\n"));
  await page.click("button:has-text('Fix: ')");
  await page.waitForTimeout(400);
  assert.equal(await editorText(page), uploads);
  assert.equal((await messages(page)).length, 0, (await messages(page)).join("\n"));
  await page.click("#editor .cm-content");
  await page.keyboard.press("Control+z");
  await page.waitForTimeout(400);
  assert.equal(await editorText(page), before);
  await page.click("#fix-safe");
  await page.waitForTimeout(400);
  assert.equal((await messages(page)).length, 0);
  assert.match(await page.textContent("#summary"), /No findings/);
  assert.match(await page.textContent("#notice"), /Undo them/);
};

tests["a fix does not change a text that it was not made for"] = async () => {
  const page = await open();
  await paste(page, uploads.replace('"PUT"]', '"PUT", "GET"]'));
  const fix = page.locator("button:has-text('Fix: ')");
  await page.click("#editor .cm-content");
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("   ");
  // Within the time in which the text is not checked yet.
  await page.evaluate(() => document.querySelector("#list button:nth-child(2)").click());
  assert.equal(await editorText(page), `   ${uploads.replace('"PUT"]', '"PUT", "GET"]')}`);
  await page.waitForTimeout(400);
  await fix.click();
  await page.waitForTimeout(400);
  assert.equal(await editorText(page), `   ${uploads}`);
  assert.equal(await page.evaluate(() => document.activeElement.id), "summary");
};

tests["a lint is explained"] = async () => {
  const page = await open();
  await paste(page, tutorial);
  await page.click("button:has-text('Explain') >> nth=0");
  await page.waitForSelector("#explanation-text h1");
  assert((await page.textContent("#explanation-text h1")).length > 3);
  await noViolations(page, "the explanation");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("dialog[open]").count(), 0);
};

tests["a request is answered, and its rule is marked"] = async () => {
  const page = await open();
  await paste(page, uploads);
  await page.click("#tab-request");
  await page.fill("#origin", "https://evil.example");
  await page.fill("#method", "PUT");
  await press(page, "Enter");
  assert.match(await page.textContent("#answer .verdict"), /^refused: no rule allows PUT from https:\/\/evil\.example/);
  assert((await page.locator("#editor .cm-refused-rule").count()) > 0);
  const [allowed] = /https:\/\/[a-z.-]+/.exec(uploads);
  await page.fill("#origin", allowed);
  await page.click("#request-form button");
  await page.waitForTimeout(100);
  assert.match(await page.textContent("#answer .verdict"), /^allowed: rule 1/);
  assert((await page.locator("#editor .cm-allowed-rule").count()) > 0);
  assert.match(await page.textContent("#answer pre >> nth=1"), new RegExp(`Access-Control-Allow-Origin: ${allowed}`));
  // The answer follows the text, also while another tab is open.
  await page.click("#tab-findings");
  assert.equal(await page.locator("#editor .cm-allowed-rule").count(), 0);
  await page.click("#tab-request");
  await page.waitForTimeout(100);
  assert.match(await page.textContent("#answer .verdict"), /^allowed/);
  await paste(page, uploads.replaceAll('"PUT"', '"GET"'));
  assert.match(await page.textContent("#answer .verdict"), /^refused/);
  await page.fill("#origin", "https://acme.io/");
  await press(page, "Enter");
  assert.match(await page.textContent("#answer .verdict"), /no browser sends/);
  await page.fill("#method", "G T");
  await press(page, "Enter");
  assert.match(await page.textContent("#answer"), /not a method/);
  await noViolations(page, "the request");
};

tests["two policies are compared"] = async () => {
  const page = await open();
  await paste(page, tutorial);
  await page.click("#tab-compare");
  await paste(page, uploads, "#old-editor");
  assert.match(await page.textContent("#difference"), /Newly allowed.*any website/);
  await noViolations(page, "the comparison");
  await paste(page, tutorial, "#old-editor");
  assert.match(await page.textContent("#difference"), /No difference/);
  await paste(page, "nothing", "#old-editor");
  assert.match(await page.textContent("#difference"), /the old text: not a policy/);
  await paste(page, uploads, "#old-editor");
  await paste(page, uploads.replace("PUT", "PATCH"));
  assert.match(await page.textContent("#difference"), /warning: new.json: S3 does not accept this policy/);
};

tests["a link brings back the policy"] = async () => {
  const page = await open();
  const text = tutorial.replace("[", "[\n// émoji 😀\n");
  await paste(page, text);
  await page.selectOption("#provider", "s3");
  await page.click("#share");
  await page.waitForFunction(() => location.hash.startsWith("#p="));
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(link, page.url());
  const other = await open({}, link.slice(origin.length));
  await other.waitForTimeout(400);
  assert.equal(await editorText(other), await editorText(page));
  assert.equal(await other.inputValue("#provider"), "s3");
  const broken = await open({}, "/#p=AAAA");
  assert((await messages(broken)).length > 0, "a broken link shows the example");
  assert.match(await broken.textContent("#notice"), /link is broken/);
};

tests["all formats are recognized by their content"] = async () => {
  const page = await open();
  for (const [name, format] of [["Terraform", "Terraform, S3"], ["CloudFormation", "YAML, S3"], ["Google Cloud Storage", "JSON, GCS"]]) {
    await page.selectOption("#example", { label: name });
    await page.waitForTimeout(300);
    assert.equal(await page.textContent("#detected"), format);
  }
  await paste(page, "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>");
  assert.equal(await page.textContent("#detected"), "XML, S3");
  await paste(page, "hello");
  assert.match(await page.textContent("#summary"), /^Not a policy/);
  await paste(page, "[{");
  assert((await messages(page)).length + (await page.textContent("#summary")).length > 0);
};

tests["positions are right after characters of several bytes"] = async () => {
  const page = await open();
  await paste(page, '[{"ID": "é😀", "AllowedOrigins": ["https://acme.io/"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 600}]');
  const marked = await page.locator("#editor .cm-lintRange-error").allTextContents();
  assert.deepEqual(marked, ["/"]);
};

tests["everything works by keyboard"] = async () => {
  const page = await open();
  await paste(page, uploads);
  // Tab leaves the editor.
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.id), "tab-findings");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.evaluate(() => document.activeElement.id), "tab-request");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.id), "origin");
  await page.keyboard.type("https://evil.example");
  await press(page, "Enter");
  assert.match(await page.textContent("#answer .verdict"), /^refused/);
};

tests["it works offline after the first load"] = async () => {
  const page = await open();
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  isServing = false;
  await page.reload();
  await page.waitForSelector("html[data-ready]");
  await paste(page, tutorial);
  assert((await messages(page)).length > 0);
  isServing = true;
};

tests["typing in a 64 KB policy stays smooth"] = async () => {
  const page = await open();
  const origins = [];
  for (let index = 0; JSON.stringify(origins).length < 64_000; index++) {
    origins.push(`https://customer-${index}.acme.io${index % 20 === 0 ? "/" : ""}`);
  }
  const policy = JSON.stringify([{ AllowedOrigins: origins, AllowedMethods: ["GET"] }], null, 1);
  await paste(page, policy);
  await page.click("#editor .cm-content");
  await page.keyboard.press("Control+Home");
  const type = async (count) => {
    for (let index = 0; index < count; index++) {
      await page.keyboard.press(index % 2 === 0 ? "Space" : "Backspace");
      // Longer than the delay, so that each edit is checked.
      await page.waitForTimeout(220);
    }
  };
  await type(6);
  await page.evaluate(() => {
    window.longest = 0;
    window.tasks = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        window.longest = Math.max(window.longest, entry.duration);
      }
    });
    window.tasks.observe({ type: "long-animation-frame" });
  });
  await type(20);
  // The observer sees only frames of more than 50 ms.
  const longest = await page.evaluate(() => window.longest);
  console.log(`  64 KB: the longest frame while typing took ${longest === 0 ? "at most 50" : longest} ms`);
  assert(longest <= 50, `a frame took ${longest} ms`);
};

for (const width of [1280, 390]) {
  for (const colorScheme of ["light", "dark"]) {
    tests[`no violations at ${width} pixels, ${colorScheme}`] = async () => {
      const page = await open({ viewport: { width, height: 900 }, colorScheme });
      await noViolations(page, "the findings");
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(overflow, 0, "the page is wider than the window");
      if (screenshots) {
        await page.screenshot({ path: join(screenshots, `findings-${width}-${colorScheme}.png`), fullPage: true });
        await page.click("#tab-request");
        await page.fill("#origin", "https://app.acme.io");
        await press(page, "Enter");
        await page.screenshot({ path: join(screenshots, `request-${width}-${colorScheme}.png`), fullPage: true });
      }
    };
  }
}

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    await test();
    assert.deepEqual(problems, []);
    console.log(`ok: ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED: ${name}\n${error.stack}`);
  }
  problems.length = 0;
  for (const context of browser.contexts()) {
    await context.close();
  }
}
await browser.close();
server.close();
process.exit(failed === 0 ? 0 : 1);
