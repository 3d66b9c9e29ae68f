// Who may do what, in a browser: a role is made and given, a team is filled, a sign-in policy is looked at
// and saved (by keyboard alone), and an owner has the second step of somebody taken away. On the demo;
// by mouse, without JavaScript, and on a telephone. Pictures go to the folder that LOOKS names.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { App } from "../support/app.mjs";
import { looker, press, signIn, visitor } from "../support/browser.mjs";
import { owner } from "../support/owner.mjs";
import { signInLink } from "../support/server.mjs";

let it;
const look = looker("rights");

before(async () => { it = await owner(); });
after(() => it?.end());

const close = (page) => page.context().close();
const toast = (page, text) => page.locator(".toast", { hasText: text }).waitFor();
const button = (within, name) => within.getByRole("button", { name, exact: true });
/** The thing on a list that this name belongs to. */
const row = (page, name) => page.locator("ul.things > li", { hasText: name }).first();

/** What was refused or not found is told in the console too; nothing else is. */
function calm(page) {
  assert.deepEqual(page.complaints.filter((text) => !/40[13]|422/.test(text)), []);
}

async function fits(page, what) {
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(tooWide <= 0, `${what}: ${tooWide} pixels too wide`);
}

/** Goes on with Tab until the focus is there. */
async function tabTo(page, locator) {
  for (let steps = 0; steps < 120; steps += 1) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`no way there by Tab: ${locator}`);
}

/** Somebody of the demo in a browser of their own. */
async function come(address, options) {
  const page = await visitor(it.browser, options);
  await signIn(page, await signInLink(it.server, address));
  return page;
}

const WAYS = [
  ["with JavaScript", {}, "Priya Raman", "priya@lantern.example"],
  ["without JavaScript", { javaScriptEnabled: false }, "Luis Ferreira", "luis@lantern.example"],
  ["at 400 pixels", { viewport: { width: 400, height: 800 } }, "Sam Whitfield", "sam@lantern.example"],
];

for (const [how, options, name, address] of WAYS) {
  const looks = (page, what) => (how === "with JavaScript" ? look(page, what) : fits(page, what));

  test(`a role is made, given and changed, ${how}`, async () => {
    const page = await it.open("roles", options);
    await page.locator("#role-add > summary").click();
    const form = page.locator("#role-add-form");
    await looks(page, "role to make");
    const title = `Planner ${how}`;
    await form.getByLabel("Name", { exact: true }).fill(title);
    await form.getByLabel("See all clients and projects").check();
    await form.getByLabel("Track their own time").check();
    await button(form, "Make it").click();
    await row(page, title).getByText("2 rights").waitFor();
    await looks(page, "roles");
    // A taken name is said beside its field, and what was ticked stays.
    await page.locator("#role-add > summary").click();
    await form.getByLabel("Name", { exact: true }).fill(title);
    await form.getByLabel("See all clients and projects").check();
    await button(form, "Make it").click();
    await page.getByText("This name is taken").waitFor();
    assert.ok(await form.getByLabel("See all clients and projects").isChecked());

    await page.goto(`${it.root}/people`);
    const person = row(page, "Chloé Martin");
    await person.locator("summary").click();
    await person.getByLabel("Role").selectOption({ label: title });
    await button(person, "Save").click();
    await toast(page, "Saved");
    await row(page, "Chloé Martin").locator(".badge", { hasText: title }).waitFor();
    // She may what it says, and no more.
    const chloe = await come("chloe@lantern.example", options);
    assert.equal((await chloe.goto(`${it.root}/projects`)).status(), 200);
    assert.equal((await chloe.goto(`${it.root}/reports`)).status(), 200);
    assert.equal((await chloe.goto(`${it.root}/sign-in-policy`)).status(), 403);

    await page.goto(`${it.root}/roles`);
    await row(page, title).locator("summary").click();
    const own = row(page, title);
    await own.getByLabel("Track their own time").uncheck();
    await button(own, "Save").click();
    await toast(page, "Saved");
    await chloe.goto(`${it.root}/today`);
    await chloe.waitForURL(/\/projects/);
    calm(page);
    await Promise.all([page, chloe].map(close));
  });

  test(`a team is filled and managed, ${how}`, async () => {
    const page = await it.open("teams", options);
    const title = `Layout ${how}`;
    await page.getByLabel("Make a team").fill(title);
    await button(page, "Make it").click();
    await page.locator("h1", { hasText: title }).waitFor();
    const add = page.locator("#team-member-add");
    await button(add, "Add").click();
    await page.getByText("Choose a person.").first().waitFor();
    await add.getByLabel("Put in it").selectOption({ label: name });
    await button(add, "Add").click();
    await row(page, name).waitFor();
    // Who has no role for it does not manage it.
    await add.getByLabel("Put in it").selectOption({ label: "Sam Whitfield" === name ? "Priya Raman" : "Sam Whitfield" });
    await add.getByLabel("Manages it").check();
    await button(add, "Add").click();
    await page.getByText("Who manages a team needs the role of a manager").waitFor();
    await looks(page, "team refused");
    await add.getByLabel("Put in it").selectOption({ label: "Jonas Weber" });
    await add.getByLabel("Manages it").check();
    await button(add, "Add").click();
    await row(page, "Jonas Weber").getByText("manages it").first().waitFor();
    await looks(page, "team");
    const jonas = await come("jonas@lantern.example", options);
    await jonas.goto(page.url());
    await row(jonas, name).getByRole("link", { name }).click();
    await jonas.waitForURL(/\/time\?member=/);
    // Taken out, they are out of his sight.
    const theirs = jonas.url();
    await row(page, name).getByRole("button", { name: /^Take out/ }).click();
    await row(page, name).getByRole("button").first().waitFor({ state: "detached" });
    const after = await jonas.goto(theirs);
    assert.ok([200, 404].includes(after.status()), String(after.status()));
    calm(page);
    await Promise.all([page, jonas].map(close));
  });

  test(`a sign-in policy is looked at and saved, by keyboard alone, ${how}`, async () => {
    const page = await it.open("sign-in-policy", options);
    const box = page.getByLabel("Passkeys", { exact: false }).first();
    const told = page.locator("#policy-consequences");
    const enter = async (text) => {
      await tabTo(page, button(page, text));
      await page.keyboard.press("Enter");
    };
    const toggle = async () => {
      await tabTo(page, box);
      await page.keyboard.press("Space");
    };
    await toggle();
    await enter("See what this does");
    await told.getByText("Nothing is saved yet").waitFor();
    await looks(page, "policy looked at");
    await page.reload();
    await page.goto(`${it.root}/sign-in-policy`);
    assert.ok(await box.isChecked(), "nothing was saved by looking");
    await toggle();
    await enter("See what this does");
    await told.waitFor();
    await enter("Save it");
    await toast(page, "Saved");
    assert.ok(!await box.isChecked());
    await told.waitFor({ state: "detached" });
    await looks(page, "policy saved");
    await toggle();
    await enter("See what this does");
    await told.getByText("Nobody who is signed in now is kept out").waitFor();
    await enter("Save it");
    await toast(page, "Saved");
    assert.ok(await box.isChecked());
    calm(page);
    await close(page);
  });

  test(`an owner has a lost second step taken away, and its person stops it, ${how}`, async () => {
    const theirs = await come(address, options);
    await theirs.goto(`${it.root}/security`);
    await theirs.getByLabel("Name of the app or device").fill("A phone");
    await press(theirs, "Set up an authenticator app");
    const app = new App(await theirs.locator("#app-secret").innerText());
    await theirs.locator("#code").fill(await app.code());
    await press(theirs, "Turn it on");
    await theirs.getByRole("heading", { name: "Your recovery codes" }).waitFor();

    const page = await it.open("people", options);
    const lost = "They have lost their second step of sign-in";
    // One who has none has none to lose.
    await row(page, "Ingrid Solberg").locator("summary").click();
    await row(page, "Ingrid Solberg").getByRole("button", { name: lost }).click();
    await page.getByText("no second step of sign-in").first().waitFor();
    await page.goto(`${it.root}/people`);
    await row(page, name).locator("summary").click();
    await looks(page, "person");
    await row(page, name).getByRole("button", { name: lost }).click();
    await toast(page, "Announced by mail to them and all owners");
    await looks(page, "reset announced");

    await theirs.goto(`${it.root}/security`);
    await theirs.getByText("second step is about to be removed").waitFor();
    await press(theirs, "Stop it");
    await theirs.getByText("second step is about to be removed").waitFor({ state: "detached" });
    calm(page);
    await Promise.all([page, theirs].map(close));
  });
}
