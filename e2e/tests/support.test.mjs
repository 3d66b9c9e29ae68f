// Support access in browsers: an operator asks at the server, the owner lets them in, sees it above every
// page, and ends it. On the demo; by mouse, without JavaScript, at 400 pixels. Pictures go to the folder
// that LOOKS names.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { looker, visitor } from "../support/browser.mjs";
import { owner } from "../support/owner.mjs";
import { command } from "../support/server.mjs";

let it;
let secret;
const look = looker("support");

before(async () => {
  it = await owner();
  const said = await command(it.server, ["operator", "add", "Noor"]);
  secret = said.match(/: (\S+)/)[1];
});
after(() => it?.end());

async function fits(page, what) {
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(tooWide <= 0, `${what}: ${tooWide} pixels too wide`);
}

const WAYS = [
  ["with JavaScript", {}],
  ["without JavaScript", { javaScriptEnabled: false }],
  ["at 400 pixels", { viewport: { width: 400, height: 800 } }],
];

for (const [how, options] of WAYS) {
  test(`an owner lets support in, sees it and ends it, ${how}`, async () => {
    const looks = (page, what) => (how === "with JavaScript" ? look(page, what) : fits(page, what));
    const mine = await it.open("support", options);
    const [, workspace] = new URL(mine.url()).pathname.match(/^\/w\/([^/]+)/);
    const ask = ["support", "ask", "--workspace", workspace, "--as", "Noor", "--reason", `The report is wrong ${how}`, "--ticket", "HELP-7", "--scope", "all", "--minutes", "30"];
    const id = (await command(it.server, ask, secret)).match(/^Asked: (\S+)/m)[1];

    // An open page hears of it by itself.
    if (!mine.hasScript) await mine.reload();
    const card = mine.locator("article.card", { hasText: `The report is wrong ${how}` });
    await card.getByRole("heading", { name: "Noor asks" }).waitFor();
    await looks(mine, "asked");
    await card.getByLabel("For how many minutes").fill("20");
    await card.getByRole("button", { name: "Let them in" }).click();
    await card.getByRole("heading", { name: "Noor is let in" }).waitFor();
    await looks(mine, "open");

    const link = (await command(it.server, ["support", "open", id, "--as", "Noor"], secret)).match(/^Look: (\S+)/m)[1];
    const theirs = await visitor(it.browser, options);
    await theirs.goto(link);
    await theirs.getByRole("button", { name: "Begin" }).click();
    await theirs.getByText("You look into this workspace as support (Noor) until").waitFor();
    await looks(theirs, "seen by support");
    await theirs.goto(new URL("reports", theirs.url()).href);
    await theirs.locator("#main h1").waitFor();
    await looks(theirs, "reports seen by support");
    await theirs.goto(new URL("tokens", theirs.url()).href);
    await theirs.getByRole("heading", { name: "This was not given to you" }).waitFor();
    await theirs.getByText("The owner let you see: Time; Reports").waitFor();
    await theirs.getByText("You look into this workspace as support (Noor) until").waitFor();
    await looks(theirs, "not given");
    await theirs.getByRole("link", { name: "Go on" }).click();
    await theirs.locator("#main h1").waitFor();

    await mine.goto(new URL("people", mine.url()).href);
    const bar = mine.locator(".notice.support");
    await bar.getByText("Support (Noor) can see this workspace until").waitFor();
    await looks(mine, "the banner");
    await bar.getByRole("button", { name: "End now" }).click();
    await mine.getByText("Support access has ended.").waitFor();
    await mine.locator("article.card", { hasText: `The report is wrong ${how}` }).getByText("Ended by an owner").waitFor();
    if (theirs.hasScript) {
      // An open page hears of it, and shows nothing any more.
      await theirs.waitForURL("**/support/ended");
      await theirs.getByRole("heading", { name: "Support access has ended" }).waitFor();
    } else {
      assert.equal((await theirs.reload()).status(), 403);
    }
    await looks(theirs, "over");

    await mine.goto(new URL("record?part=support", mine.url()).href);
    await mine.getByText("Noor (support)").first().waitFor();
    await mine.getByText("looked at the reports").first().waitFor();
    assert.deepEqual(mine.complaints, []);
    await theirs.context().close();
    await mine.context().close();
  });
}

test("two requests of one person are told apart by who listens, and refused by keyboard alone", async () => {
  const page = await it.open("support");
  const [, workspace] = new URL(page.url()).pathname.match(/^\/w\/([^/]+)/);
  for (const reason of ["The first", "The second"]) {
    await command(it.server, ["support", "ask", "--workspace", workspace, "--as", "Noor", "--reason", reason, "--ticket", "HELP-8", "--scope", "time", "--write"], secret);
  }
  const card = page.locator("article.card", { hasText: "The second" });
  await card.waitFor();
  // What one person asks is one sentence above every page; each request has its card.
  assert.equal(await page.locator(".notice.support").count(), 1);
  assert.equal(await page.locator("article.card", { hasText: "The first" }).count(), 1);
  await look(page, "two requests");
  await card.getByLabel("For how many minutes").focus();
  const names = [];
  for (let steps = 0; steps < 3; steps += 1) {
    await page.keyboard.press("Tab");
    names.push(await page.evaluate(() => document.activeElement.innerText.split("\n")[0] || document.activeElement.name));
  }
  assert.deepEqual(names.map((name) => name.replace(/[: ]*Noor$/, "")), ["may_write", "Let them in", "Refuse"]);
  const [give, refuse] = await Promise.all(["Let them in", "Refuse"].map((name) => card.getByRole("button", { name }).boundingBox()));
  assert.equal(give.y, refuse.y, "on one line");
  await page.keyboard.press("Enter");
  await page.locator("article.card", { hasText: "The second" }).getByText("Refused by").waitFor();
  // The keyboard stays in the page.
  assert.notEqual(await page.evaluate(() => document.activeElement.tagName), "BODY");
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});
