// A device that makes passkeys: Chromium's virtual authenticator.

/** A device in a page's browser: kept inside it, and its person says yes at once. */
export class Device {
  static async in(page, more = {}) {
    const device = new Device();
    device.cdp = await page.context().newCDPSession(page);
    await device.cdp.send("WebAuthn.enable");
    const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, ...more };
    device.id = (await device.cdp.send("WebAuthn.addVirtualAuthenticator", { options })).authenticatorId;
    return device;
  }

  send(command, more) { return this.cdp.send(`WebAuthn.${command}`, { authenticatorId: this.id, ...more }); }

  credentials() { return this.send("getCredentials").then(({ credentials }) => credentials); }

  /** What the device of another browser holds, as a provider of passkeys keeps them in step. */
  async take(other) {
    for (const credential of await other.credentials()) await this.send("addCredential", { credential });
  }
}
