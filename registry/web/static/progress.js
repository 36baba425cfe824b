// Progress of an issue: asks every two seconds, and loads the page anew when it is over.

const box = document.querySelector("#progress[data-open]");
const bar = box?.querySelector("progress");
const done = box?.querySelector("b");

async function ask() {
  const answer = await fetch(box.dataset.address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const task = await answer.json();
  bar.max = task.total || 1;
  bar.value = task.done;
  done.textContent = task.done.toLocaleString("en");
  return task.state === "waiting" || task.state === "running";
}

async function follow() {
  try {
    if (!(await ask())) {
      location.reload();
      return;
    }
  } catch {
    // The line may be down for a moment: the next question tells.
  }
  setTimeout(follow, 2000);
}

if (box) setTimeout(follow, 1000);
