// A password in a browser: pasted, shown, measured while it is typed (T-PW 24 to 27), asked for work while
// many accounts are guessed at, and replaced after the second step; on the real server.
// Pictures go to the folder that LOOKS names.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ADA, empty, mailedCode, openPassword, operate, setUp, signInByMail } from "../support/account.mjs";
import { launch, looker, press, visitor } from "../support/browser.mjs";

const GOOD = "violet harbour 7 owls";
const OTHER = "quiet lamps over wet roofs";

let browser;
const look = looker("password");

before(async () => { browser = await launch(); });
after(() => browser?.close());

/** A server whose owner is signed in. */
async function withOwner(args) {
  const server = await empty(args);
  const page = await visitor(browser);
  await setUp(page, server);
  return { server, page };
}

/** What a password manager does, and a person who pastes: the text comes at once. */
async function paste(page, field, text) {
  await field.focus();
  await page.evaluate((words) => {
    const data = new DataTransfer();
    data.setData("text/plain", words);
    const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
    // Whoever forbids pasting cancels this event.
    if (document.activeElement.dispatchEvent(event)) document.execCommand("insertText", false, words);
  }, text);
}

test("24 to 27: a password is pasted, shown and measured, and managers know its fields", async () => {
  const { server, page } = await withOwner([]);
  try {
    const guest = await visitor(browser);
    await signInByMail(guest, server);
    await guest.goto(`${server.url}/security`);
    const field = guest.locator("#new-password");
    assert.equal(await field.getAttribute("type"), "password");
    assert.equal(await field.getAttribute("autocomplete"), "new-password");
    const said = guest.locator("#new-password-meter [data-words]");
    await field.pressSequentially("passwordpassword");
    await said.filter({ hasText: "Many people have this password" }).waitFor();
    const meter = guest.locator("#new-password-meter");
    assert.equal(await meter.getAttribute("data-strength"), "weak");
    const colour = () => meter.locator("[data-fill]").evaluate((fill) => getComputedStyle(fill).fill);
    const red = await colour();
    await look(guest, "weak");
    await field.fill("");
    await paste(guest, field, GOOD);
    assert.equal(await field.inputValue(), GOOD);
    await said.filter({ hasText: "Strong" }).waitFor();
    assert.equal(await meter.getAttribute("data-strength"), "strong");
    assert.notEqual(await colour(), red);
    // There is no old one yet.
    assert.equal(await guest.getByText("signed in with the old one").count(), 0);
    const show = guest.locator('button[aria-controls="new-password"]');
    await show.click();
    assert.equal(await field.getAttribute("type"), "text");
    assert.equal(await show.getAttribute("aria-pressed"), "true");
    await show.press("Enter");
    assert.equal(await field.getAttribute("type"), "password");
    await press(guest, "Set the password");
    await guest.locator("#password .badge", { hasText: "set" }).waitFor();

    const stranger = await visitor(browser);
    await openPassword(stranger, server);
    const asked = stranger.locator("#password");
    assert.equal(await asked.getAttribute("autocomplete"), "current-password");
    assert.equal(await stranger.getByLabel("E-mail").getAttribute("autocomplete"), "username webauthn");
    await paste(stranger, asked, GOOD);
    await asked.press("Enter");
    await Promise.race([stranger.waitForURL(/\/today/), stranger.getByText("Look into your mail").waitFor()]);
    for (const one of [page, guest]) assert.deepEqual(one.complaints, []);
  } finally {
    await server.stop();
  }
});

test("while many accounts are guessed at, a browser that is not known does some work first", async () => {
  const { server, page } = await withOwner(["--password-work", "always"]);
  try {
    await page.goto(`${server.url}/security`);
    await page.locator("#new-password").fill(GOOD);
    await press(page, "Set the password");
    await page.locator("#password .badge", { hasText: "set" }).waitFor();

    const stranger = await visitor(browser);
    await openPassword(stranger, server);
    await look(stranger, "work");
    const begun = Date.now();
    await stranger.locator("#password").fill(GOOD);
    await stranger.locator('button[value="password"]').click();
    await stranger.waitForURL(/\/today/);
    console.log(`the work and the sign-in took ${Date.now() - begun} ms`);
    assert.deepEqual(stranger.complaints, []);

    const plain = await visitor(browser, { javaScriptEnabled: false });
    await openPassword(plain, server);
    await plain.getByText("Without scripts, passwords are not looked at").waitFor();
    await plain.locator("#password").fill(GOOD);
    await plain.locator('button[value="password"]').click();
    await plain.getByText("yours was not looked at").waitFor();
    await look(plain, "work without scripts");
    // The code by mail is there.
    await press(plain, "Send me a code");
    await plain.getByLabel("Code").fill(await mailedCode(server));
    await press(plain, "Sign in");
    await plain.waitForURL(/\/today/);
  } finally {
    await server.stop();
  }
});

test("30: a password that has to be replaced is replaced after the second step", async () => {
  const { server, page } = await withOwner([]);
  try {
    await page.goto(`${server.url}/security`);
    await page.locator("#new-password").fill(GOOD);
    await press(page, "Set the password");
    await page.locator("#password .badge", { hasText: "set" }).waitFor();
    await press(page, "Ask for it");
    await page.getByText("is asked for.").waitFor();
    await operate(server, "renew-password", ADA);

    const guest = await visitor(browser);
    await openPassword(guest, server);
    await guest.locator("#password").fill(GOOD);
    await guest.locator('button[value="password"]').click();
    await guest.getByText("One more step").waitFor();
    await guest.getByLabel("Code").fill(await mailedCode(server));
    await press(guest, "Sign in");
    await guest.getByText("Choose another password").waitFor();
    await look(guest, "another password");
    // Loaded anew, it is still the step that waits.
    await guest.goto(`${server.url}/sign-in/second`);
    await guest.getByText("Choose another password").waitFor();
    await guest.locator("#current-password").fill(GOOD);
    await guest.locator("#new-password").fill(OTHER);
    await press(guest, "Save and sign in");
    await guest.waitForURL(/\/today/);
  } finally {
    await server.stop();
  }
});
