// The second step in a browser: an authenticator app is set up, asked for at sign-in and for a fresh
// proof, a recovery code stands in, and the operator's reset is seen and stopped; on the real server,
// with the codes of the app computed here. Pictures go to the folder that LOOKS names.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { ADA, byMail, empty, operate, setUp } from "../support/account.mjs";
import { App } from "../support/app.mjs";
import { launch, looker, press, visitor } from "../support/browser.mjs";

let browser;
const look = looker("second");

before(async () => { browser = await launch(); });
after(() => browser?.close());

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";

  test(`an authenticator app from its set-up to its removal, ${how}`, async () => {
    const server = await empty();
    try {
      const enter = () => visitor(browser, { javaScriptEnabled });
      const page = await enter();
      const root = await setUp(page, server);

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
      if (javaScriptEnabled) {
        await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
        await press(page, "Copy");
        await page.getByRole("button", { name: "Copied" }).waitFor();
        assert.equal(await page.evaluate(() => navigator.clipboard.readText()), recovery.join("\n"));
        const [file] = await Promise.all([page.waitForEvent("download"), press(page, "Save as a file")]);
        assert.equal(file.suggestedFilename(), "timeproof-recovery-codes.txt");
        assert.equal(await readFile(await file.path(), "utf8"), `${recovery.join("\n")}\n`);
      }
      await page.getByRole("link", { name: "I have written them down" }).click();
      await page.getByText("10 of 10 are left").waitFor();
      await look(page, "on");

      // Another browser comes in by both steps.
      const guest = await enter();
      await byMail(guest, server);
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
      await operate(server, "recover", ADA);
      await guest.goto(`${root}/security`);
      await guest.getByText("second step is about to be removed").waitFor();
      await look(guest, "reset");
      await press(guest, "Stop it");
      await guest.getByText("second step is about to be removed").waitFor({ state: "detached" });

      // A recovery code is as good, once.
      const third = await enter();
      await byMail(third, server);
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
