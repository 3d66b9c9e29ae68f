// Shows, in the choice of tasks, only those of the chosen project: a group of tasks carries its
// project's id as data-project.
export default function taskOfProject(form) {
  const project = form.querySelector("select[name=project]");
  const task = form.querySelector("select[name=task]");
  if (!project || !task) return;
  const groups = new Map();

  function narrow() {
    for (const group of task.querySelectorAll("optgroup")) groups.set(group.dataset.project, group);
    const fitting = groups.get(project.value);
    if (!fitting?.contains(task.selectedOptions[0])) task.value = "";
    for (const group of groups.values()) if (group !== fitting) group.remove();
    if (fitting) task.append(fitting);
    task.closest(".field").hidden = !fitting;
  }

  project.addEventListener("change", narrow);
  // A newer copy of the page brings all groups back.
  document.addEventListener("timeproof:swapped", () => form.isConnected && narrow());
  narrow();
}
