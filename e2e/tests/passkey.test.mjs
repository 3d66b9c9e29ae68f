// Passkeys in a browser, with Chromium's virtual authenticator: added, named, renamed, removed; signed in
// with one press and by what the browser offers for the address; the second step, the fresh proof; and
// what is said where it does not work. Pictures go to the folder that LOOKS names.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { byMail, empty, setUp } from "../support/account.mjs";
import { launch, looker, press, visitor } from "../support/browser.mjs";
import { Device } from "../support/device.mjs";

let browser;
const look = looker("passkey");

before(async () => { browser = await launch(); });
after(() => browser?.close());

/** Nothing is offered for the address, so that a press is what signs in. */
const withoutAutofill = (page) => page.addInitScript(() => { PublicKeyCredential.isConditionalMediationAvailable = async () => false; });

async function add(page, root, name) {
  await page.goto(`${root}/security`);
  await page.getByLabel("Name of the device").fill(name);
  await press(page, "Add a passkey");
}

test("passkeys from the first to the last", async () => {
  const server = await empty();
  try {
    const page = await visitor(browser);
    const laptop = await Device.in(page);
    const root = await setUp(page, server);
    await page.goto(`${root}/security`);
    await look(page, "none");
    await add(page, root, "Ada’s laptop");
    await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
    const recovery = await page.locator("#code-list code").allInnerTexts();
    assert.equal(recovery.length, 10);
    const [credential] = await laptop.credentials();
    assert.equal(credential.rpId, "localhost");
    assert.equal(credential.isResidentCredential, true);
    await page.goto(`${root}/security`);
    await page.locator("li[id^=passkey-]", { hasText: "Ada’s laptop" }).waitFor();

    // The same device makes no second one, and the page says why.
    await add(page, root, "Once more");
    await page.getByText("This device has a passkey for you already").waitFor();
    await look(page, "there already");
    assert.equal(await page.getByLabel("Name of the device").inputValue(), "Once more");
    // Another one does.
    await laptop.cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: laptop.id });
    const key = await Device.in(page, { transport: "usb" });
    await add(page, root, "A key");
    const row = page.locator("li[id^=passkey-]", { hasText: "A key" });
    await row.waitFor();
    assert.equal(await page.locator("li[id^=passkey-]").count(), 2);
    // By keyboard alone.
    await row.locator("summary").focus();
    await page.keyboard.press("Enter");
    await row.getByLabel("Name").fill("The key on my ring");
    await page.keyboard.press("Enter");
    await page.locator("li[id^=passkey-]", { hasText: "The key on my ring" }).waitFor();
    await look(page, "two");

    // One press, and nothing typed.
    const guest = await visitor(browser);
    await withoutAutofill(guest);
    const guests = await Device.in(guest);
    await guests.take(key);
    await guest.goto(`${server.url}/sign-in`);
    await look(guest, "asked");
    await press(guest, "Sign in with a passkey");
    await guest.waitForURL(/\/today/);
    await guest.goto(`${root}/security`);
    await guest.locator("li[id^=passkey-]", { hasText: "The key on my ring" }).getByText("last used").waitFor();
    // It has just been shown who she is: one is removed at once.
    const gone = guest.locator("li[id^=passkey-]", { hasText: "Ada’s laptop" });
    await gone.locator("summary").click();
    await gone.getByRole("button", { name: "Remove" }).click();
    await gone.waitFor({ state: "detached" });
    // Everywhere else one is signed out, and the one that was removed opens nothing.
    await page.goto(`${root}/security`);
    await page.waitForURL(/sign-in/);
    const thief = await visitor(browser);
    await withoutAutofill(thief);
    const copy = await Device.in(thief);
    await copy.send("addCredential", { credential });
    await thief.goto(`${server.url}/sign-in`);
    await press(thief, "Sign in with a passkey");
    await thief.getByText("This passkey is not known here").waitFor();
    await look(thief, "not known");

    // Asked for always: the second step after a mail, and the fresh proof.
    await press(guest, "Ask for it always");
    await guest.getByRole("button", { name: "Ask for it no more" }).waitFor();
    const third = await visitor(browser);
    await withoutAutofill(third);
    const thirds = await Device.in(third);
    await thirds.take(guests);
    await byMail(third, server);
    await third.getByRole("heading", { name: "One more step" }).waitFor();
    await look(third, "second step");
    await press(third, "Use a passkey");
    await third.waitForURL(/\/today/);

    // A recovery code stands in.
    const fourth = await visitor(browser);
    await byMail(fourth, server);
    await fourth.getByLabel("A recovery code").fill(recovery[0]);
    await press(fourth, "Sign in");
    await fourth.waitForURL(/\/today/);
    for (const one of [page, guest, thief, third, fourth]) assert.deepEqual(one.complaints.filter((text) => !/40[13]|422/.test(text)), []);
  } finally {
    await server.stop();
  }
});

test("a passkey is the fresh proof, and what goes wrong is said", async () => {
  const server = await empty();
  try {
    const page = await visitor(browser);
    await withoutAutofill(page);
    const device = await Device.in(page);
    const root = await setUp(page, server);
    await add(page, root, "Ada’s laptop");
    await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();

    // Signed in by mail, which is not enough to take it away.
    const guest = await visitor(browser);
    await withoutAutofill(guest);
    const guests = await Device.in(guest, { isUserVerified: true });
    await guests.take(device);
    await byMail(guest, server);
    await guest.waitForURL(/\/today/);
    await guest.goto(`${root}/security`);
    assert.equal(await guest.getByLabel("Name of the device").count(), 0);
    await guest.locator("li[id^=passkey-] summary").click();
    await guest.locator("li[id^=passkey-]").getByRole("button", { name: "Remove" }).click();
    await guest.getByRole("heading", { name: "Is it you?" }).waitFor();
    await look(guest, "proof");
    // Somebody who is not verified gets nowhere.
    await guests.send("setUserVerified", { isUserVerified: false });
    await press(guest, "Use a passkey");
    await guest.getByText("That was cancelled, or took too long").waitFor();
    await look(guest, "proof cancelled");
    await guests.send("setUserVerified", { isUserVerified: true });
    await press(guest, "Use a passkey");
    await guest.getByRole("heading", { name: "It is you" }).waitFor();
    await press(guest, "Do it now");
    await guest.getByLabel("Name of the device").waitFor();
    assert.equal(await guest.locator("li[id^=passkey-]").count(), 0);

    // The server does not answer, and then it does.
    await guest.route("**/passkeys/options", (route) => route.abort());
    await press(guest, "Add a passkey");
    await guest.getByText("The server did not answer").waitFor();
    await guest.unroute("**/passkeys/options");
    await guests.send("clearCredentials");
    await press(guest, "Add a passkey");
    await guest.getByRole("heading", { name: "Your recovery codes" }).waitFor();
    assert.deepEqual(guest.complaints.filter((text) => !/40[13]|422|ERR_FAILED/.test(text)), []);
  } finally {
    await server.stop();
  }
});

test("the browser offers passkeys for the address, before anything is typed", async () => {
  const server = await empty();
  try {
    const page = await visitor(browser);
    const device = await Device.in(page);
    const root = await setUp(page, server);
    await add(page, root, "Ada’s laptop");
    await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
    const guest = await visitor(browser);
    const guests = await Device.in(guest);
    await guests.take(device);
    // Its person chooses at once.
    await guest.goto(`${server.url}/sign-in?next=${encodeURIComponent(new URL(root).pathname)}%2Ftags`);
    await guest.waitForURL(/\/tags/);
    assert.deepEqual(guest.complaints, []);
  } finally {
    await server.stop();
  }
});

test("without JavaScript, and in a browser without passkeys, the page says so", async () => {
  const server = await empty();
  try {
    const plain = await visitor(browser, { javaScriptEnabled: false });
    const root = await setUp(plain, server);
    await plain.goto(`${root}/security`);
    await plain.getByText("Passkeys need JavaScript").waitFor();
    assert.equal(await plain.getByRole("button", { name: "Add a passkey" }).isVisible(), false);
    const old = await visitor(browser);
    await old.addInitScript(() => { delete globalThis.PublicKeyCredential; });
    await old.goto(`${server.url}/sign-in`);
    await old.getByText("This browser knows no passkeys.").waitFor();
    assert.equal(await old.getByRole("button", { name: "Sign in with a passkey" }).isVisible(), false);
    assert.deepEqual(old.complaints, []);
  } finally {
    await server.stop();
  }
});
