// The Today page as a person uses it: by mouse, by keyboard, without JavaScript, in two tabs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, visitor } from "../support/browser.mjs";
import { owner } from "../support/owner.mjs";

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

const open = (options) => it.open("today", options);

const line = (page) => page.getByRole("combobox");
const first = (page) => page.locator("li.entry").first();

test("the sign-in link works once", async () => {
  const page = await visitor(browser);
  const response = await page.goto(server.link);
  assert.equal(response.status(), 409);
  await page.context().close();
});

test("axe finds nothing, in light and dark, wide and narrow, and nothing breaks the policy", async () => {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [360, 1360]) {
      const page = await open({ colorScheme, viewport: { width, height: 900 } });
      await accessible(page, `today, ${colorScheme}, ${width}`);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${width} px: ${overflow} px too wide`);
      assert.deepEqual(page.complaints, []);
      await page.context().close();
    }
  }
});

test("a line of text adds an entry, live in another tab within a second", async () => {
  const [here, there] = [await open(), await open()];
  await line(here).fill("0:25 Sharpen the pencils @Meetings #meeting");
  await line(here).press("Enter");
  const shown = (page) => page.locator("li.entry", { hasText: "Sharpen the pencils" }).first();
  await shown(here).waitFor();
  await shown(there).waitFor({ timeout: 1500 });
  assert.match(await shown(there).innerText(), /0:25/);
  assert.deepEqual([...here.complaints, ...there.complaints], []);
  await here.context().close();
  await there.context().close();
});

test("the echo and the completion work by keyboard alone", async () => {
  const page = await open();
  await page.keyboard.press("n");
  await page.keyboard.type("1:30 standup @north");
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.match(await line(page).inputValue(), /@Northwind\//);
  await page.waitForFunction(() => document.querySelector("[data-echo]").textContent.includes("1 h 30 min"));
  await page.context().close();
});

test("the timer is stopped and continued, and its clock runs", async () => {
  const page = await open();
  const clock = page.locator("output.clock").first();
  const before = await clock.innerText();
  await page.waitForTimeout(2100);
  assert.notEqual(await clock.innerText(), before);
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("No timer running").waitFor({ state: "attached" });
  await first(page).getByRole("button", { name: /Continue/ }).click();
  await page.getByRole("button", { name: "Stop" }).waitFor();
  await page.context().close();
});

test("an entry is edited in place, and deleting it can be undone", async () => {
  const page = await open();
  await line(page).fill("0:10 Water the plants");
  await line(page).press("Enter");
  const entry = page.locator("li.entry", { hasText: "Water the plants" }).first();
  await entry.waitFor();
  await entry.locator("summary").first().click();
  const note = entry.getByLabel("Note");
  await note.fill("Water all the plants");
  await entry.getByRole("button", { name: "Save" }).click();
  const changed = page.locator("li.entry", { hasText: "Water all the plants" }).first();
  await changed.waitFor();
  await changed.locator("summary").first().click();
  await changed.getByRole("button", { name: "Delete" }).click();
  await changed.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await changed.waitFor();
  await page.context().close();
});

test("all of it works without JavaScript, and a refused line keeps what was typed", async () => {
  const page = await open({ javaScriptEnabled: false });
  await line(page).fill("0:15 Read the paper @nowhere");
  await page.getByRole("button", { name: "Start" }).first().click();
  assert.equal(await line(page).inputValue(), "0:15 Read the paper @nowhere");
  assert.match(await page.locator(".timer-line").innerText(), /no project @nowhere/i);
  await line(page).fill("0:15 Read the paper");
  await page.locator(".timer-line button").first().click();
  const entry = page.locator("li.entry", { hasText: "Read the paper" }).first();
  await entry.waitFor();
  await entry.locator("summary").first().click();
  await entry.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("Duration").fill("2 parsecs");
  await page.getByRole("button", { name: "Save" }).click();
  assert.equal(await page.getByLabel("Duration").inputValue(), "2 parsecs");
  assert.match(await page.locator("main").innerText(), /Write a duration/);
  await page.getByLabel("Duration").fill("0:20");
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForURL(/today/);
  assert.match(await entry.innerText(), /0:20/);
  await page.context().close();
});

test("signing out ends the pages of other tabs within five seconds", async () => {
  const page = await visitor(browser, { storageState: state });
  await page.goto(`${root}/today`);
  const other = await page.context().newPage();
  await other.goto(`${root}/today`);
  await page.bringToFront();
  await line(other).fill("half a thought");
  await page.getByRole("button", { name: "Sign out" }).first().click();
  await page.waitForURL(/signed-out/);
  await other.bringToFront();
  await other.getByText("You have been signed out").waitFor({ timeout: 5000 });
  assert.equal(await line(other).inputValue(), "half a thought");
  await page.context().close();
});
