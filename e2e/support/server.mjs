// A server of its own for each test file: the demo, in a temporary folder, on a free port.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const binary = process.env.TIMEPROOF_BIN ?? new URL("../../target/debug/timeproof", import.meta.url).pathname;

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
  const found = await new Promise((resolve, reject) => {
    child.stdout.on("data", (text) => {
      output += text;
      const matches = wanted.map((expression) => output.match(expression));
      if (matches.every(Boolean)) resolve(matches.map((match) => match[1]));
    });
    child.once("exit", (code) => reject(new Error(`timeproof ended with ${code}: ${output}`)));
  });
  const stop = async () => {
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGTERM");
    await ended;
    await rm(data, { recursive: true, force: true });
  };
  return { url: `http://localhost:${port}`, port, data, child, found, stop, output: () => output };
}

/** A fresh link to sign in with, from the operator's command. */
export function signInLink(server, email) {
  const args = ["link", email, "--data", server.data, "--port", String(server.port), "--log", "warn"];
  return promisify(execFile)(binary, args).then(({ stdout }) => stdout.match(/https?:\S+/)[0]);
}

/** The demo with its sign-in link and token. */
export async function demo() {
  const server = await start(["demo"], [/Sign in: (\S+)/, /API token: (\S+)/]);
  const [link, token] = server.found;
  return { ...server, link, token };
}
