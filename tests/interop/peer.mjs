// A server built with Fedify: people pat and sam, what they say, and what they have heard.
// Driven by test_fedify.py through POST /control/… on its own port; environment: PORT, SCHEME.
import dns from "node:dns";
import http from "node:http";

// *.localhost is this machine, as browsers have it.
const lookUp = dns.lookup;
dns.lookup = (host, options, done) => {
  if (!host.endsWith(".localhost")) return lookUp(host, options, done);
  const answer = typeof options === "function" ? options : done;
  return options?.all
    ? answer(null, [{ address: "127.0.0.1", family: 4 }])
    : answer(null, "127.0.0.1", 4);
};

const { createFederation, generateCryptoKeyPair, MemoryKvStore, verifyObject } = await import(
  "@fedify/fedify"
);
const { Activity, Endpoints, Person } = await import("@fedify/vocab");

const port = Number(process.env.PORT);
const origin = `http://fedify.localhost:${port}`;
const heard = [];
const documents = new Map();
const keys = new Map();

const federation = createFederation({
  kv: new MemoryKvStore(),
  allowPrivateAddress: true,
  firstKnock: process.env.SCHEME,
});

federation
  .setActorDispatcher("/u/{identifier}", async (context, identifier) => {
    if (!["pat", "sam", "server"].includes(identifier)) return null;
    const pairs = await context.getActorKeyPairs(identifier);
    return new Person({
      id: context.getActorUri(identifier),
      preferredUsername: identifier,
      name: identifier,
      inbox: context.getInboxUri(identifier),
      endpoints: new Endpoints({ sharedInbox: context.getInboxUri() }),
      publicKey: pairs[0].cryptographicKey,
      assertionMethods: pairs.map((pair) => pair.multikey),
    });
  })
  .setKeyPairsDispatcher(async (_, identifier) => {
    if (!keys.has(identifier)) {
      keys.set(identifier, [
        await generateCryptoKeyPair("RSASSA-PKCS1-v1_5"),
        await generateCryptoKeyPair("Ed25519"),
      ]);
    }
    return keys.get(identifier);
  });

federation.setInboxListeners("/u/{identifier}/inbox", "/inbox").on(Activity, (_, activity) => {
  heard.push({ id: activity.id?.href, kind: activity.constructor.name });
});

const raw = new Map(); // what was posted, by id: the listener sees it parsed only

async function control(path, body, context) {
  if (path === "/control/heard") {
    const found = [];
    for (const { id, kind } of heard) {
      const { document, headers } = raw.get(id) ?? {};
      found.push({ kind, document, signed: headers?.["signature-input"] ? "rfc9421" : "cavage" });
    }
    return found;
  }
  if (path === "/control/proved") {
    const found = await verifyObject(Activity, body.document, {
      documentLoader: await context.getDocumentLoader({ identifier: "server" }),
      contextLoader: context.contextLoader,
    });
    return { proved: found !== null };
  }
  if (path === "/control/read") {
    const loader = await context.getDocumentLoader({ identifier: "pat" });
    const found = await context.lookupObject(body.id, { documentLoader: loader });
    return { kind: found?.constructor.name ?? null, name: found?.name?.toString() ?? null };
  }
  if (path === "/control/serve") {
    documents.set(new URL(body.id).pathname, body);
    return {};
  }
  if (path === "/control/say") {
    const loader = await context.getDocumentLoader({ identifier: body.by });
    const to = await context.lookupObject(body.to, { documentLoader: loader });
    const activity = await Activity.fromJsonLd(body.activity, {
      documentLoader: loader,
      contextLoader: context.contextLoader,
    });
    await context.sendActivity({ identifier: body.by }, to, activity, { immediate: true });
    return { to: to.id.href };
  }
  throw new Error(`nothing at ${path}`);
}

async function answer(request, response) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const body = Buffer.concat(pieces);
  const url = new URL(request.url, origin);
  const context = federation.createContext(new URL(origin), undefined);
  if (url.pathname.startsWith("/control/")) {
    const given = body.length ? JSON.parse(body.toString()) : {};
    const found = await control(url.pathname, given, context);
    response.writeHead(200, { "Content-Type": "application/json" });
    return response.end(JSON.stringify(found));
  }
  if (request.method === "GET" && documents.has(url.pathname)) {
    response.writeHead(200, { "Content-Type": "application/activity+json" });
    return response.end(JSON.stringify(documents.get(url.pathname)));
  }
  if (request.method === "POST") {
    try {
      const document = JSON.parse(body.toString());
      raw.set(document.id, { document, headers: request.headers });
    } catch {
      // Fedify says what is wrong with it.
    }
  }
  const headers = new Headers();
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    headers.append(request.rawHeaders[i], request.rawHeaders[i + 1]);
  }
  const asked = new Request(url, {
    method: request.method,
    headers,
    body: request.method === "POST" ? body : undefined,
  });
  const found = await federation.fetch(asked, { contextData: undefined });
  response.writeHead(found.status, Object.fromEntries(found.headers));
  response.end(Buffer.from(await found.arrayBuffer()));
}

http
  .createServer((request, response) => {
    answer(request, response).catch((error) => {
      response.writeHead(500, { "Content-Type": "text/plain" });
      response.end(String(error?.stack ?? error));
    });
  })
  .listen(port, "127.0.0.1", () => console.log(`listening at ${origin}`));
