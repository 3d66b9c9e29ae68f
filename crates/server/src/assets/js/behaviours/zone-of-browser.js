// Proposes the zone of the browser where a zone is only proposed anyway, if the server knows it.
export default function zoneOfBrowser(form) {
  const input = form.querySelector("[name=zone]");
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const isKnown = [...input.list?.options ?? []].some(({ value }) => value === timeZone);
  // A browser that goes back fills in what was typed before.
  if (isKnown && input.value === input.defaultValue) input.value = timeZone;
}
