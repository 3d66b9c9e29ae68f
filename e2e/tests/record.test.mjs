// The record while it grows: what is new comes in, nothing moves under who reads further down, and what
// proves an event is taken along and checked without the server.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { accessible, visitor } from "../support/browser.mjs";
import { owner } from "../support/owner.mjs";

const tp = process.env.TP_BIN ?? new URL("../../target/debug/tp", import.meta.url).pathname;

let it;
let browser;
let state;
let root;
let folder;

before(async () => {
  it = await owner();
  ({ browser, root, state } = it);
  folder = await mkdtemp(join(tmpdir(), "timeproof-record-"));
});

after(async () => {
  await it?.end();
  await rm(folder, { recursive: true, force: true });
});

const open = (path, options) => it.open(path, options);
const close = (page) => page.context().close();
const events = (page) => page.locator("#record-events li[id]");
const newer = (page) => page.locator("[data-newer]");

/** Adds a tag in a page of its own; its name. */
async function add(name) {
  const page = await open("tags");
  await page.locator("#tag-add").fill(name);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.locator("li", { hasText: name }).first().waitFor();
  await close(page);
  return name;
}

/** Takes a file along that a link gives; its name and where it lies. */
async function take(page, link) {
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  const path = join(folder, download.suggestedFilename());
  await download.saveAs(path);
  return path;
}

test("what is done elsewhere comes in at the top, and gets its place in the log", async () => {
  const page = await open("record?part=work");
  const tag = await add("comes in");
  const row = events(page).first();
  await row.filter({ hasText: tag }).waitFor();
  await row.filter({ hasText: /Place \d+/ }).waitFor();
  assert.ok(await newer(page).isHidden());
  assert.deepEqual(page.complaints, []);
  await close(page);
});

test("further down nothing moves: a line says how much is new, and leads there", async () => {
  const page = await open("record?part=work");
  await page.waitForFunction(() => document.documentElement.classList.contains("has-script"));
  const read = events(page).nth(20);
  await read.scrollIntoViewIfNeeded();
  const id = await read.getAttribute("id");
  const where = () => page.locator(`#${id}`).evaluate((element) => element.getBoundingClientRect().top);
  const before = await where();
  assert.ok(await page.evaluate(() => scrollY) > 200);
  await add("one more");
  await newer(page).filter({ hasText: "Show 1 new event" }).waitFor();
  const last = await add("and another");
  await newer(page).filter({ hasText: "Show 2 new events" }).waitFor();
  assert.equal(await where(), before);
  // It is in sight, and nothing lies over it.
  const isOnTop = (element) => {
    const box = element.getBoundingClientRect();
    return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2) === element;
  };
  assert.ok(await newer(page).evaluate(isOnTop));
  await newer(page).focus();
  await page.keyboard.press("Enter");
  await events(page).first().filter({ hasText: last }).waitFor();
  assert.equal(await page.evaluate(() => scrollY), 0);
  assert.ok(await newer(page).isHidden());
  assert.deepEqual(page.complaints, []);
  await close(page);
});

test("what a filter leaves out does not come in", async () => {
  const [people, work] = [await open("record?part=people"), await open("record?part=work")];
  const before = await events(people).evaluateAll((all) => all.map((one) => one.id));
  const tag = await add("for others");
  await events(work).first().filter({ hasText: tag }).waitFor();
  // By then the other page was told as well, and has asked.
  await people.waitForTimeout(500);
  assert.deepEqual(await events(people).evaluateAll((all) => all.map((one) => one.id)), before);
  await close(people);
  await close(work);
});

test("a receipt and the key are taken along, and prove the event without the server", async () => {
  const tag = await add("to be proven");
  const page = await open("record?part=work");
  const row = events(page).filter({ hasText: tag });
  await row.filter({ hasText: /Place \d+/ }).waitFor();
  const receipt = await take(page, row.getByRole("link", { name: /^Receipt/ }));
  const id = (await row.getAttribute("id")).replace("event-", "");
  assert.ok(receipt.endsWith(`event-${id}.tlog-proof`), receipt);
  const key = await take(page, page.getByRole("link", { name: "its key" }));
  const head = await take(page, page.getByRole("link", { name: "the head" }));
  assert.match(head, /checkpoint-\d+\.txt$/);
  assert.match(await readFile(head, "utf8"), /^\S+\n\d+\n/);
  const { stdout } = await promisify(execFile)(tp, ["verify", receipt, "--key", key]);
  assert.match(stdout, /[Vv]alid/);
  // Only this thing, by keyboard, and back to all of them.
  await row.getByRole("link", { name: /^Only this/ }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/object=/);
  assert.equal(await events(page).count(), 1);
  await page.getByLabel("Which").selectOption("");
  await page.waitForURL((url) => !url.searchParams.get("object"));
  assert.ok(await events(page).count() > 1);
  await close(page);
});

test("without scripts it is read, filtered and taken along all the same", async () => {
  const page = await open("record", { javaScriptEnabled: false });
  await page.getByLabel("What", { exact: true }).selectOption("time");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await page.waitForURL(/part=time/);
  assert.ok(await events(page).count() > 10);
  assert.ok(await newer(page).isHidden());
  await take(page, events(page).last().getByRole("link", { name: /^Receipt/ }));
  await page.getByRole("link", { name: "Older" }).click();
  await page.waitForURL(/cursor=/);
  await page.goto(`${root}/record?part=workspace&last=1999-01-01`);
  assert.match(await page.locator(".empty").innerText(), /Nothing here/);
  await close(page);
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [360, 400, 1360]) {
    test(`the record, ${colorScheme}, ${width} pixels: axe finds nothing, nothing is too wide`, async () => {
      const page = await visitor(browser, { storageState: state, colorScheme, viewport: { width, height: 900 } });
      const entry = async () => {
        await page.goto(`${root}/record?part=time`);
        return page.locator("#record-events a[href*='/entries/']").first().getAttribute("href");
      };
      const looks = [["record", "record"], ["record-empty", "record?part=workspace&last=1999-01-01"], ["history", (await entry()).replace(/.*\/entries/, "entries")]];
      for (const [name, path] of looks) {
        assert.equal((await page.goto(`${root}/${path}`)).status(), 200, path);
        await accessible(page, `${path}, ${colorScheme}, ${width}`);
        const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(tooWide <= 0, `${path}: ${tooWide} pixels too wide at ${width}`);
        if (process.env.LOOKS) await page.screenshot({ path: `${process.env.LOOKS}/${name}-${width}-${colorScheme}.png` });
      }
      if (process.env.LOOKS) {
        await page.goto(`${root}/record`);
        await events(page).nth(20).scrollIntoViewIfNeeded();
        await add(`seen at ${width} ${colorScheme}`);
        await newer(page).filter({ hasText: "new event" }).waitFor();
        await page.screenshot({ path: `${process.env.LOOKS}/record-newer-${width}-${colorScheme}.png` });
      }
      assert.deepEqual(page.complaints, []);
      await close(page);
    });
  }
}

test("by keyboard the filter is looked through without leaving the page, and sent by Enter", async () => {
  const page = await open("record");
  await page.waitForFunction(() => document.documentElement.classList.contains("has-script"));
  await page.getByLabel("What", { exact: true }).focus();
  const begun = page.url();
  for (const key of ["ArrowDown", "ArrowDown", "ArrowDown"]) await page.keyboard.press(key);
  // A page that was left would be another document.
  await page.evaluate(() => new Promise((done) => { setTimeout(done, 300); }));
  assert.equal(page.url(), begun);
  assert.equal(await page.getByLabel("What", { exact: true }).inputValue(), "people");
  await page.getByRole("button", { name: "Show", exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/part=people/);
  // By mouse a choice is sent at once.
  await page.getByLabel("What", { exact: true }).selectOption("work");
  await page.waitForURL(/part=work/);
  assert.deepEqual(page.complaints, []);
  await close(page);
});
