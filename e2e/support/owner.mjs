// The demo in a browser, its owner signed in.
import { launch, signIn, visitor } from "./browser.mjs";
import { demo } from "./server.mjs";

/** Starts both. `open` gives a page below the workspace's address in a context of its own. */
export async function owner() {
  const server = await demo();
  const browser = await launch();
  const page = await visitor(browser);
  await signIn(page, server.link);
  const root = page.url().replace(/\/today.*/, "");
  const state = await page.context().storageState();
  await page.context().close();
  return {
    server, browser, root, state,
    async open(path, options) {
      const page = await visitor(browser, { storageState: state, ...options });
      await page.goto(`${root}/${path}`);
      return page;
    },
    async end() {
      await browser.close();
      await server.stop();
    },
  };
}
