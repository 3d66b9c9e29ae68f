// Shows, in the choice of tasks, only those of the chosen project: a group of tasks carries its
// project's id as data-project.
export default function taskOfProject(form) {
  const project = form.querySelector("select[name=project]");
  const task = form.querySelector("select[name=task]");
  if (!project || !task) return;
  const groups = [...task.querySelectorAll("optgroup")];

  function narrow() {
    const fitting = groups.filter((group) => group.dataset.project === project.value);
    if (!fitting.some((group) => group.contains(task.selectedOptions[0]))) task.value = "";
    groups.forEach((group) => { if (!fitting.includes(group)) group.remove(); });
    task.append(...fitting);
    const field = task.closest(".field");
    if (field) field.hidden = fitting.length === 0;
  }

  project.addEventListener("change", narrow);
  narrow();
}
