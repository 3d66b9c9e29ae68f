// A browser, pages in it, and what every page must keep.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const launch = () => chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** A page of its own context: notes what the browser complains about, and knows whether it has scripts. */
export async function visitor(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, ...options });
  const page = await context.newPage();
  page.hasScript = options.javaScriptEnabled ?? true;
  page.complaints = [];
  page.on("console", (message) => { if (message.type() === "error") page.complaints.push(message.text()); });
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  return page;
}

/** Signs in by the link that the demo printed: one button. */
export async function signIn(page, link) {
  await page.goto(link);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/today/);
}

/** axe finds nothing. Run in an isolated world, past the page's own policy. */
export async function accessible(page, what) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const told = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`);
  assert.deepEqual(told, [], `axe on ${what}`);
}

const SIZES = [{ width: 360, height: 800 }, { width: 1360, height: 900 }];

/**
 * Looks at a page in light and dark, on a telephone and a desk: axe (which is a script) finds nothing, and
 * nothing is too wide. Pictures go to the folder that LOOKS names, each beginning with `kind`.
 */
export const looker = (kind) => async function look(page, what) {
  for (const colorScheme of ["light", "dark"]) {
    // Colours do not fade from one to the other, or axe sees neither.
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const size of SIZES) {
      await page.setViewportSize(size);
      const about = `${what}, ${colorScheme}, ${size.width}`;
      // Without scripts, what a script promises never comes.
      if (page.hasScript) await accessible(page, about);
      const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(tooWide <= 0, `${about}: ${tooWide} pixels too wide`);
      const picture = `${kind}-${what.replaceAll(" ", "-")}-${size.width}-${colorScheme}.png`;
      if (process.env.LOOKS) await page.screenshot({ path: `${process.env.LOOKS}/${picture}`, fullPage: true, animations: "disabled" });
    }
  }
};

/** Presses the first button of this name. */
export const press = (page, name) => page.getByRole("button", { name, exact: true }).first().click();
