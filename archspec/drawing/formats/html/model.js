// The scene as a tree of nodes (boxes, and frames with what is in them), and which frames are open.

const data = JSON.parse(document.getElementById("scene").textContent);
const nodes = []; // in order of flow; a frame comes before what is in it
const byId = new Map();
const root = take(data.root, null, 0);
const boxes = nodes.filter((node) => !node.items);
const edges = data.edges.map(([tail, head, kind]) => ({
  tail: boxes[tail],
  head: boxes[head],
  kind: kind || "flow",
}));

function take(item, parent, position) {
  const node = { params: 0, macs: 0, family: "block", path: "", ...item, parent, position };
  node.id = item.id ?? node.path;
  node.index = nodes.length;
  node.depth = parent ? parent.depth + 1 : 0;
  node.trainOnly = Boolean(item.train_only || (parent && parent.trainOnly));
  node.open = false;
  nodes.push(node);
  byId.set(node.id, node);
  if (item.items) node.items = item.items.map((inner, at) => take(inner, node, at));
  node.end = nodes.length; // what is in it has the indices up to here
  return node;
}

for (const box of boxes) {
  box.into = [];
  box.outOf = [];
}
for (const edge of edges) {
  edge.head.into.push(edge);
  edge.tail.outOf.push(edge);
  // A frame takes the first tensor that enters it and gives the last that leaves it.
  for (let at = edge.head.parent; at && !contains(at, edge.tail); at = at.parent) at.in ??= edge.tail.out;
  for (let at = edge.tail.parent; at && !contains(at, edge.head); at = at.parent) at.out = edge.tail.out;
  for (let at = edge.head.parent; at; at = at.parent) {
    if (at.role !== "skip" || at.around === "projection") continue;
    if (edge.kind === "identity" || edge.kind === "projection") at.around = edge.kind;
  }
}
for (const frame of nodes.filter((node) => node.items)) {
  frame.within = boxes.filter((box) => contains(frame, box));
}

function contains(frame, node) {
  return frame.index <= node.index && node.index < frame.end;
}

function shapeOf(index) {
  return index === undefined ? "" : data.shapes[index];
}

// What a box says: its title, and the lines below it.
function nameOf(node) {
  return node.count > 1 ? `${node.title} × ${node.count}` : node.title;
}

function notesOf(node) {
  if (!node.items) return node.lines ?? [];
  const ops = node.within.length;
  const what = node.op || (ops === 1 ? "1 op" : `${ops} ops`);
  return [node.out === undefined ? what : `${what} · ${shapeOf(node.out)}`];
}

// -- which frames are open -----------------------------------------------------------------------

function frames() {
  return nodes.filter((node) => node.items && node !== root);
}

// Opening one branch opens its siblings alike, and so does closing it. Where the branch then shows
// its ops, so do the others.
function setOpen(node, open) {
  node.open = open;
  if (node.parent.role !== "branches") return;
  const down = open && !node.items.some((item) => item.items);
  for (const item of node.parent.items) {
    if (!item.items || item === node) continue;
    item.open = open;
    if (down) for (const frame of frames()) if (contains(item, frame)) frame.open = true;
  }
}

function reveal(node) {
  for (let at = node.parent; at && at !== root; at = at.parent) setOpen(at, true);
}

function setLevel(level) {
  const open = new Set(data.open);
  for (const frame of frames()) {
    frame.open = level === "op" || (level === "block" && open.has(frame.index));
  }
}

// The set of open frames as text: the nearest level and what differs from it.
function openAsText() {
  const now = frames().map((frame) => frame.open);
  let best = null;
  for (const level of ["block", "stage", "op"]) {
    setLevel(level);
    const differ = frames().filter((frame, at) => frame.open !== now[at]);
    if (!best || differ.length < best.differ.length) best = { level, differ };
  }
  frames().forEach((frame, at) => (frame.open = now[at]));
  return [best.level, ...best.differ.map((frame) => encodeURIComponent(frame.id))].join(",");
}

function openFromText(text) {
  const [level, ...differ] = text.split(",");
  setLevel(["stage", "block", "op"].includes(level) ? level : "block");
  for (const id of differ) {
    const frame = byId.get(decodeURIComponent(id));
    if (frame && frame.items && frame !== root) frame.open = !frame.open;
  }
}

// -- what is seen --------------------------------------------------------------------------------

// What stands for a node: the outermost closed frame around it, or itself.
function seen(node) {
  let found = node;
  for (let at = node.parent; at && at !== root; at = at.parent) if (!at.open) found = at;
  return found;
}

function isSeen(node) {
  return seen(node) === node;
}

// The edges between what is seen, each once; `parts` are the tensors that one stands for.
function seenEdges() {
  const stands = new Map(boxes.map((box) => [box, seen(box)]));
  const found = new Map();
  for (const edge of edges) {
    const tail = stands.get(edge.tail);
    const head = stands.get(edge.head);
    if (tail === head) continue;
    const key = tail.index * nodes.length + head.index;
    const drawn = found.get(key);
    if (!drawn) found.set(key, { tail, head, kind: edge.kind, parts: [edge] });
    else {
      drawn.parts.push(edge);
      if (edge.kind === "flow") drawn.kind = "flow";
    }
  }
  return [...found.values()];
}

// All tensors that lead to a node and that follow from it.
function reach(node) {
  const start = node.items ? node.within : [node];
  const walk = (next, end) => {
    const found = new Set();
    const left = [...start];
    while (left.length) {
      for (const edge of left.pop()[next]) {
        if (found.has(edge)) continue;
        found.add(edge);
        left.push(edge[end]);
      }
    }
    return found;
  };
  return { up: walk("into", "tail"), down: walk("outOf", "head") };
}
