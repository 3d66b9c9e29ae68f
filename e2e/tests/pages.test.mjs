// The pages beside Today: each opens, is accessible, and works with and without JavaScript.
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
let project;

const PLAIN = ["reports", "reports?preset=this-month&group=member%2Cproject", "projects", "clients", "tags", "people", "settings", "profile", "security", "tokens", "trash"];
/** Of those who run the workspace. */
const RUNNING = ["roles", "teams", "sign-in-policy"];

before(async () => {
  it = await owner();
  ({ server, browser, root, state } = it);
  const page = await it.open("projects");
  project = await page.locator("a.thing").first().getAttribute("href");
  await page.context().close();
});

after(() => it?.end());

const open = (path, options) => it.open(path, options);

const close = (page) => page.context().close();
const button = (within, name) => within.getByRole("button", { name, exact: true });
const toast = (page, text) => page.locator(".toast", { hasText: text }).waitFor();

for (const colorScheme of ["light", "dark"]) {
  for (const width of [360, 400, 1360]) {
    test(`every page, ${colorScheme}, ${width} pixels: axe finds nothing, nothing is too wide`, async () => {
      const page = await visitor(browser, { storageState: state, colorScheme, viewport: { width, height: 900 } });
      for (const path of [...PLAIN, ...RUNNING, project.replace(/.*\/projects/, "projects")]) {
        const response = await page.goto(`${root}/${path}`);
        assert.equal(response.status(), 200, path);
        await accessible(page, `${path}, ${colorScheme}, ${width}`);
        const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(tooWide <= 0, `${path}: ${tooWide} pixels too wide at ${width}`);
        if (process.env.LOOKS) {
          const name = path.replace(/[^a-z]+/g, "-").slice(0, 24);
          await page.screenshot({ path: `${process.env.LOOKS}/${name}-${width}-${colorScheme}.png`, fullPage: true });
        }
      }
      assert.deepEqual(page.complaints, []);
      await close(page);
    });
  }
}

test("pages that are not there, and methods they do not have, have a page", async () => {
  const page = await open("nowhere");
  assert.match(await page.locator("h1").innerText(), /not here/);
  await page.goto(`${root}/clients/0192f0c1-0000-7000-8000-000000000000`);
  assert.match(await page.locator("h1").innerText(), /not here/);
  await page.goto(`${root}/projects/nonsense`);
  assert.match(await page.locator("h1").innerText(), /not here/);
  await close(page);
});

// Everything below is done twice: a plain form must do what the script does.
for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";
  const mark = javaScriptEnabled ? "A" : "B";
  const visit = (path) => open(path, { javaScriptEnabled });

  test(`a project is added, renamed, archived, deleted and brought back, ${how}`, async () => {
    const page = await visit("projects");
    await page.locator("#project-add > summary").click();
    const form = page.locator("#project-add-form");
    await form.getByLabel("Name").fill("Planning");
    await form.getByLabel("Client").selectOption({ label: "Northwind" });
    await button(form, "Add").click();
    await page.getByText("This name is taken").waitFor();
    assert.equal(await form.getByLabel("Name").inputValue(), "Planning");
    assert.equal(await form.getByLabel("Client").evaluate((s) => s.selectedOptions[0].textContent), "Northwind");
    await form.getByLabel("Name").fill(`Winter ${mark}`);
    await button(form, "Add").click();
    const row = page.locator("a.thing", { hasText: `Winter ${mark}` });
    await row.click();
    await page.waitForURL(/\/projects\/[0-9a-f-]{36}/);
    const own = page.locator("#project-form");
    await own.getByLabel("Name").fill(`Summer ${mark}`);
    await button(own, "Save").click();
    await page.locator("h1", { hasText: `Summer ${mark}` }).waitFor();
    await button(page, "Archive").first().click();
    await page.locator(".badge", { hasText: "archived" }).first().waitFor();
    await button(page, "Restore").first().click();
    await toast(page, "Restored");
    await page.locator(".page-head .badge").waitFor({ state: "detached" });
    await button(own, "Delete").click();
    await page.waitForURL(/\/projects(\?|$)/);
    await row.waitFor({ state: "detached" });
    await button(page, "Undo").click();
    await page.locator("h1", { hasText: `Summer ${mark}` }).waitFor();
    await close(page);
  });

  test(`a project that is in use is not deleted, and says so, ${how}`, async () => {
    const page = await visit(project.replace(/.*\/projects/, "projects"));
    await button(page.locator("#project-form"), "Delete").click();
    await page.getByText("This is still in use. Archive it instead.").waitFor();
    await close(page);
  });

  test(`tasks and people of a project, ${how}`, async () => {
    const page = await visit(project.replace(/.*\/projects/, "projects"));
    await page.locator("#task-add").fill(`Sketch ${mark}`);
    await button(page.locator("#task-add-form"), "Add").click();
    const task = page.locator("li[id^=task-]", { hasText: `Sketch ${mark}` });
    await task.locator("summary").click();
    await task.getByLabel("Name").fill("   ");
    await button(task, "Save").click();
    await page.getByText("Please fill this in.").waitFor();
    const open = page.locator("li[id^=task-] details[open]");
    await open.getByLabel("Name").fill(`Drawing ${mark}`);
    await button(open, "Save").click();
    const renamed = page.locator("li[id^=task-]", { hasText: `Drawing ${mark}` });
    await renamed.waitFor();
    await renamed.locator("summary").click();
    await button(renamed, "Delete").click();
    await renamed.waitFor({ state: "detached" });
    await button(page, "Undo").click();
    await renamed.waitFor();
    const add = page.locator("#project-member-add");
    await button(add, "Add").click();
    await page.getByText("Choose a person.").waitFor();
    // Somebody whose role lets them manage one.
    const name = "Tobias Brandt";
    await add.getByLabel("Put on it").selectOption({ label: name });
    await add.getByLabel("Manages it").check();
    await button(add, "Add").click();
    const place = page.locator("li[id^=project-member-]", { hasText: name });
    await place.getByText("manages it", { exact: true }).waitFor();
    await button(place, `Take off ${name}`).click();
    await place.waitFor({ state: "detached" });
    await close(page);
  });

  for (const [things, one] of [["clients", "client"], ["tags", "tag"]]) {
    test(`${things}: add, rename, archive, delete with undo, ${how}`, async () => {
      const page = await visit(things);
      const add = page.locator(`#${one}-add-form`);
      await page.locator(`#${one}-add`).fill("x".repeat(30) + mark);
      await button(add, "Add").click();
      const row = page.locator(`li[id^=${one}-]`, { hasText: "x".repeat(30) + mark });
      await row.locator("summary").click();
      const taken = await page.locator(`li[id^=${one}-] .name`).first().evaluate((e) => e.firstChild.textContent.trim());
      await row.getByLabel("Name").fill(taken);
      await button(row, "Save").click();
      await page.getByText("This name is taken").waitFor();
      const opened = page.locator(`li[id^=${one}-] details[open]`);
      assert.equal(await opened.getByLabel("Name").inputValue(), taken);
      await opened.getByLabel("Name").fill(`Zebra ${mark}`);
      await button(opened, "Save").click();
      const renamed = page.locator(`li[id^=${one}-]`, { hasText: `Zebra ${mark}` });
      await renamed.locator("summary").click();
      await button(renamed, "Archive").click();
      await renamed.locator(".badge", { hasText: "archived" }).waitFor();
      await renamed.locator("summary").click();
      await button(renamed, "Restore").click();
      await renamed.locator(".badge", { hasText: "archived" }).waitFor({ state: "detached" });
      await renamed.locator("summary").click();
      await button(renamed, "Delete").click();
      await renamed.waitFor({ state: "detached" });
      await button(page, "Undo").click();
      await renamed.waitFor();
      await close(page);
    });
  }

  test(`somebody is invited, again, and taken back; roles change, ${how}`, async () => {
    const page = await visit("people");
    const form = page.locator("#invite-form");
    const email = `new-${mark.toLowerCase()}@example.org`;
    assert.match(await page.locator("main").innerText(), /No mail server is configured/);
    await form.getByLabel("E-mail").fill("amara@lantern.example");
    await form.getByLabel("Role").selectOption("admin");
    await button(form, "Invite").click();
    await page.getByText("belongs to a member").waitFor();
    assert.equal(await form.getByLabel("Role").inputValue(), "admin");
    await form.getByLabel("E-mail").fill(email);
    await button(form, "Invite").click();
    const row = page.locator("li[id^=invitation-]", { hasText: email });
    await row.waitFor();
    const before = await row.getAttribute("id");
    await button(row, `Send again ${email}`).click();
    // Sent again it is another invitation: the link of the first one no longer works.
    await page.locator(`#${before}`).waitFor({ state: "detached" });
    await row.waitFor();
    await button(row, `Take back ${email}`).click();
    await row.waitFor({ state: "detached" });
    const me = page.locator("li[id^=member-]", { hasText: "(you)" });
    await me.locator("summary").click();
    await me.getByLabel("Role").selectOption("member");
    await button(me, "Save").click();
    await page.getByText("A workspace needs an owner").waitFor();
    const sam = page.locator("li[id^=member-]", { hasText: "Sam Whitfield" });
    if (!(await sam.locator("details[open]").count())) await sam.locator("summary").click();
    await sam.getByLabel("Role").selectOption("manager");
    await button(sam, "Save").click();
    await sam.locator(".badge", { hasText: "Manager" }).waitFor();
    await sam.locator("summary").click();
    await sam.getByLabel("Role").selectOption("member");
    await button(sam, "Save").click();
    await sam.locator(".badge", { hasText: "Member" }).waitFor();
    await close(page);
  });

  test(`settings and profile are changed, and bad input keeps what was typed, ${how}`, async () => {
    for (const [path, form] of [["settings", "#settings-form"], ["profile", "#profile-form"]]) {
      const page = await visit(path);
      const within = page.locator(form);
      const name = await within.getByLabel("Name", { exact: true }).inputValue();
      await within.getByLabel("Time zone").fill("Mars/Olympus");
      await within.getByLabel("The week begins on").selectOption("sunday");
      await within.getByLabel("Name", { exact: true }).fill(" ");
      await button(within, "Save").click();
      await page.getByText("Use a name such as Europe/Berlin").waitFor();
      await page.getByText("Please fill this in.").waitFor();
      assert.equal(await within.getByLabel("Time zone").inputValue(), "Mars/Olympus");
      assert.equal(await within.getByLabel("The week begins on").inputValue(), "sunday");
      await within.getByLabel("Time zone").fill("Europe/Berlin");
      await within.getByLabel("The week begins on").selectOption("monday");
      await within.getByLabel("Name", { exact: true }).fill(`${name} ${mark}`);
      await button(within, "Save").click();
      await toast(page, "Saved");
      assert.equal(await within.getByLabel("Name", { exact: true }).inputValue(), `${name} ${mark}`);
      await within.getByLabel("Name", { exact: true }).fill(name);
      await button(within, "Save").click();
      await page.locator(form).and(page.locator(`:has(input[name=name][value="${name}"])`)).waitFor();
      await close(page);
    }
  });

  test(`two people save the same settings: both texts, ${how}`, async () => {
    const [here, there] = [await visit("settings"), await open("settings", { javaScriptEnabled: false })];
    const name = await here.getByLabel("Name", { exact: true }).inputValue();
    await here.getByLabel("Name", { exact: true }).fill(`Mine ${mark}`);
    await there.getByLabel("Name", { exact: true }).fill(`Theirs ${mark}`);
    await button(there, "Save").click();
    await toast(there, "Saved");
    await button(here, "Save").click();
    await here.locator("h1", { hasText: "Somebody was faster" }).waitFor();
    assert.match(await here.locator("table").innerText(), new RegExp(`Mine ${mark}.*Theirs ${mark}`, "s"));
    if (javaScriptEnabled) await accessible(here, "both texts");
    await button(here, "Save mine").click();
    await here.waitForURL(/settings/);
    assert.equal(await here.getByLabel("Name", { exact: true }).inputValue(), `Mine ${mark}`);
    await here.getByLabel("Name", { exact: true }).fill(name);
    await button(here, "Save").click();
    await toast(here, "Saved");
    await close(here);
    await close(there);
  });

  test(`a token is made, shown once, works and is revoked, ${how}`, async () => {
    const page = await visit("tokens");
    await page.getByLabel("Name", { exact: true }).fill(`Kitchen ${mark}`);
    await page.getByLabel("It may").selectOption("read");
    await button(page, "Make it").click();
    const secret = await page.locator("#secret").innerText();
    assert.match(secret, /^tp1_/);
    const ask = () => fetch(`${server.url}/api/v1/workspaces`, { headers: { authorization: `Bearer ${secret}` } });
    assert.equal((await ask()).status, 200);
    // Pages learn of changes within a moment; the secret must not go with that.
    await page.waitForTimeout(700);
    assert.equal(await page.locator("#secret").count(), 1);
    await button(page, `Revoke Kitchen ${mark}`).click();
    await page.locator("li[id^=token-]", { hasText: `Kitchen ${mark}` }).waitFor({ state: "detached" });
    assert.equal(await page.locator("#secret").count(), 0);
    assert.equal((await ask()).status, 401);
    await close(page);
  });

  test(`a report of any range, by person, as a file; a wrong range says what is wrong, ${how}`, async () => {
    const page = await visit("reports");
    await page.getByRole("link", { name: "Last month" }).click();
    await page.waitForURL(/preset=last-month/);
    await page.getByLabel("Group by").selectOption("member,project");
    if (javaScriptEnabled) await page.waitForURL(/group=member/);
    else await button(page, "Show").click();
    await page.locator("h1", { hasText: "Hours by person" }).waitFor();
    const total = await page.locator("tfoot td").first().innerText();
    assert.equal(total, await page.locator("dl.stats dd").first().innerText());
    const href = await page.getByRole("link", { name: "CSV" }).getAttribute("href");
    const file = await page.request.get(server.url + href);
    assert.match(file.headers()["content-disposition"], /attachment; filename="summary-.*\.csv"/);
    const [head, ...rows] = (await file.text()).trim().split("\r\n");
    assert.match(head, /Member,Project,/);
    assert.ok(rows.length > 8);
    await page.goto(`${root}/reports?first=2026-03-02&last=2026-03-01`);
    assert.match(await page.locator("main").innerText(), /The last day is before the first/);
    assert.equal(await page.getByLabel("From").inputValue(), "2026-03-02");
    assert.equal(await page.getByRole("link", { name: "CSV" }).count(), 0);
    assert.equal(await page.locator("dl.stats").count(), 0);
    await close(page);
  });
}

test("I see where I am signed in, and end the others", async () => {
  const enter = async () => {
    const page = await visitor(browser);
    await signIn(page, await signInLink(server, "tobias@lantern.example"));
    return page;
  };
  const [here, there, third] = [await enter(), await enter(), await enter()];
  await here.goto(`${root}/security`);
  const rows = here.locator("li[id^=session-]");
  await here.getByText("this browser", { exact: true }).waitFor();
  assert.equal(await rows.count(), 3);
  await here.locator("li[id^=session-] button").first().click();
  await here.waitForFunction(() => document.querySelectorAll("li[id^=session-]").length === 2);
  await button(here, "Sign out everywhere else").click();
  await here.waitForFunction(() => document.querySelectorAll("li[id^=session-]").length === 1);
  for (const page of [there, third]) {
    await page.goto(`${root}/security`);
    assert.match(page.url(), /sign-in/);
    await close(page);
  }
  await close(here);
});

/** How one signs in is everybody's own. */
const OWN = ["profile", "security/address", "security/apps", "security/mail-step", "security/passkeys", "security/password", "security/providers", "tokens"];

/** What each role is offered: the forms of every page, ids left out. */
const OFFERED = {
  "tobias@lantern.example": [
    "clients", "clients/*", "clients/*/archive", "clients/*/delete", "invitations", "invitations/*/send-again",
    "invitations/*/withdraw", "people/*", "people/*/remove", "projects", "projects/*", "projects/*/archive",
    "projects/*/delete", "projects/*/members", "projects/*/tasks", "settings", "tags", "tags/*", "tags/*/archive",
    "tags/*/delete", "tasks/*", "tasks/*/archive", "tasks/*/delete", "roles", "roles/*", "roles/*/delete", "sign-in-policy", "teams", ...OWN,
  ],
  // Manages projects one to three: their tasks and people.
  "amara@lantern.example": [
    "projects/*/members", "projects/*/members/*/remove", "projects/*/tasks", "tasks/*",
    "tasks/*/archive", "tasks/*/delete", ...OWN,
  ],
  "sam@lantern.example": OWN,
};

for (const [email, offered] of Object.entries(OFFERED)) {
  test(`${email} is offered what their role may do`, async () => {
    const page = await visitor(browser);
    await signIn(page, await signInLink(server, email));
    await page.goto(`${root}/projects`);
    const projects = await page.locator("main a.thing").evaluateAll((links) => links.map((a) => a.pathname.replace(/.*\/(?=projects)/, "")));
    const found = new Set();
    const running = offered.includes("settings") ? RUNNING : [];
    for (const path of [...PLAIN.filter((path) => path !== "trash"), ...running, ...projects]) {
      const response = await page.goto(`${root}/${path}`);
      assert.equal(response.status(), 200, path);
      await accessible(page, `${path} of ${email}`);
      const actions = await page.evaluate(() => [...document.querySelectorAll("main form[method=post], main [formaction]")]
        .filter((e) => !e.closest("fieldset[disabled]") && !e.querySelector("fieldset[disabled]"))
        .map((e) => new URL(e.getAttribute("formaction") ?? e.action, location.href).pathname));
      for (const action of actions) found.add(action.replace(/^\/w\/[^/]+\//, "").replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "*"));
    }
    const rare = ["security/sessions/*/end", "security/browsers/*/forget", "security/sessions/end-others", "security/sessions/end-all", "tokens/*/revoke", "projects/*/members/*/remove", "projects/*/restore", "clients/*/restore", "tags/*/restore", "tasks/*/restore"];
    const without = (list) => list.filter((one) => !rare.includes(one)).sort();
    assert.deepEqual(without([...found]), without(offered));
    await close(page);
  });
}

test("a member's report is of their own time, an admin's of everyone's", async () => {
  for (const [email, whose] of [["sam@lantern.example", /your time ·/], ["amara@lantern.example", /projects you manage/], ["tobias@lantern.example", /everyone|jeder/]]) {
    const page = await visitor(browser);
    await signIn(page, await signInLink(server, email));
    await page.goto(`${root}/reports`);
    assert.match(await page.locator(".page-head").innerText(), whose);
    await close(page);
  }
});

test("who leaves is out at once, and is told where they stand", async () => {
  const page = await visitor(browser);
  await signIn(page, await signInLink(server, "chloe@lantern.example"));
  const other = await page.context().newPage();
  await other.goto(`${root}/today`);
  await page.goto(`${root}/people`);
  await page.locator("li[id^=member-] summary").click();
  await page.getByRole("link", { name: "Leave the workspace" }).click();
  await accessible(page, "leave");
  await button(page, "Leave the workspace").click();
  await page.getByText("You have left the workspace").waitFor();
  await page.locator("h1", { hasText: "No workspace yet" }).waitFor();
  await accessible(page, "no workspace");
  assert.equal((await other.goto(`${root}/today`)).status(), 404);
  await close(page);
});
