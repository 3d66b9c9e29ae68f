// Writes the picture that README.md shows: the Today page of the demo. `cargo xtask screenshot` runs this.
import { launch, signIn, visitor } from "./support/browser.mjs";
import { demo } from "./support/server.mjs";

const target = process.argv[2] ?? new URL("../docs/images/today.png", import.meta.url).pathname;

const server = await demo();
const browser = await launch();
try {
  const page = await visitor(browser, { viewport: { width: 1360, height: 900 }, colorScheme: "light" });
  await signIn(page, server.link);
  await page.evaluate(() => document.fonts.ready);
  // Nothing is in focus, so no ring and no open list.
  await page.evaluate(() => document.activeElement?.blur());
  await page.screenshot({ path: target, animations: "disabled" });
} finally {
  await browser.close();
  await server.stop();
}
