// Options and answers of passkeys between JSON, where bytes are base64url, and what browsers take.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const text = (buffer) => {
  if (!buffer) return undefined;
  const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

const listed = (credentials) => credentials?.map((one) => ({ ...one, id: bytes(one.id) }));

/** What navigator.credentials takes. */
export function optionsOf(json) {
  const options = { ...json, challenge: bytes(json.challenge) };
  if (json.user) options.user = { ...json.user, id: bytes(json.user.id) };
  if (json.excludeCredentials) options.excludeCredentials = listed(json.excludeCredentials);
  if (json.allowCredentials) options.allowCredentials = listed(json.allowCredentials);
  return options;
}

/** What the server reads of an answer. */
export function answerOf({ id, rawId, type, response }) {
  const said = {
    clientDataJSON: text(response.clientDataJSON),
    attestationObject: text(response.attestationObject),
    transports: response.getTransports?.(),
    authenticatorData: response.attestationObject ? undefined : text(response.authenticatorData),
    signature: text(response.signature),
    userHandle: text(response.userHandle),
  };
  return { id, rawId: text(rawId), type, response: said };
}
