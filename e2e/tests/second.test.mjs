// The second step in a browser: an authenticator app is set up, asked for at sign-in and for a fresh
// proof, a recovery code stands in, and the operator's reset is seen and stopped; on the real server,
// with the codes of the app computed here. Pictures go to the folder that LOOKS names.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { App } from "../support/app.mjs";
import { launch, looker, press, visitor } from "../support/browser.mjs";
import { letter, start } from "../support/server.mjs";

const binary = process.env.TIMEPROOF_BIN ?? new URL("../../target/debug/timeproof", import.meta.url).pathname;

let browser;
const look = looker("second");

before(async () => { browser = await launch(); });
after(() => browser?.close());

/** The code in the next letter that has one; what was changed is told by letters without. */
async function mailedCode(server, email) {
  for (;;) {
    const { code } = await letter(server, email);
    if (code) return code;
  }
}

async function signIn(page, server, email) {
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("E-mail").fill(email);
  await press(page, "Send me a code");
  await page.getByLabel("Code").fill(await mailedCode(server, email));
  await press(page, "Sign in");
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";

  test(`an authenticator app from its set-up to its removal, ${how}`, async () => {
    const server = await start([], [/Set up: (\S+)/]);
    const ada = "ada@kitchen.example";
    try {
      const enter = () => visitor(browser, { javaScriptEnabled });
      const page = await enter();
      await page.goto(server.found[0]);
      for (const [label, text] of [["Name of the workspace", "The kitchen"], ["Your name", "Ada Example"], ["Your e-mail", ada], ["Time zone", "Europe/Berlin"]]) await page.getByLabel(label).fill(text);
      await press(page, "Create it");
      await page.waitForURL(/\/today/);
      const root = page.url().replace(/\/today.*/, "");

      await page.goto(`${root}/security`);
      await look(page, "none");
      await page.getByLabel("Name of the app or device").fill("Ada’s phone");
      await press(page, "Set up an authenticator app");
      await page.getByRole("heading", { name: "Set up Ada’s phone" }).waitFor();
      await page.locator("#app-qr path").waitFor();
      await look(page, "set up");
      const app = new App(await page.locator("#app-secret").innerText());
      await page.locator("#code").fill("000000");
      await press(page, "Turn it on");
      await page.getByText("This is not the code of this app").waitFor();
      await look(page, "set up wrong");
      await page.locator("#code").fill(await app.code());
      await press(page, "Turn it on");
      await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
      const recovery = await page.locator("#code-list code").allInnerTexts();
      assert.equal(recovery.length, 10);
      await look(page, "codes");
      await page.getByRole("link", { name: "I have written them down" }).click();
      await page.getByText("10 of 10 are left").waitFor();
      await look(page, "on");

      // Another browser comes in by both steps.
      const guest = await enter();
      await signIn(guest, server, ada);
      await guest.getByRole("heading", { name: "One more step" }).waitFor();
      await look(guest, "asked");
      await guest.getByLabel("Code of the app").fill("000000");
      await press(guest, "Sign in");
      await guest.getByText("tries are left").waitFor();
      await look(guest, "asked wrong");
      await guest.getByLabel("Code of the app").fill(await app.code());
      await press(guest, "Sign in");
      await guest.waitForURL(/\/today/);

      // The operator announces a reset; it is seen and stopped.
      await promisify(execFile)(binary, ["recover", ada, "--data", server.data, "--port", String(server.port), "--log", "warn"]);
      await guest.goto(`${root}/security`);
      await guest.getByText("second step is about to be removed").waitFor();
      await look(guest, "reset");
      await press(guest, "Stop it");
      await guest.getByText("second step is about to be removed").waitFor({ state: "detached" });

      // A recovery code is as good, once.
      const third = await enter();
      await signIn(third, server, ada);
      await third.getByLabel("Code of the app").fill(recovery[0]);
      await press(third, "Sign in");
      await third.waitForURL(/\/today/);
      await third.goto(`${root}/security`);
      await third.getByText("9 of 10 are left").waitFor();
      await third.locator("li[id^=app-] button").click();
      await third.getByRole("button", { name: "Set up an authenticator app" }).waitFor();
      // Everywhere else one is signed out.
      await page.goto(`${root}/security`);
      await page.waitForURL(/sign-in/);
      for (const one of [page, guest, third]) assert.deepEqual(one.complaints.filter((text) => !/40[13]|422/.test(text)), []);
    } finally {
      await server.stop();
    }
  });
}
