// One's account: a server that is set up, signing in by mail, and with a password; with the letters of the
// folder that stands in for a mail server.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { press } from "./browser.mjs";
import { binary, letter, start } from "./server.mjs";

/** Who sets a server up. */
export const ADA = "ada@kitchen.example";

/** A server that nobody has set up yet. */
export const empty = (args = []) => start(args, [/Set up: (\S+)/]);

/** Sets a server up in a page, whose owner is signed in then; the address of the workspace. */
export async function setUp(page, server) {
  await page.goto(server.found[0]);
  for (const [label, text] of [["Name of the workspace", "The kitchen"], ["Your name", "Ada Example"], ["Your e-mail", ADA], ["Time zone", "Europe/Berlin"]]) await page.getByLabel(label).fill(text);
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
