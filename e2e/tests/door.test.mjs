// The way in: set up, sign out, sign in by code, prove anew, invite, join, let a program in; on the real
// server, with the letters of the folder that stands in for a mail server.
// Pictures go to the folder that LOOKS names.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ADA, empty } from "../support/account.mjs";
import { launch, looker, press, visitor } from "../support/browser.mjs";
import { letter, tpLogin } from "../support/server.mjs";

let browser;
const look = looker("door");

before(async () => { browser = await launch(); });
after(() => browser?.close());

/** Asks for a code and gives it; once wrongly before. */
async function signIn(page, server, email, stays) {
  await page.getByLabel("E-mail").fill(email);
  if (stays) await page.getByLabel("Stay signed in").check();
  await press(page, "Send me a code");
  await page.getByText("the “mail” folder of its data").waitFor();
  await look(page, "code");
  await page.getByLabel("Code").fill("AAAA-AAAA");
  await press(page, "Sign in");
  await page.getByText("tries are left").waitFor();
  assert.equal(await page.getByLabel("Code").inputValue(), "AAAA-AAAA");
  await look(page, "code wrong");
  await page.getByLabel("Code").fill((await letter(server, email)).code);
  await press(page, "Sign in");
  await page.waitForURL(/\/today/);
}

test("the zone of the browser is proposed, where the server knows it and nothing was typed", async () => {
  const server = await empty();
  try {
    for (const [options, zone] of [
      [{ timezoneId: "America/Toronto" }, "America/Toronto"],
      [{ timezoneId: "America/Toronto", javaScriptEnabled: false }, "Europe/Berlin"],
    ]) {
      const page = await visitor(browser, options);
      await page.goto(server.found[0]);
      assert.equal(await page.getByLabel("Time zone").inputValue(), zone);
      await page.getByLabel("Time zone").fill("Mars/Olympus");
      for (const [label, text] of [["Name of the workspace", "The kitchen"], ["Your name", "Ada Example"], ["Your e-mail", ADA]]) await page.getByLabel(label).fill(text);
      await press(page, "Create it");
      await page.getByText("Use a name such as Europe/Berlin").waitFor();
      assert.equal(await page.getByLabel("Time zone").inputValue(), "Mars/Olympus");
      assert.deepEqual(page.complaints.filter((text) => !text.includes("422")), []);
      await page.context().close();
    }
  } finally {
    await server.stop();
  }
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";

  test(`from the set-up link to a colleague's program, ${how}`, async () => {
    const server = await empty();
    try {
      const enter = () => visitor(browser, { javaScriptEnabled });
      const page = await enter();
      await page.goto(server.found[0]);
      await look(page, "set up");
      await page.getByLabel("Name of the workspace").fill("The kitchen");
      await page.getByLabel("Your name").fill("Ada Example");
      await page.getByLabel("Your e-mail").fill(ADA);
      await page.getByLabel("Time zone").fill("Mars/Olympus");
      await press(page, "Create it");
      await page.getByText("Use a name such as Europe/Berlin").waitFor();
      assert.equal(await page.getByLabel("Name of the workspace").inputValue(), "The kitchen");
      await look(page, "set up wrong");
      await page.getByLabel("Time zone").fill("Europe/Berlin");
      await press(page, "Create it");
      await page.waitForURL(/\/today/);
      await look(page, "first day");
      const root = page.url().replace(/\/today.*/, "");

      await press(page, "Sign out");
      await page.waitForURL(/signed-out/);
      await look(page, "signed out");
      await page.getByRole("link", { name: "Sign in again" }).click();
      assert.equal(await page.evaluate(() => document.activeElement.id), "email");
      await look(page, "sign in");
      await signIn(page, server, ADA, true);

      // The browser signs in by itself, and must prove anew who sits there before settings change.
      const context = page.context();
      const cookies = await context.cookies();
      await context.clearCookies();
      await context.addCookies(cookies.filter(({ name }) => !name.includes("sid-")));
      await page.goto(`${root}/settings`);
      await page.getByLabel("Name", { exact: true }).fill("The large kitchen");
      await press(page, "Save");
      await page.locator("[data-page=proof]").waitFor();
      await look(page, "proof");
      await press(page, "Send me a code");
      await page.getByLabel("Code").waitFor();
      await look(page, "proof code");
      await page.getByLabel("Code").fill((await letter(server, ADA)).code);
      await press(page, "Go on");
      await page.getByLabel("Code").waitFor({ state: "detached" });
      await look(page, "proof given");
      await page.locator("main form .button.primary").click();
      await page.waitForURL(/settings/);
      assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "The large kitchen");

      await page.goto(`${root}/people`);
      await page.getByLabel("E-mail").fill("bob@kitchen.example");
      await press(page, "Invite");
      await page.getByText("The invitation is on its way").waitFor();
      await look(page, "people");

      const guest = await enter();
      await guest.goto((await letter(server, "bob@kitchen.example")).link);
      await look(guest, "join");
      await guest.getByLabel("Your name").fill("Bob Example");
      await press(guest, "Join");
      await guest.waitForURL(/\/today/);
      await page.goto(`${root}/people`);
      await page.getByText("Bob Example").first().waitFor();

      const login = await tpLogin(server);
      await guest.goto(`${server.url}/device`);
      await look(guest, "device code");
      await guest.getByLabel("Code that your program shows").fill("BBBB-BBBB");
      await press(guest, "Go on");
      await guest.getByText("No program waits with this code").waitFor();
      await guest.goto(login.url);
      if (await guest.getByLabel("Code that your program shows").count()) {
        await guest.getByLabel("Code that your program shows").fill(login.code);
        await press(guest, "Go on");
      }
      await guest.getByText(login.code).waitFor();
      await look(guest, "device");
      await press(guest, "Let it in");
      await guest.getByRole("heading", { name: "The program is in" }).waitFor();
      await look(guest, "device done");
      const { status, output } = await login.finish();
      assert.equal(status, 0, output);
      assert.match(output, /Signed in to The large kitchen as Bob Example/);

      assert.deepEqual(page.complaints.filter(unexpected), []);
      assert.deepEqual(guest.complaints.filter(unexpected), []);
    } finally {
      await server.stop();
    }
  });
}

/** A form that was refused is an error to the browser's console, and to nobody else. */
const unexpected = (complaint) => !/status of 4\d\d/.test(complaint);
