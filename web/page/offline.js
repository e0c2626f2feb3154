// Keeps the files of the page, so that it works offline after the first visit.

const CACHE = "corslint-BUILD";
const FILES = ["./", ...FILE_NAMES];

// All files are of one version: none comes from the cache of the browser.
addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })))).then(() => self.skipWaiting()));
});

addEventListener("activate", (event) => {
  const removed = async () => {
    const names = await caches.keys();
    // Other pages of this origin have caches, too.
    const outdated = names.filter((name) => name.startsWith("corslint-") && name !== CACHE);
    await Promise.all(outdated.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(removed());
});

addEventListener("fetch", (event) => {
  if (event.request.method === "GET" && new URL(event.request.url).origin === location.origin) {
    const cached = caches.open(CACHE).then((cache) => cache.match(event.request, { ignoreSearch: true }));
    event.respondWith(cached.then((found) => found ?? fetch(event.request)));
  }
});
