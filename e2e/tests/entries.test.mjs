// The forms of entries and the page of time, in a browser.
// Pictures go to the folder that LOOKS names.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, signIn, visitor } from "../support/browser.mjs";
import { owner } from "../support/owner.mjs";
import { signInLink } from "../support/server.mjs";

let it;
let server;
let browser;
let state;
let root;

before(async () => {
  it = await owner();
  ({ server, browser, root, state } = it);
});

after(() => it?.end());

const open = (path, options) => it.open(path, options);

const close = (page) => page.context().close();
const api = (path, options) => fetch(`${server.url}/api/v1${root.replace(/.*\/w\//, "/workspaces/")}${path}`, {
  ...options, headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";

  test(`an entry that is saved untouched stays as it is, ${how}`, async () => {
    const note = `First line ${how}\nsecond line`;
    const body = JSON.stringify({ day: new Date().toISOString().slice(0, 10), duration_s: 5445, note });
    const made = await (await api("/time-entries", { method: "POST", body })).json();
    assert.equal(made.version, 1, JSON.stringify(made));
    const page = await open("today", { javaScriptEnabled });
    const entry = page.locator("li.entry", { hasText: `First line ${how}` }).first();
    await entry.locator("summary").first().click();
    if (!javaScriptEnabled) await entry.getByRole("link", { name: "Edit" }).click();
    const form = page.locator(`#entry-${made.id}-form`);
    assert.equal(await form.getByLabel("Duration").inputValue(), "1:30:45");
    assert.equal(await form.getByLabel("Note").inputValue(), note);
    // What happened to it stands below.
    await form.getByText("History", { exact: true }).click();
    await form.getByText("added it").waitFor();
    const back = page.waitForResponse((answer) => answer.request().method() === "POST");
    await form.getByRole("button", { name: "Save" }).click();
    await back;
    const after = await (await api(`/time-entries/${made.id}`)).json();
    assert.deepEqual(after, made);
    await close(page);
  });
}

test("time by hand takes a range and follows the project; a copy is a copy", async () => {
  const page = await open("today");
  await page.locator("#by-hand > summary").click();
  const form = page.locator("#entry-new-form");
  await form.getByLabel("Note").fill("By hand");
  await form.getByLabel("or how long").fill("9-10:30");
  await form.getByRole("button", { name: "Add", exact: true }).click();
  const entry = page.locator("li.entry", { hasText: "By hand" });
  await entry.first().waitFor();
  assert.match(await entry.first().innerText(), /1:30/);
  assert.equal(await entry.first().locator(".money").count(), 0, "without a project it is not billable");
  await entry.first().locator("summary").click();
  await entry.first().getByRole("button", { name: "Duplicate" }).click();
  await entry.nth(1).waitFor();
  // Two at the same time overlap.
  await entry.first().locator(".badge", { hasText: "overlaps" }).waitFor();
  assert.deepEqual(page.complaints, []);
  await close(page);
});

for (const [email, sees] of [["tobias@lantern.example", /everybody/i], ["amara@lantern.example", /projects you manage/]]) {
  test(`${email} opens, changes and finds again the time of others`, async () => {
    const page = await visitor(browser);
    await signIn(page, await signInLink(server, email));
    await page.goto(`${root}/reports`);
    await page.locator("a.linked").first().click();
    await page.waitForURL(/\/time\?project=/);
    assert.match(await page.locator(".page-head").innerText(), sees);
    await page.goto(`${root}/time`);
    await accessible(page, `time of ${email}`);
    const other = page.locator("li.entry:not(:has(> form))").first();
    await other.locator("summary").click();
    await other.getByLabel("Note").fill(`Looked at by ${email}`);
    await other.getByRole("button", { name: "Save" }).click();
    await page.locator("li.entry", { hasText: `Looked at by ${email}` }).waitFor();
    assert.match(page.url(), /\/time/);
    await page.getByRole("link", { name: "Older entries" }).click();
    await page.waitForURL(/cursor=/);
    await page.locator("li.entry").first().waitFor();
    assert.deepEqual(page.complaints, []);
    await close(page);
  });
}

test("a member has no page of the time of others", async () => {
  const page = await visitor(browser);
  await signIn(page, await signInLink(server, "sam@lantern.example"));
  assert.equal(await page.getByRole("link", { name: "Time", exact: true }).count(), 0);
  const response = await page.goto(`${root}/time`);
  assert.equal(response.status(), 404);
  await close(page);
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [400, 1360]) {
    test(`forms and rows, ${colorScheme}, ${width} pixels: axe finds nothing, nothing is too wide`, async () => {
      const page = await visitor(browser, { storageState: state, colorScheme, viewport: { width, height: 900 } });
      // A timer since yesterday is noticed.
      const started_at = new Date(Date.now() - 20 * 3600e3).toISOString();
      await api("/timer", { method: "DELETE" });
      await api("/timer", { method: "POST", body: JSON.stringify({ started_at, note: "Forgotten" }) });
      for (const path of ["today", "time"]) {
        await page.goto(`${root}/${path}`);
        await page.locator("#timer-end").waitFor();
        await page.locator("#by-hand > summary").click();
        await page.locator("li.entry summary").nth(1).click();
        await page.locator("li.entry form.keep").waitFor();
        await page.locator("li.entry form.keep summary", { hasText: "History" }).click();
        await accessible(page, `${path}, ${colorScheme}, ${width}`);
        const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(tooWide <= 0, `${path}: ${tooWide} pixels too wide at ${width}`);
        if (process.env.LOOKS) await page.screenshot({ path: `${process.env.LOOKS}/entries-${path}-${width}-${colorScheme}.png`, fullPage: true });
      }
      assert.deepEqual(page.complaints, []);
      await close(page);
    });
  }
}

test("what was typed is sent after signing in again in another tab", async () => {
  const page = await visitor(browser);
  const email = "sam@lantern.example";
  await signIn(page, await signInLink(server, email));
  await page.goto(`${root}/today`);
  await page.locator("#line").fill("0:10 Typed before the end");
  const other = await page.context().newPage();
  await other.goto(`${root}/projects`);
  await other.getByRole("button", { name: "Sign out" }).first().click();
  await other.getByText("signed out").first().waitFor();
  await page.locator("#ended:not([hidden])").waitFor();
  await page.locator("#line").press("Enter");
  await page.waitForTimeout(300);
  assert.equal(await page.locator("#line").inputValue(), "0:10 Typed before the end");
  await signIn(other, await signInLink(server, email));
  await page.locator("#line").press("Enter");
  await page.locator("li.entry", { hasText: "Typed before the end" }).waitFor();
  assert.equal(await page.locator("#ended").isVisible(), false);
  await close(page);
});

test("deleting by keyboard leads to the neighbour, undo to the entry", async () => {
  const day = new Date().toISOString().slice(0, 10);
  const make = async (note, minutes) => {
    const body = JSON.stringify({ day, duration_s: minutes * 60, note });
    return (await api("/time-entries", { method: "POST", body })).json();
  };
  for (const note of ["Keys one", "Keys two", "Keys three"]) await make(note, 5);
  const page = await open("today");
  const entries = page.locator("li.entry", { hasText: "Keys" });
  const gone = entries.nth(1);
  const [id, next] = [await gone.getAttribute("id"), await entries.nth(2).getAttribute("id")];
  await gone.locator("summary").first().focus();
  await page.keyboard.press("Enter");
  await gone.getByRole("button", { name: "Delete" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Undo" }).waitFor();
  const focused = () => page.evaluate(() => document.activeElement.closest("li[id]")?.id);
  assert.equal(await focused(), next);
  await page.getByRole("button", { name: "Undo" }).focus();
  await page.keyboard.press("Enter");
  await page.locator(`#${id}`).waitFor();
  await page.waitForFunction((id) => document.activeElement.closest("li[id]")?.id === id, id);
  await close(page);
});
