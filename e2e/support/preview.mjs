// Serves the sample pages that `cargo test -p server --test pages` writes, under the product's own
// content security policy, with just enough of a server behind them to try the behaviours.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";

const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".txt": "text/plain" };
const POLICY = "default-src 'none'; script-src 'nonce-bm9uY2U'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'";

export class Preview {
  streams = new Set();
  posts = [];
  /** What the next posts are answered with: a status and a page, or 303 and an address. */
  answer = null;
  /** Pages by address that stand in for the written ones. */
  pages = new Map();

  constructor(folder) {
    this.folder = folder;
    this.server = http.createServer((request, response) => this.serve(request, response));
  }

  async listen() {
    await new Promise((done) => this.server.listen(0, "127.0.0.1", done));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** The names of all pages. */
  names() {
    return fs.readdirSync(this.folder).filter((name) => name.endsWith(".html")).map((name) => name.slice(0, -5));
  }

  read(name) {
    return fs.readFileSync(path.join(this.folder, `${name}.html`), "utf8");
  }

  /** Says something to every open page. */
  emit(event) {
    for (const stream of this.streams) stream.write(`event: ${event}\ndata: 1\n\n`);
  }

  async serve(request, response) {
    let body = "";
    for await (const part of request) body += part;
    const { pathname } = new URL(request.url, "http://preview");
    const html = (text, status = 200) => {
      response.writeHead(status, { "content-type": TYPES[".html"], "content-security-policy": POLICY });
      response.end(text);
    };
    if (pathname.endsWith("/live")) return this.stream(response);
    if (pathname.endsWith("/quick-entry/read")) return read(response, JSON.parse(body));
    // What a device is to be asked, as soon as a page opens that takes passkeys: nothing here.
    if (pathname.endsWith("/options")) {
      response.writeHead(200, { "content-type": "application/json" });
      return response.end(JSON.stringify({ problem: "Nothing is asked here." }));
    }
    if (request.method === "POST") {
      this.posts.push([pathname, body]);
      if (!this.answer) return html("<h1>Something went wrong here</h1>", 500);
      const [status, page] = this.answer;
      if (status === 303) return response.writeHead(303, { location: page }).end();
      return html(this.read(page), status);
    }
    if (this.pages.has(pathname)) return html(this.pages.get(pathname));
    const entry = pathname.match(/\/entries\/([^/]+)\/edit$/);
    if (entry) return html(this.read("entry").replaceAll("entry-e2", `entry-${entry[1]}`));
    const name = pathname.startsWith("/w/") ? `${pathname.split("/")[3]}.html` : pathname;
    const file = path.join(this.folder, path.normalize(`/${name}`));
    if (!fs.existsSync(file) || fs.statSync(file).isDirectory()) return html("<h1>This page is not here</h1>", 404);
    if (file.endsWith(".html")) return html(fs.readFileSync(file));
    response.writeHead(200, { "content-type": TYPES[path.extname(file)] ?? "text/plain" });
    return response.end(fs.readFileSync(file));
  }

  stream(response) {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(": open\n\n");
    this.streams.add(response);
    response.on("close", () => this.streams.delete(response));
  }
}

/** Reads a line as simply as the tests need. */
function read(response, { text }) {
  const hasTime = /\d:\d\d/.test(text);
  const wanted = text.match(/@(\w*)$/);
  const offers = wanted ? ["northwind/planning", "northwind/dashboards"] : [];
  const completions = offers.map((name) => {
    const line = `${text.slice(0, wanted.index)}@${name} `;
    return { label: name.replace("/", " ▸ "), text: line, cursor: [...line].length };
  });
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({
    echo: hasTime ? "= 1 h 30 min" : "", note: text, project_id: null, task_id: null, target: null,
    tags: [], billable: null, day: null, duration_s: hasTime ? 5400 : null, unknown: [], problem: null, completions,
  }));
}
