// The page: what is selected, found and pointed at; keys, buttons, and the state in the address.

let selected = null;
let pointed = null;
let hits = [];
let hit = -1;

const query = document.getElementById("query");
const help = document.getElementById("help");
let theme = ""; // as chosen by the reader; otherwise the browser says

// -- drawing again -----------------------------------------------------------------------------------

// Draw after a change of what is open; `still` stays where it is on the screen.
function redraw(still) {
  const focused = document.activeElement?.closest?.("[data-node]")?.dataset.node;
  const before = still && onScreen(still);
  draw();
  if (selected && !isSeen(selected)) selected = seen(selected);
  pointed = null;
  markSelected(selected);
  markHits(hits);
  mark();
  if (before) {
    const after = onScreen(still);
    // The name of a frame is at its upper left, that of a box in its middle: keep the upper middle.
    camera.x += (before.left + before.right - after.left - after.right) / 2;
    camera.y += before.top - after.top;
    applyCamera();
  }
  if (focused !== undefined) elementOf(seen(nodes[focused]))?.focus({ preventScroll: true });
  const level = openAsText();
  for (const button of document.querySelectorAll("[data-level]")) {
    button.setAttribute("aria-pressed", String(button.dataset.level === level));
  }
}

function mark() {
  const node = pointed ?? selected;
  markPath(node, node && node === selected);
  showCard(node, node === selected);
}

function select(node) {
  selected = node;
  markSelected(node);
  mark();
  save();
}

function toggle(node) {
  setOpen(node, !node.open);
  selected = node;
  redraw(node);
  save();
}

function activate(node) {
  if (node.items) toggle(node);
  else select(node === selected ? null : node);
}

function level(name) {
  setLevel(name);
  redraw();
  fit(1);
  save();
}

// -- pointing ----------------------------------------------------------------------------------------

function nodeAt(event) {
  const element = event.target.closest?.("[data-node]");
  return element ? nodes[element.dataset.node] : null;
}

stage.addEventListener("pointerover", (event) => {
  const node = nodeAt(event);
  if (node === pointed || pointers.size) return;
  pointed = node;
  mark();
});
stage.addEventListener("pointerleave", () => {
  pointed = null;
  mark();
});
stage.addEventListener("click", (event) => {
  if (travelled >= 4) return;
  const node = nodeAt(event);
  if (node) activate(node);
  else select(null);
});
world.addEventListener("focusin", (event) => {
  const node = nodeAt(event);
  if (!node || !event.target.matches(":focus-visible")) return;
  bringIntoView(node);
  pointed = node;
  mark();
});

// -- searching ---------------------------------------------------------------------------------------

function search(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const texts = (node) => [node.path, node.op, node.title, ...(node.lines ?? [])].join("\n").toLowerCase();
  hits = words.length
    ? nodes.filter((node) => node !== root && words.every((word) => texts(node).includes(word))) : [];
  hit = -1;
  markHits(hits);
  tellHits(words.length > 0);
}

function tellHits(asked) {
  const told = document.getElementById("hits");
  told.textContent = !asked ? "" : !hits.length ? "nothing" : hit < 0 ? `${hits.length}` : `${hit + 1} / ${hits.length}`;
}

function goToHit(step) {
  if (!hits.length) return;
  hit = hit < 0 && step < 0 ? hits.length - 1 : (hit + step + hits.length) % hits.length;
  const node = hits[hit];
  reveal(node);
  selected = node;
  redraw();
  bringIntoView(node, true);
  tellHits(true);
  save();
}

query.addEventListener("input", () => {
  search(query.value);
  save();
});
document.getElementById("search").addEventListener("submit", (event) => event.preventDefault());
query.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    event.preventDefault();
    goToHit(event.shiftKey ? -1 : 1);
  } else if (event.key === "Escape") {
    query.value = "";
    search("");
    query.blur();
    save();
  } else return;
  event.stopPropagation();
});

// -- keys --------------------------------------------------------------------------------------------

// The node after or before one along the flow.
function along(node, step) {
  if (step > 0) {
    if (node.items && node.open) return seen(node.items[0]);
    const heads = shown.drawn.filter((edge) => edge.tail === node).map((edge) => edge.head);
    const next = heads.sort((a, b) => a.index - b.index)[0];
    if (next) return next;
  } else {
    const { parent, position } = node;
    if (position === 0 && parent !== root) return parent;
    const tails = shown.drawn.filter((edge) => edge.head === node).map((edge) => edge.tail);
    const last = tails.sort((a, b) => b.index - a.index)[0];
    if (last) return last;
  }
  const order = [...layers[2].children];
  return nodes[order[order.indexOf(elementOf(node)) + step]?.dataset.node];
}

// The nearest node to the left or right at the same height.
function across(node, step) {
  let best = null;
  let least = Infinity;
  for (const element of layers[2].children) {
    const other = nodes[element.dataset.node];
    const gap = step > 0 ? other.x - node.x - node.width : node.x - other.x - other.width;
    const off = Math.abs(other.y + other.height / 2 - node.y - node.height / 2);
    if (gap < 0 || off > 120) continue;
    if (gap + off < least) [best, least] = [other, gap + off];
  }
  return best;
}

const MOVES = {
  ArrowDown: (node) => along(node, 1),
  ArrowUp: (node) => along(node, -1),
  ArrowRight: (node) => across(node, 1),
  ArrowLeft: (node) => across(node, -1),
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open || event.target === query) return;
  const element = document.activeElement?.closest?.("[data-node]");
  const node = element ? nodes[element.dataset.node] : null;
  const { key } = event;
  if (key in MOVES) {
    const from = node ?? selected;
    const to = from ? MOVES[key](from) : nodes[layers[2].firstChild?.dataset.node];
    if (to) elementOf(to)?.focus({ preventScroll: true, focusVisible: true });
  } else if ((key === "Enter" || key === " ") && node) activate(node);
  else if (key === "Escape") {
    pointed = null;
    select(null);
    document.activeElement?.blur?.();
  } else if (key === "/") {
    query.focus();
    query.select();
  } else if (key === "+" || key === "=") zoomMiddle(1.25);
  else if (key === "-") zoomMiddle(0.8);
  else if (key === "0") fit();
  else if (["1", "2", "3"].includes(key)) level(["stage", "block", "op"][key - 1]);
  else if (key === "d" || key === "D") changeTheme();
  else if (key === "?") help.showModal();
  else return;
  event.preventDefault();
});

const ACTIONS = {
  in: () => zoomMiddle(1.25),
  out: () => zoomMiddle(0.8),
  fit: () => fit(),
  theme: changeTheme,
  help: () => help.showModal(),
};
document.querySelector("header").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.level) level(button.dataset.level);
  else if (button) ACTIONS[button.dataset.do]();
});

// -- light and dark ----------------------------------------------------------------------------------

const prefersDark = matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  return theme ? theme === "dark" : prefersDark.matches;
}

function showTheme() {
  document.documentElement.dataset.theme = isDark() ? "dark" : "light";
  const button = document.getElementById("theme");
  button.textContent = isDark() ? "☀" : "☾";
  button.setAttribute("aria-label", isDark() ? "Light mode" : "Dark mode");
}

function changeTheme() {
  theme = isDark() ? "light" : "dark";
  showTheme();
  save();
}

prefersDark.addEventListener("change", showTheme);

// -- the state in the address ------------------------------------------------------------------------

let waiting = 0;

function save() {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const parts = new Map();
    const open = openAsText();
    if (open !== "block") parts.set("open", open);
    if (selected) parts.set("at", encodeURIComponent(selected.id));
    if (query.value) parts.set("q", encodeURIComponent(query.value));
    if (theme) parts.set("theme", theme);
    const { x, y, scale } = camera;
    parts.set("view", `${Math.round(x)},${Math.round(y)},${scale.toFixed(3)}`);
    const text = [...parts].map(([name, value]) => `${name}=${value}`).join("&");
    if (location.hash !== `#${text}`) history.replaceState(null, "", `#${text}`);
  }, 150);
}

function load() {
  const given = Object.create(null);
  for (const part of location.hash.slice(1).split("&")) {
    const [name, value = ""] = part.split("=");
    given[name] = value;
  }
  const text = (name) => {
    try {
      return decodeURIComponent(given[name] ?? "");
    } catch {
      return ""; // not written by this page
    }
  };
  try {
    openFromText(given.open ?? "block");
  } catch {
    setLevel("block");
  }
  theme = ["light", "dark"].includes(given.theme) ? given.theme : "";
  showTheme();
  query.value = text("q");
  search(query.value);
  const at = byId.get(text("at"));
  selected = at && at !== root ? at : null;
  redraw();
  const [x, y, scale] = (given.view ?? "").split(",").map(Number);
  if (scale > 0 && Number.isFinite(x + y)) {
    Object.assign(camera, { x, y, scale: Math.min(LARGEST, Math.max(SMALLEST, scale)) });
    applyCamera();
  } else fit(1);
}

moved = () => {
  if (!card.hidden && pointed && pointed !== selected) showCard(pointed, false);
  save();
};
addEventListener("hashchange", load);

document.getElementById("name").textContent = data.name;
document.getElementById("name").title = data.description;
document.getElementById("totals").textContent =
  `${short(data.params)} parameters · ${short(data.macs)} MACs · ${boxes.filter((box) => box.family !== "input" && box.family !== "output").length} ops`;
fillLegend();
load();
