// A server of its own for each test file: the demo, in a temporary folder, on a free port.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export const binary = process.env.TIMEPROOF_BIN ?? new URL("../../target/debug/timeproof", import.meta.url).pathname;
const tp = process.env.TP_BIN ?? new URL("../../target/debug/tp", import.meta.url).pathname;

/** A program that has not done by then what it is waited for hangs. */
const PATIENCE_MS = 60_000;

/** What becomes of a program; one that hangs is killed, so that the tests end. */
function inTime(child, what, outcome) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${what} for a minute`));
    }, PATIENCE_MS);
  });
  return Promise.race([outcome, late]).finally(() => clearTimeout(timer));
}

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Starts `timeproof` with arguments; resolves once all of `wanted` (regular expressions) were printed. */
export async function start(args, wanted) {
  const data = await mkdtemp(join(tmpdir(), "timeproof-e2e-"));
  const port = await freePort();
  const child = spawn(binary, [...args, "--data", data, "--port", String(port), "--log", "warn"], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8");
  const found = await inTime(child, "timeproof said too little", new Promise((resolve, reject) => {
    child.stdout.on("data", (text) => {
      output += text;
      const matches = wanted.map((expression) => output.match(expression));
      if (matches.every(Boolean)) resolve(matches.map((match) => match[1]));
    });
    child.once("exit", (code) => reject(new Error(`timeproof ended with ${code}: ${output}`)));
  }));
  const stop = async () => {
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGTERM");
    await inTime(child, "timeproof did not stop", ended);
    await rm(data, { recursive: true, force: true });
  };
  return { url: `http://localhost:${port}`, port, data, child, found, stop, output: () => output, read: new Set() };
}

/** What a command of the operator prints; `secret` is that of the operator who gives it. */
export function command(server, args, secret = "") {
  const all = [...args, "--data", server.data, "--port", String(server.port), "--log", "warn"];
  const env = { ...process.env, TIMEPROOF_OPERATOR_SECRET: secret };
  return promisify(execFile)(binary, all, { env }).then(({ stdout }) => stdout);
}

/** An operator who has opened a run-book: their secret. */
const runBooks = new Map();
function runBook(server) {
  if (!runBooks.has(server.data)) {
    const opened = command(server, ["operator", "add", "Tests"]).then(async (said) => {
      const secret = said.match(/: (\S+)/)[1];
      await command(server, ["run-book", "open", "--as", "Tests", "--reason", "A test", "--ticket", "T-1"], secret);
    });
    runBooks.set(server.data, opened);
  }
  return runBooks.get(server.data);
}

/** A fresh link to sign in with, from the operator's command. */
export async function signInLink(server, email) {
  await runBook(server);
  const said = await command(server, ["link", email]);
  return said.match(/https?:\S+/)[0];
}

/** The demo with its sign-in link and token. */
export async function demo() {
  const server = await start(["demo"], [/Sign in: (\S+)/, /API token: (\S+)/]);
  const [link, token] = server.found;
  return { ...server, link, token };
}

/** The last letter to an address, from the folder that stands in for a mail server: its code and its link. */
export async function letter(server, email) {
  const folder = join(server.data, "mail");
  for (let tries = 0; tries < 100; tries += 1) {
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".txt")).sort();
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
    const text = texts.filter((one) => one.startsWith(`To: ${email}\n`) && !/^ {4}When: {5}/m.test(one) && !server.read.has(one)).at(-1);
    if (text) {
      server.read.add(text);
      return { code: text.match(/^\s*([A-Z0-9]{4}-[A-Z0-9]{4})\s*$/m)?.[1], link: text.match(/https?:\S+/)?.[0] };
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no letter to ${email}`);
}

/** `tp login`: the page to confirm it on, and what it says in the end. */
export async function tpLogin(server) {
  const folder = join(server.data, "tp");
  const child = spawn(tp, ["login", server.url], { env: { ...process.env, TP_CONFIG_DIR: folder }, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8");
  const ended = new Promise((done) => child.once("exit", done));
  const url = await inTime(child, "tp showed no code", new Promise((resolve, reject) => {
    child.stdout.on("data", (text) => {
      output += text;
      const found = output.match(/^Open {2}(\S+)\n.*code {2}(\S+)/m);
      if (found) resolve(found[1]);
    });
    child.once("exit", () => reject(new Error(`tp ended: ${output}`)));
  }));
  return { url, code: output.match(/code {2}(\S+)/)[1], finish: () => inTime(child, "tp did not end", ended).then((status) => ({ status, output })) };
}
