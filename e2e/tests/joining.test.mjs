// Joining by mail domain in a browser: an owner says who may join, somebody new comes by the link of a
// real letter, and somebody known by the menu; on the real server, in light and dark, on a telephone and
// a desk. Pictures go to the folder that LOOKS names.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { empty, linkIn, operate, setUp, signInByMail } from "../support/account.mjs";
import { launch, looker, press, visitor } from "../support/browser.mjs";

let browser;
const look = looker("joining");

before(async () => { browser = await launch(); });
after(() => browser?.close());

async function ask(page, server, email) {
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("E-mail").fill(email);
  await press(page, "Send me a code");
  await page.getByLabel("Code").waitFor();
}

/** By a code from a mail, whoever was signed in before. */
async function signIn(page, server, email) {
  await page.context().clearCookies();
  await signInByMail(page, server, email);
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";

  test(`people of a mail domain join, ${how}`, async () => {
    const server = await empty();
    const [ada, grace, ben] = ["ada@kitchen.example", "grace@kitchen.example", "ben@kitchen.example"];
    try {
      const enter = () => visitor(browser, { javaScriptEnabled });
      const page = await enter();
      const root = await setUp(page, server);
      const { stdout } = await operate(server, "link", "--new-workspace");
      const garden = await enter();
      await setUp(garden, server, { link: stdout.match(/Set up: (\S+)/)[1], workspace: "The garden", name: "Ben Example", email: ben });

      // The operator's link shows no mailbox; a code from a mail does.
      await signIn(page, server, ada);
      await page.goto(`${root}/sign-in-policy`);
      await page.locator("#joining-domains").fill("gmail.com");
      await press(page, "See who could join");
      await page.getByText("Anybody can get an address at gmail.com").waitFor();
      await page.locator("#joining-domains").fill("kitchen.example");
      await press(page, "See who could join");
      await page.getByText("People with an address at kitchen.example can join as Member").waitFor();
      await look(page, "preview");
      await page.locator("#joining-form").getByRole("button", { name: "Save it" }).click();
      await page.getByText("can join as Member without being asked.").first().waitFor();
      await page.locator("#joining-consequences").waitFor({ state: "detached" });
      await look(page, "saved");

      // Somebody whom nobody knows.
      const guest = await enter();
      await ask(guest, server, grace);
      await guest.goto(await linkIn(server, grace, "join"));
      await guest.getByRole("heading", { name: "Join The kitchen" }).waitFor();
      await guest.getByText("Who has an address at kitchen.example may join as a member.").waitFor();
      await look(guest, "join");
      await guest.getByLabel("Your name").fill("Grace Example");
      await press(guest, "Join");
      await guest.waitForURL(/\/today/);
      assert.ok(guest.url().startsWith(root));
      const again = await enter();
      await again.goto(await linkIn(server, grace, "join"));
      await again.getByText("Ask for an invitation").waitFor();

      // Somebody who has a workspace of their own.
      await signIn(garden, server, ben);
      await garden.goto(`${server.url}/workspaces`);
      await look(garden, "offered");
      await garden.getByRole("link", { name: "Join The kitchen" }).click();
      await garden.getByRole("heading", { name: "Join The kitchen" }).waitFor();
      assert.equal(await garden.getByLabel("Your name").inputValue(), "Ben Example");
      await press(garden, "Join");
      await garden.waitForURL(/\/today/);
      assert.ok(garden.url().startsWith(root));
      await page.goto(`${root}/people`);
      for (const name of ["Grace Example", "Ben Example"]) await page.getByText(name).first().waitFor();
    } finally {
      await server.stop();
    }
  });
}
