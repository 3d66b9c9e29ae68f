// The sign-in policy in a browser: saved after a fresh proof; what a policy does to who saves it, and how
// they put it right at the door; and what scripts have set up stays while pages keep up to date.
// Pictures go to the folder that LOOKS names.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ADA, empty, mailedCode, setUp } from "../support/account.mjs";
import { App } from "../support/app.mjs";
import { launch, looker, press, visitor } from "../support/browser.mjs";
import { Device } from "../support/device.mjs";

let browser;
const look = looker("policy");

before(async () => { browser = await launch(); });
after(() => browser?.close());

/** A form that was refused is an error to the browser's console, and to nobody else. */
const complaints = (page) => page.complaints.filter((text) => !/status of 4\d\d/.test(text));

/** Signs in by mail in a browser that is remembered, and lets its session end: it is a proven one no more. */
async function comeUnproven(page, server) {
  await page.context().clearCookies();
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("E-mail").fill(ADA);
  await page.getByLabel("Stay signed in").check();
  await press(page, "Send me a code");
  await page.getByLabel("Code").fill(await mailedCode(server));
  await press(page, "Sign in");
  await page.waitForURL(/\/today/);
  const cookies = await page.context().cookies();
  await page.context().clearCookies();
  await page.context().addCookies(cookies.filter(({ name }) => !name.includes("sid-")));
}

/** The form waits for a code from a mail, and goes on with one press. */
async function prove(page, server) {
  await page.getByRole("heading", { name: "Is it you?" }).waitFor();
  await press(page, "Send me a code");
  await page.getByLabel("Code").fill(await mailedCode(server));
  await press(page, "Go on");
  await page.getByRole("heading", { name: "It is you" }).waitFor();
  await page.locator("main form .button.primary").click();
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";

  for (const [what, change, form, isSaved] of [
    [
      "the sign-in policy",
      (page) => page.getByLabel("Sign in again after").selectOption({ label: "7 days" }),
      { button: "See what this does", id: "#policy-form", consequences: "#policy-consequences" },
      (page) => page.getByLabel("Sign in again after").evaluate((select) => select.selectedOptions[0].label === "7 days"),
    ],
    [
      "who may join",
      (page) => page.locator("#joining-domains").fill("kitchen.example"),
      { button: "See who could join", id: "#joining-form", consequences: "#joining-consequences" },
      (page) => page.getByText("People with an address at kitchen.example can join as Member").isVisible(),
    ],
  ]) {
    test(`${what} is saved after a fresh proof, ${how}`, async () => {
      const server = await empty();
      try {
        const page = await visitor(browser, { javaScriptEnabled });
        const root = await setUp(page, server);
        await comeUnproven(page, server);
        await page.goto(`${root}/sign-in-policy`);
        await change(page);
        await press(page, form.button);
        await page.locator(form.consequences).waitFor();
        await page.locator(form.id).getByRole("button", { name: "Save it" }).click();
        await prove(page, server);
        await page.waitForURL(/\/sign-in-policy\?done=saved/);
        assert.ok(await isSaved(page));
        assert.deepEqual(complaints(page), []);
      } finally {
        await server.stop();
      }
    });
  }

  test(`whoever keeps themselves out is led to the door, and in again by an app, ${how}`, async () => {
    const server = await empty();
    try {
      const page = await visitor(browser, { javaScriptEnabled });
      await keepOut(page, await setUp(page, server));
      await look(page, "door");
      await page.getByRole("link", { name: "Put it right in My security" }).click();
      const door = page.getByText("This workspace keeps you out for now");
      await door.waitFor();
      await press(page, "Set up an authenticator app");
      const app = new App(await page.locator("#app-secret").innerText());
      assert.equal(await door.count(), 1);
      // What is wrong is said, and stays said: nothing takes the page away.
      await page.locator("#code").fill("000000");
      await press(page, "Turn it on");
      const wrong = page.locator("#code[aria-invalid=true]");
      await wrong.waitFor();
      await page.waitForTimeout(500);
      assert.equal(await wrong.count(), 1);
      await page.locator("#code").fill(await app.code());
      await press(page, "Turn it on");
      await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
      assert.equal(await door.count(), 0);
      await look(page, "codes");
      assert.deepEqual(complaints(page), []);
    } finally {
      await server.stop();
    }
  });
}

/** Saves a policy that the one who saves it does not meet: the link that set the server up shows no factor. */
async function keepOut(page, root) {
  await page.goto(`${root}/sign-in-policy`);
  await page.getByLabel("Second factor").selectOption({ label: "Everybody needs an authenticator app or a passkey" });
  await press(page, "See what this does");
  await page.locator("#policy-consequences").waitFor();
  await press(page, "Save it");
  await page.getByRole("heading", { name: "This workspace keeps you out for now" }).waitFor();
  assert.equal(await page.getByText("Nothing is saved yet").count(), 0);
}

/** The page has asked for itself anew, and taken it over. */
async function refreshed(page, change = async () => {}) {
  const swapped = page.evaluate(() => new Promise((done) => { document.addEventListener("timeproof:swapped", () => done(), { once: true }); }));
  await change();
  await swapped;
}

test("at the door a passkey is added", async () => {
  const server = await empty();
  try {
    const page = await visitor(browser);
    await Device.in(page);
    const root = await setUp(page, server);
    await keepOut(page, root);
    await page.getByRole("link", { name: "Put it right in My security" }).click();
    await page.getByText("This workspace keeps you out for now").waitFor();
    assert.equal(await page.getByText("Passkeys need JavaScript").isVisible(), false);
    await press(page, "Add a passkey");
    await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
    assert.equal(await page.getByText("This workspace keeps you out for now").count(), 0);
    await page.goto(`${root}/today`);
    await page.waitForURL(/\/today/);
    assert.deepEqual(complaints(page), []);
  } finally {
    await server.stop();
  }
});

test("what scripts have set up and said stays while a page keeps up to date", async () => {
  const server = await empty();
  try {
    const page = await visitor(browser);
    const root = await setUp(page, server);
    await page.goto(`${root}/security`);
    const other = await page.context().newPage();
    await other.goto(`${root}/tags`);
    let added = 0;
    const addTag = async () => {
      const name = `Tag ${(added += 1)}`;
      await other.locator("#tag-add").fill(name);
      await other.locator("#tag-add-form").getByRole("button", { name: "Add" }).click();
      await other.getByText(name, { exact: true }).first().waitFor();
    };
    await refreshed(page, addTag);
    assert.equal(await page.getByText("Passkeys need JavaScript").isVisible(), false);
    // There is no device: it is said, and stays said.
    await page.route("**/passkeys/options", (route) => route.abort());
    await press(page, "Add a passkey");
    const said = page.getByText("The server did not answer. Try again.");
    await said.waitFor();
    await page.getByRole("button", { name: "Show New password" }).click();
    await page.locator("h1").click();
    await refreshed(page, addTag);
    assert.equal(await said.isVisible(), true);
    assert.equal(await page.getByLabel("New password").getAttribute("type"), "text");
    await page.unroute("**/passkeys/options");
    await page.bringToFront();
    await Device.in(page);
    await press(page, "Add a passkey");
    await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
    assert.deepEqual(page.complaints.filter((text) => !/status of 4\d\d|ERR_FAILED/.test(text)), []);
  } finally {
    await server.stop();
  }
});
