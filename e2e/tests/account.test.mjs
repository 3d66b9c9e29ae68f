// One's account in a browser: the address one signs in with is changed with the code from a real letter,
// another browser is signed out, and the mailbox before takes the change back; on the real server, in
// light and dark, on a telephone and a desk. Pictures go to the folder that LOOKS names.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ADA, empty, linkIn, setUp, signInByMail } from "../support/account.mjs";
import { launch, looker, press, visitor } from "../support/browser.mjs";
import { letter } from "../support/server.mjs";

let browser;
const look = looker("account");

before(async () => { browser = await launch(); });
after(() => browser?.close());

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";

  test(`an address is changed, and taken back, ${how}`, async () => {
    const server = await empty();
    const [ada, other] = [ADA, "ada@garden.example"];
    try {
      const enter = () => visitor(browser, { javaScriptEnabled });
      const page = await enter();
      const root = await setUp(page, server);

      // Another browser is signed out from here.
      const guest = await enter();
      await signInByMail(guest, server, ada);
      await page.goto(`${root}/security`);
      const rows = page.locator(".things > li[id^=session-]");
      assert.equal(await rows.count(), 2);
      await rows.filter({ hasNotText: "this browser" }).getByRole("button", { name: /^Sign out/ }).click();
      await page.locator(".things > li[id^=session-]").nth(1).waitFor({ state: "detached" });
      await guest.goto(`${root}/today`);
      await guest.waitForURL(/\/sign-in/);

      // Asked for, left, and asked for again.
      await page.locator("#new-email").fill(other);
      await press(page, "Change the address");
      await page.getByText(`on its way to ${other}`).waitFor();
      await look(page, "waiting");
      await press(page, "Leave it as it is");
      await page.locator("#address-code-form").waitFor({ state: "detached" });
      await letter(server, other);
      await page.locator("#new-email").fill(other);
      await press(page, "Change the address");
      await page.getByText(`on its way to ${other}`).waitFor();
      await page.locator("#address-code").fill("0000-0000");
      await press(page, "Use this address");
      await page.getByText("This code is wrong").waitFor();
      await look(page, "wrong");
      await page.locator("#address-code").fill((await letter(server, other)).code);
      await press(page, "Use this address");
      await page.getByText(`You sign in with ${other}, and letters`).waitFor();
      await page.getByText("can be taken back until").waitFor();
      await look(page, "changed");
      await signInByMail(guest, server, other);

      // The mailbox before takes it back, in a browser nobody is signed in to.
      const mailbox = await enter();
      await mailbox.goto(await linkIn(server, ada, "stop-address"));
      await mailbox.getByRole("heading", { name: "Put your address back" }).waitFor();
      await look(mailbox, "stop");
      await press(mailbox, "Put it back and sign out everywhere");
      await mailbox.getByRole("heading", { name: "Your address is as it was" }).waitFor();
      await look(mailbox, "stopped");
      for (const out of [page, guest]) {
        await out.goto(`${root}/today`);
        await out.waitForURL(/\/sign-in/);
      }
      await signInByMail(page, server, ada);
    } finally {
      await server.stop();
    }
  });
}
