// The sample pages in a browser: no accessibility finding, nothing wider than the window, no layout
// shift, nothing that the policy refuses, and what the behaviours promise.
// Before: cargo nextest run -p server --test pages. Pictures go to target/tmp/looks when LOOKS=1.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { Preview } from "../support/preview.mjs";

const target = process.env.CARGO_TARGET_DIR ?? new URL("../../target", import.meta.url).pathname;
const preview = new Preview(process.env.PREVIEW ?? `${target}/tmp/ui-preview`);
const axe = fs.readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
let browser;

before(async () => {
  await preview.listen();
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
});
after(async () => {
  await browser?.close();
  preview.close();
});

for (const [width, colorScheme] of [[1360, "light"], [1360, "dark"], [400, "light"], [400, "dark"], [360, "light"]]) {
  test(`every page at ${width} pixels, ${colorScheme}`, async () => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    const refused = [];
    page.on("console", (message) => { if (message.type() === "error") refused.push(message.text()); });
    page.on("pageerror", (error) => refused.push(error.message));
    for (const name of preview.names()) {
      await page.goto(`${preview.url}/${name}.html`);
      const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(tooWide <= 0, `${name} is ${tooWide} pixels too wide`);
      if (process.env.LOOKS) await page.screenshot({ path: `${target}/tmp/looks/${name}-${width}-${colorScheme}.png`, fullPage: true });
      await page.evaluate(`${axe};0`);
      const { violations } = await page.evaluate((rules) => axe.run(document, { runOnly: rules }), RULES);
      assert.deepEqual(violations.map((one) => [one.id, one.nodes[0].html]), [], name);
    }
    assert.deepEqual(refused, []);
    await context.close();
  });
}

test("nothing shifts while a page loads", async () => {
  const page = await browser.newPage();
  await page.addInitScript(() => {
    window.shift = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.shift += entry.value; }))
      .observe({ type: "layout-shift", buffered: true });
  });
  for (const name of ["today", "reports", "sign-in", "people"]) {
    await page.goto(`${preview.url}/${name}.html`);
    await page.evaluate(() => document.fonts.ready);
    assert.ok(await page.evaluate(() => window.shift) < 0.001, name);
  }
  await page.close();
});

test("Today, by keyboard, while others change it", async (t) => {
  const page = await browser.newPage({ viewport: { width: 1360, height: 900 } });
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.stack));
  const today = "/w/northwind/today";
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.tagName);
  const eventually = (what) => page.waitForFunction(what, undefined, { timeout: 5000 });
  const changed = (change) => {
    preview.pages.set(today, change(preview.read("today")));
    preview.emit("change");
  };
  await page.goto(preview.url + today);
  await eventually(() => document.documentElement.classList.contains("has-script"));

  await t.test("the clock goes by the server's time, and stands in the title", async () => {
    await eventually(() => /^1:1[23]:\d\d$/.test(document.querySelector(".clock").textContent) && document.querySelector(".clock").textContent !== "1:12:48");
    assert.match(await page.title(), /^1:12 · Today · Timeproof · Review/);
  });

  await t.test("a line is read and completed", async () => {
    await page.keyboard.press("n");
    assert.equal(await focused(), "line");
    await page.keyboard.type("1:30 standup @nor");
    await page.waitForSelector("#line-options:not([hidden])");
    assert.equal(await page.textContent("#line-echo"), "= 1 h 30 min");
    assert.equal(await page.textContent("#timer-line [data-label]"), "Add");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    assert.equal(await page.getAttribute("#line", "aria-activedescendant"), "line-options-1");
    await page.keyboard.press("Tab");
    assert.equal(await page.inputValue("#line"), "1:30 standup @northwind/dashboards ");
    assert.equal(await focused(), "line");
  });

  await t.test("a change elsewhere comes in, and what is typed stays", async () => {
    changed((html) => html.replaceAll("Stand-up", "Moved"));
    await eventually(() => document.getElementById("entry-e3-2026-11-21").textContent.includes("Moved"));
    assert.equal(await page.inputValue("#line"), "1:30 standup @northwind/dashboards ");
    assert.equal(await focused(), "line");
  });

  await t.test("a refused line keeps its text and says why", async () => {
    preview.answer = [422, "today-stopped"];
    await page.keyboard.press("Enter");
    await page.waitForSelector("#line-wrong");
    assert.equal(await focused(), "line");
    assert.match(preview.posts.at(-1)[1], /csrf=token/);
  });

  await t.test("an accepted line is cleared", async () => {
    preview.answer = [303, today];
    await page.keyboard.press("Enter");
    await eventually(() => document.getElementById("line").value === "" && !document.getElementById("line-wrong"));
    assert.equal(await focused(), "line");
  });

  await t.test("an entry opens in place and outlives changes, even its deletion", async () => {
    await page.focus("#entry-e2-2026-11-21 summary");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#entry-e2-note:focus");
    await page.keyboard.press("End");
    await page.keyboard.type(" typed");
    changed((html) => html.replace(/<li class="entry" id="entry-e2-2026-11-21">[\s\S]*?<\/li>/, "").replaceAll("Stand-up", "Gone"));
    await eventually(() => document.getElementById("entry-e3-2026-11-21").textContent.includes("Gone"));
    assert.match(await page.inputValue("#entry-e2-note"), / typed$/);
    assert.equal(await focused(), "entry-e2-note");
  });

  await t.test("a refused edit has its sentence, a saved one closes", async () => {
    preview.answer = [422, "entry-wrong"];
    await page.keyboard.press("Enter");
    await page.waitForSelector("#entry-e2-note-wrong");
    assert.equal(await focused(), "entry-e2-note");
    preview.pages.set(today, preview.read("today").replace("Invoice template", "Saved"));
    preview.answer = [303, today];
    await page.click("#entry-e2-form button.primary");
    await eventually(() => document.getElementById("entry-e2-2026-11-21").textContent.includes("Saved"));
    assert.equal(await page.locator("#entry-e2-2026-11-21 details[open]").count(), 0);
    assert.equal(await focused(), "SUMMARY");
  });

  await t.test("Escape throws nothing away without a word", async () => {
    await page.keyboard.press("Enter");
    await page.waitForSelector("#entry-e2-note:focus");
    const before = await page.inputValue("#entry-e2-note");
    await page.keyboard.type("more");
    await page.keyboard.press("Escape");
    await page.locator(".toast", { hasText: "What you typed is not saved." }).waitFor();
    assert.equal(await page.inputValue("#entry-e2-note"), `more${before}`);
    await page.keyboard.press("Escape");
    assert.equal(await focused(), "SUMMARY");
    assert.equal(await page.locator("#entry-e2-2026-11-21 details[open]").count(), 0);
  });

  await t.test("closed and opened again at once, it holds what is saved", async () => {
    await page.keyboard.press("Enter");
    await page.waitForSelector("#entry-e2-note:focus");
    const saved = await page.inputValue("#entry-e2-note");
    await page.keyboard.type("thrown away");
    await page.locator("#entry-e2-2026-11-21 details[data-part]").evaluate((details) => {
      details.open = false;
      details.querySelector("summary").focus();
      details.open = true;
    });
    await page.waitForSelector("#entry-e2-note:focus");
    assert.equal(await page.inputValue("#entry-e2-note"), saved);
    await page.keyboard.press("Escape");
  });

  await t.test("Escape closes, ? shows the keys, S stops", async () => {
    await page.keyboard.press("Enter");
    await page.waitForSelector("#entry-e2-note:focus");
    await page.keyboard.press("Escape");
    assert.equal(await focused(), "SUMMARY");
    await page.keyboard.press("?");
    assert.ok(await page.isVisible(".keys"));
    await page.keyboard.press("Escape");
    const [request] = await Promise.all([page.waitForRequest((one) => one.method() === "POST"), page.keyboard.press("s")]);
    assert.match(request.url(), /\/timer\/stop$/);
  });

  await t.test("tasks are those of the project, also after a change", async () => {
    await page.click("#by-hand summary");
    assert.equal(await page.isVisible("#entry-new-task"), false);
    changed((html) => html.replaceAll("Stand-up", "Again"));
    await eventually(() => document.getElementById("entry-e3-2026-11-21").textContent.includes("Again"));
    assert.equal(await page.isVisible("#entry-new-task"), false);
    await page.selectOption("#entry-new-project", "p1");
    assert.equal(await page.locator("#entry-new-task option").count(), 3);
  });

  await t.test("a failure says so and keeps what was typed", async () => {
    preview.answer = null;
    await page.fill("#entry-new-note", "keep me");
    await page.click("#by-hand button.primary");
    await page.waitForSelector(".toast[role=alert]");
    assert.equal(await page.inputValue("#entry-new-note"), "keep me");
  });

  await t.test("the end of the session is said and closes the stream", async () => {
    preview.emit("ended");
    await page.waitForSelector("#ended:not([hidden])");
    assert.equal(await page.inputValue("#entry-new-note"), "keep me");
  });
  assert.deepEqual(errors, []);
  await page.close();
});

test("without JavaScript an entry leads to its own page", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  preview.pages.clear();
  await page.goto(`${preview.url}/today.html`);
  await page.click("#entry-e2-2026-11-21 summary");
  await page.click("#entry-e2-2026-11-21 a >> text=Edit");
  assert.equal(await page.inputValue("#entry-e2-version, [name=version]"), "3");
  await context.close();
});
