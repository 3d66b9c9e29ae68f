// One's account: a server that is set up, signing in by mail, and with a password; with the letters of the
// folder that stands in for a mail server.
import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { press } from "./browser.mjs";
import { binary, letter, start } from "./server.mjs";

/** Who sets a server up. */
export const ADA = "ada@kitchen.example";

/** A server that nobody has set up yet. */
export const empty = (args = []) => start(args, [/Set up: (\S+)/]);

/** Sets a server up in a page, whose owner is signed in then; the address of the workspace. */
export async function setUp(page, server, { link = server.found[0], workspace = "The kitchen", name = "Ada Example", email = ADA } = {}) {
  await page.goto(link);
  for (const [label, text] of [["Name of the workspace", workspace], ["Your name", name], ["Your e-mail", email], ["Time zone", "Europe/Berlin"]]) await page.getByLabel(label).fill(text);
  await press(page, "Create it");
  await page.waitForURL(/\/today/);
  return page.url().replace(/\/today.*/, "");
}

/** The code in the next letter that has one; what was changed is told by letters without. */
export async function mailedCode(server, email = ADA) {
  for (;;) {
    const { code } = await letter(server, email);
    if (code) return code;
  }
}

/** Shows the mailbox as the first factor: what comes next is the caller's. */
export async function byMail(page, server, email = ADA) {
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("E-mail").fill(email);
  await press(page, "Send me a code");
  await page.getByLabel("Code").fill(await mailedCode(server, email));
  await press(page, "Sign in");
}

/** Signs in with a code from a mail. */
export async function signInByMail(page, server, email = ADA) {
  await byMail(page, server, email);
  await page.waitForURL(/\/today/);
}

/** The sign-in page, with the field of the password. */
export async function openPassword(page, server, email = ADA) {
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByText("Sign in with a password").click();
}

/** A command of the operator, beside a server that runs. */
export const operate = (server, ...args) => promisify(execFile)(binary, [...args, "--data", server.data, "--port", String(server.port), "--log", "warn"]);

/** The link to a page in the last letter to an address, also in one that tells what happened. */
export async function linkIn(server, email, page) {
  const folder = join(server.data, "mail");
  for (let tries = 0; tries < 100; tries += 1) {
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".txt")).sort();
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
    const link = texts.filter((one) => one.startsWith(`To: ${email}\n`)).map((one) => one.match(new RegExp(`https?:\\S+/${page}/\\S+`))?.[0]).filter(Boolean).at(-1);
    if (link) return link;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no letter to ${email} with ${page}`);
}
