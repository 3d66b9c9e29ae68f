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

test("the first load is less than 120 kB", async () => {
  const page = await visitor(browser, { storageState: state });
  const network = await page.context().newCDPSession(page);
  const sizes = new Map();
  network.on("Network.responseReceived", ({ requestId, response }) => sizes.set(requestId, [response.url, 0]));
  network.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => { sizes.get(requestId)[1] = encodedDataLength; });
  await network.send("Network.enable");
  await page.goto(`${root}/today`, { waitUntil: "load" });
  await page.evaluate(() => document.fonts.ready);
  await page.waitForFunction(() => document.documentElement.classList.contains("has-script"));
  const all = [...sizes.values()];
  const paths = all.map(([url]) => new URL(url).pathname);
  for (const part of ["/today", "/app.css", "/js/main.js", "/live.js", "/inter.woff2", "/icons.svg"]) {
    assert.ok(paths.some((path) => path.endsWith(part)), `${part} in ${paths}`);
  }
  const bytes = all.reduce((sum, [, size]) => sum + size, 0);
  assert.ok(bytes > 60_000 && bytes < 120_000, `${bytes} bytes: ${all.join(" ")}`);
  await page.context().close();
});

/** Does something in one tab until the other shows it; how many milliseconds after the first did. */
async function lag(act, here, there) {
  await act();
  await here.waitFor({ state: "attached" });
  const since = Date.now();
  await there.waitFor({ state: "attached", timeout: 5000 });
  return Date.now() - since;
}

test("what happens in one tab is in another within a second: entries, and the timer's start and stop", async () => {
  const [here, there] = [await open(), await open()];
  const lags = [];
  const both = async (act, find) => lags.push(await lag(act, find(here), find(there)));
  await both(async () => {
    await line(here).fill("0:25 Sharpen the pencils @Meetings #meeting");
    await line(here).press("Enter");
  }, (page) => page.locator("li.entry", { hasText: "Sharpen the pencils" }).first());
  await both(() => here.getByRole("button", { name: "Stop" }).click(), (page) => page.getByText("No timer running"));
  await both(async () => {
    await line(here).fill("Water the cactus");
    await line(here).press("Enter");
  }, (page) => page.locator(".timer-now .what", { hasText: "Water the cactus" }));
  assert.ok(lags.every((lag) => lag < 1000), `${lags} ms`);
  const entry = there.locator("li.entry", { hasText: "Sharpen the pencils" }).first();
  assert.match(await entry.innerText(), /0:25/);
  const clock = there.locator("output.clock").first();
  assert.match(await clock.innerText(), /^0:00:\d\d$/);
  assert.deepEqual([...here.complaints, ...there.complaints], []);
  await here.context().close();
  await there.context().close();
});

test("a slash leads to what is recent, and Enter goes on with it", async () => {
  const page = await open();
  await page.keyboard.press("/");
  await page.waitForFunction(() => document.activeElement.closest("#recent li"));
  const label = await page.locator("#recent li .chip").first().innerText();
  await page.keyboard.press("Enter");
  await page.locator(".timer-now .what", { hasText: label.trim() }).waitFor();
  // While somebody types it is a character.
  await line(page).fill("1h x @north");
  await line(page).press("/");
  assert.equal(await line(page).inputValue(), "1h x @north/");
  await page.context().close();
});

test("a length says what it means while it is typed", async () => {
  const page = await open();
  await page.locator("#by-hand > summary").click();
  const form = page.locator("#entry-new-form");
  const echo = form.locator("[data-echo]");
  const length = form.getByLabel("or how long");
  assert.match(await form.innerText(), /90 is 1 h 30 min/);
  const box = await length.boundingBox();
  for (const [text, meaning] of [["90", "= 1 h 30 min"], ["9-10:15", "= 1 h 15 min"], ["1.5", "= 1 h 30 min"], ["soon", ""], ["2h", "= 2 h"], ["", ""]]) {
    await length.fill(text);
    await page.waitForFunction(([e, wanted]) => e.textContent === wanted, [await echo.elementHandle(), meaning]);
  }
  assert.deepEqual(await length.boundingBox(), box, "nothing moves");
  await page.context().close();
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";

  test(`an unknown project is offered to be made, ${how}`, async () => {
    const page = await open({ javaScriptEnabled, viewport: { width: 360, height: 800 } });
    const [client, tag] = javaScriptEnabled ? ["Acme", "boxes"] : ["Zenith", "crates"];
    const typed = `0:20 Carry things @${client}/"Big move" #${tag}`;
    await line(page).fill(typed);
    await line(page).press("Enter");
    const offer = page.getByRole("button", { name: `Make the project “Big move” (new client “${client}”) and the tag “${tag}” and go on` });
    await offer.waitFor();
    assert.equal(await line(page).inputValue(), typed);
    if (javaScriptEnabled) await accessible(page, "an offer");
    const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(tooWide <= 0, `${tooWide} pixels too wide`);
    if (process.env.LOOKS) await page.screenshot({ path: `${process.env.LOOKS}/offer-${javaScriptEnabled}.png` });
    await offer.click();
    await page.locator("li.entry", { hasText: "Carry things" }).filter({ hasText: client }).first().waitFor();
    assert.equal(await line(page).inputValue(), "");
    await page.context().close();
  });
}

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

test("the line that is shown as an example is taken, and a client alone is asked for its project", async () => {
  const page = await open();
  const example = (await line(page).getAttribute("placeholder")).split("Try").at(-1).trim();
  await line(page).fill("0:10 @northwind");
  await page.getByText("@northwind is a client: which project? @northwind/").waitFor();
  await line(page).fill(example);
  await page.locator(".timer-line button").first().click();
  await page.locator("li.entry", { hasText: "standup" }).first().waitFor();
  assert.deepEqual(page.complaints, []);
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
