// An authenticator app, with its codes computed here.
import { createHmac } from "node:crypto";

function fromBase32(text) {
  const bits = [...text.replaceAll(" ", "")].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
}

/** RFC 6238, as apps compute it. */
function codeAt(seed, step) {
  const counter = Buffer.alloc(8);
  counter.writeBigInt64BE(BigInt(step));
  const hash = createHmac("sha1", seed).update(counter).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** An app that never shows a code twice: each works once, and the one after the next is too far ahead. */
export class App {
  constructor(secret) { this.seed = fromBase32(secret); this.last = 0; }

  async code() {
    while (this.last > Math.floor(Date.now() / 30_000)) await new Promise((done) => setTimeout(done, 500));
    this.last = Math.max(this.last + 1, Math.floor(Date.now() / 30_000));
    return codeAt(this.seed, this.last);
  }
}
