// Asking the server what a line means; null when it could not be read now.
import { csrf } from "./http.js";

export async function readLine(url, line) {
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf() };
  try {
    const response = await fetch(url, { method: "POST", body: JSON.stringify(line), headers });
    return response.ok ? await response.json() : null;
  } catch {
    return null; // Only an aid: the form can be sent without it.
  }
}
