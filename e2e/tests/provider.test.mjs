// Signing in by a provider in a browser: a real OpenID provider (the npm package oidc-provider), set up
// by the owner on their page, an account connected by a code from a mail, and a second sign-in without one.
import assert from "node:assert/strict";
import { mkdtemp, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Provider } from "oidc-provider";
import { ADA, empty, mailedCode, setUp, signInByMail } from "../support/account.mjs";
import { launch, looker, press, visitor } from "../support/browser.mjs";

let browser;
const look = looker("provider");

before(async () => { browser = await launch(); });
after(() => browser?.close());

/** Whoever comes is Ada: the provider has a person signed in already. */
function interact(provider) {
  return async (request, response) => {
    if (!request.url.startsWith("/interaction/")) return provider.callback()(request, response);
    const { prompt, params, grantId } = await provider.interactionDetails(request, response);
    if (prompt.name === "login") return provider.interactionFinished(request, response, { login: { accountId: "ada" } });
    const grant = grantId ? await provider.Grant.find(grantId) : new provider.Grant({ accountId: "ada", clientId: params.client_id });
    grant.addOIDCScope("openid email");
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
  };
}

/** A provider on this machine, with one client to come back to `callback`. */
async function identity(listener, callback) {
  const issuer = `http://127.0.0.1:${listener.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "timeproof", client_secret: "a secret", redirect_uris: [callback], token_endpoint_auth_method: "client_secret_basic" }],
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: ADA, email_verified: true }) }),
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ["a key of a test"] },
    pkce: { required: () => true },
  });
  listener.on("request", interact(provider));
  return issuer;
}

test("an account at a provider is set up, connected and used", async () => {
  const listener = createServer();
  await new Promise((done) => listener.listen(0, "127.0.0.1", done));
  const folder = await mkdtemp(join(tmpdir(), "timeproof-providers-"));
  const file = join(folder, "providers.toml");
  await writeFile(file, `reach = ["127.0.0.1:${listener.address().port}"]\n`);
  const server = await empty(["--providers", file]);
  try {
    const page = await visitor(browser);
    const root = await setUp(page, server);

    await page.goto(`${root}/sign-in-policy`);
    await page.getByRole("link", { name: "Providers of sign-ins" }).click();
    const callback = await page.locator("#provider-callback").innerText();
    const issuer = await identity(listener, callback);
    const form = page.locator("#provider-add-form");
    for (const [label, text] of [["Name on the button", "Kitchen ID"], ["Issuer", issuer], ["Client id", "timeproof"], ["Client secret", "a secret"]]) await form.getByLabel(label, { exact: true }).fill(text);
    await form.getByRole("button", { name: "Set it up" }).click();
    if (await page.getByText("Send me a code").count()) {
      // The owner's printed link is no fresh proof for long.
      await press(page, "Send me a code");
      await page.getByLabel("Code").fill(await mailedCode(server));
      await press(page, "Go on");
    }
    await page.getByText("Kitchen ID").first().waitFor();
    await look(page, "providers");

    const guest = await visitor(browser);
    await guest.goto(`${server.url}/sign-in?next=${encodeURIComponent(new URL(`${root}/today`).pathname)}`);
    await look(guest, "sign in");
    await guest.getByRole("button", { name: "Sign in with Kitchen ID" }).click();
    await guest.getByText("not connected with anybody here yet").waitFor();
    await look(guest, "confirm");
    await guest.getByLabel("Code").fill(await mailedCode(server));
    await press(guest, "Sign in");
    await guest.waitForURL(/\/today/);

    // A link leads to a page with the button, and no further; and without scripts one comes there too.
    const again = await visitor(browser, { javaScriptEnabled: false });
    await again.goto(`${server.url}/sign-in?next=${encodeURIComponent(new URL(`${root}/today`).pathname)}`);
    const path = await again.locator("#sign-in-providers form").getAttribute("action");
    await again.goto(`${server.url}${path}?next=${encodeURIComponent(new URL(`${root}/today`).pathname)}`);
    await again.getByRole("heading", { name: "Sign in with Kitchen ID" }).waitFor();
    await look(again, "by a link");
    await again.getByRole("button", { name: "Sign in with Kitchen ID" }).click();
    await again.waitForURL(/\/today/);
    // The account stays closed to it.
    await again.goto(`${root}/security`);
    await again.getByText("This is not open to you here").waitFor();
    await look(again, "closed");

    // In a session of one's own it is told by which provider, and accounts are connected.
    const own = await visitor(browser);
    await signInByMail(own, server);
    await own.goto(`${root}/security`);
    await own.getByText("with Kitchen ID of The kitchen").first().waitFor();
    await press(own, "Connect Kitchen ID");
    await own.waitForURL(/\/security/);
    await own.locator("li[id^=link-]", { hasText: "Kitchen ID of The kitchen" }).waitFor();
    for (const one of [guest, own]) assert.deepEqual(one.complaints, []);
  } finally {
    await server.stop();
    listener.closeAllConnections();
    await new Promise((done) => listener.close(done));
  }
});
