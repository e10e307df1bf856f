// The drawing: frames, edges and boxes as SVG. Names come in as text and attributes, never as markup.

const SVG = "http://www.w3.org/2000/svg";

// A mark for each family, told apart without colour; paths in a square of 16.
const GLYPHS = {
  convolution: "M2 2h12v12h-12zM6 2v12M10 2v12M2 6h12M2 10h12",
  linear: "M3 3L13 3M3 3L13 13M3 13L13 3M3 13L13 13M3 8h10",
  normalization: "M1 13C6 13 6 3 8 3S10 13 15 13",
  activation: "M1 12H8L14 3",
  pooling: "M2 3h12L8 13z",
  attention: "M8 8m-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0M8 8m-2 0a2 2 0 1 0 4 0a2 2 0 1 0 -4 0",
  regularization: "M3 3l10 10M13 3L3 13",
  joining: "M3 2v3c0 3 5 3 5 6v3M13 2v3c0 3 -5 3 -5 6",
  arithmetic: "M8 2v12M2 8h12",
  reductions: "M13 3H4l5 5l-5 5h9",
  shaping: "M2 5h11l-3 -3M14 11H3l3 3",
  padding: "M1 1h14v14h-14zM5 5h6v6h-6z",
  spatial: "M2 6V2h4M14 10v4h-4M2 2l12 12",
  axes: "M3 2v11h11",
  tensors: "M8 2l6 6l-6 6l-6 -6z",
  input: "M8 2v11M3 9l5 5l5 -5",
  output: "M8 2v11M3 9l5 5l5 -5",
  block: "M3 4h10M3 8h10M3 12h10",
};

const world = document.getElementById("world");
const layers = ["frames", "edges", "nodes"].map((name) => svg("g", { class: name }));
layers[2].setAttribute("role", "tree");
layers[2].setAttribute("aria-label", data.name);
world.append(...layers);

let shown = { drawn: [], leaves: new Map(), bounds: null };

function svg(tag, attributes, ...inner) {
  const made = document.createElementNS(SVG, tag);
  for (const name in attributes) {
    if (attributes[name] !== undefined) made.setAttribute(name, attributes[name]);
  }
  made.append(...inner);
  return made;
}

function familyClass(family) {
  return Object.hasOwn(GLYPHS, family) ? `family-${family}` : "family-other";
}

function glyph(family, x, y) {
  return svg("path", {
    class: "glyph", d: GLYPHS[Object.hasOwn(GLYPHS, family) ? family : "tensors"], transform: `translate(${x} ${y})`,
  });
}

function say(text, x, y, kind, anchor) {
  const made = svg("text", { x, y, class: kind, "text-anchor": anchor });
  made.textContent = text;
  return made;
}

// Draw what is open now.
function draw() {
  const drawn = seenEdges();
  const { top, leaves } = layout(drawn);
  const parts = [[], [], []];
  // Where lines share their way, that of the flow lies on top.
  const flows = (edge) => edge.kind === "flow";
  for (const edge of [...drawn.filter((edge) => !flows(edge)), ...drawn.filter(flows)]) {
    parts[1].push(drawEdge(edge));
  }
  drawSeries(top, parts);
  layers.forEach((layer, at) => layer.replaceChildren(...parts[at]));
  shown = { drawn, leaves, bounds: [-top.left, 0, top.right, top.height] };
  for (const edge of drawn) {
    for (const [x] of edge.points) {
      shown.bounds[0] = Math.min(shown.bounds[0], x - 6);
      shown.bounds[2] = Math.max(shown.bounds[2], x + 6);
    }
  }
}

function drawSeries(made, parts) {
  const { frame } = made;
  if (frame && frame !== root) {
    const x = made.axis - made.left;
    const width = made.left + made.right;
    const kind = `frame ${frame.depth % 2 ? "odd" : "even"}${frame.trainOnly ? " training" : ""}`;
    parts[0].push(svg("rect", {
      class: kind, x, y: made.top, width, height: made.height, rx: 10, "data-frame": frame.index,
    }));
    const group = drawGroup(frame, "header", x, made.top);
    group.append(
      svg("path", { class: "shape", d: roof(width, HEADER - 4, 10) }),
      svg("path", { class: "toggle", d: "M12 9.5h8l-4 5z" }),
      say(shorten(nameOf(frame), 60), 26, 16, "title", "start"),
    );
    parts[2].push(group);
    Object.assign(frame, { x, y: made.top, width, height: HEADER - 4 });
  }
  // In order of flow, so that Tab goes along it.
  const inner = [];
  const gather = (el) => {
    if (el.type === "parallel") el.sides.forEach((side) => [...side.els, ...side.asides].forEach(gather));
    else if (el.type === "series" && !el.frame) [...el.els, ...el.asides].forEach(gather);
    else inner.push(el);
  };
  [...made.els, ...made.asides].forEach(gather);
  const index = (el) => (el.node ?? el.frame).index;
  inner.sort((a, b) => index(a) - index(b));
  for (const el of inner) el.node ? parts[2].push(drawLeaf(el)) : drawSeries(el, parts);
}

// A rectangle with round corners at its top.
function roof(width, height, radius) {
  return `M0 ${height}V${radius}Q0 0 ${radius} 0H${width - radius}Q${width} 0 ${width} ${radius}V${height}z`;
}

function drawGroup(node, kind, x, y) {
  const training = node.trainOnly ? " training" : "";
  return svg("g", {
    class: `node ${kind} ${familyClass(node.family)}${training}`,
    transform: `translate(${x} ${y})`,
    "data-node": node.index,
    role: "treeitem",
    tabindex: 0,
    "aria-level": node.depth,
    "aria-selected": "false",
    "aria-expanded": node.items ? String(node.open) : undefined,
    "aria-label": [nameOf(node), ...(node.items && node.open ? [] : notesOf(node)),
      node.kind === "join" ? node.op : "", shapeOf(node.out)].filter(Boolean).join(", "),
  });
}

function drawLeaf(leaf) {
  const { node, width, height, title, notes } = leaf;
  const x = leaf.axis - width / 2;
  Object.assign(node, { x, y: leaf.top, width, height });
  const group = drawGroup(node, node.items ? "closed" : node.kind ?? "op", x, leaf.top);
  if (node.kind === "join") {
    group.append(
      svg("rect", { class: "shape", width, height, rx: 12 }),
      say(title, width / 2, 16.5, "title", "middle"),
      ...notes.map((line) => say(line, width / 2, 30, "note", "middle")),
    );
    return group;
  }
  if (node.items) {
    group.append(svg("rect", { class: "behind", x: 4, y: 4, width, height, rx: 7 }));
  }
  const corner = node.kind === "input" || node.kind === "output" ? height / 2 : 7;
  group.append(svg("rect", { class: "shape", width, height, rx: corner }));
  if (node.items) {
    group.append(...strip(node, height), svg("path", { class: "toggle", d: `M14 ${height / 2 - 5}v10l6 -5z` }));
  } else {
    group.append(glyph(node.family, 9, height / 2 - 8));
  }
  group.append(say(title, 32, notes.length ? 18 : 19, "title", "start"));
  notes.forEach((line, at) => group.append(say(line, 32, 33 + 15 * at, "note", "start")));
  if (node.around) {
    group.append(svg("path", {
      class: `around ${node.around}`,
      d: `M${width - 20} 7q10 0 10 8V${height - 15}q0 8 -10 8`,
    }));
  }
  return group;
}

// The families in a closed frame, as parts of a bar.
function strip(node, height) {
  const counts = new Map();
  for (const { family } of node.within) counts.set(family, (counts.get(family) ?? 0) + 1);
  let y = 6;
  return [...counts].map(([family, count]) => {
    const part = ((height - 12) * count) / node.within.length;
    const made = svg("rect", { class: `strip ${familyClass(family)}`, x: 5, y, width: 4, height: part });
    y += part;
    return made;
  });
}

function drawEdge(edge) {
  const { points } = edge;
  const [x, y] = points.at(-1);
  const [fromX, fromY] = points.at(-2);
  const back = Math.abs(x - fromX) > Math.abs(y - fromY)
    ? [Math.sign(x - fromX), 0] : [0, Math.sign(y - fromY) || 1];
  const foot = [x - 7 * back[0], y - 7 * back[1]];
  const side = [3.5 * back[1], 3.5 * back[0]];
  edge.element = svg("g", { class: `edge ${edge.kind}${edge.head.trainOnly ? " training" : ""}` },
    svg("path", { class: "line", d: rounded([...points.slice(0, -1), foot]) }),
    svg("path", {
      class: "tip",
      d: `M${x} ${y}L${foot[0] - side[0]} ${foot[1] - side[1]}L${foot[0] + side[0]} ${foot[1] + side[1]}z`,
    }));
  return edge.element;
}

// A path along points, with round corners.
function rounded(points) {
  let path = `M${points[0][0]} ${points[0][1]}`;
  for (let at = 1; at < points.length - 1; at++) {
    const [[ax, ay], [x, y], [bx, by]] = points.slice(at - 1, at + 2);
    const before = Math.hypot(x - ax, y - ay);
    const after = Math.hypot(bx - x, by - y);
    const radius = Math.min(8, before / 2, after / 2);
    if (radius < 0.5) {
      path += `L${x} ${y}`;
      continue;
    }
    const near = (px, py, length) => `${x + ((px - x) * radius) / length} ${y + ((py - y) * radius) / length}`;
    path += `L${near(ax, ay, before)}Q${x} ${y} ${near(bx, by, after)}`;
  }
  const [x, y] = points.at(-1);
  return `${path}L${x} ${y}`;
}

function elementOf(node) {
  return layers[2].querySelector(`[data-node="${node.index}"]`);
}

// -- what is marked ----------------------------------------------------------------------------------

// Light up the ways to and from a node; without one, nothing.
function markPath(node, dim) {
  const both = node && reach(node);
  const near = (edge) => edge.tail === node || edge.head === node;
  world.classList.toggle("dimmed", Boolean(node && dim));
  const lit = new Set(node ? [node] : []);
  for (const edge of shown.drawn) {
    const up = Boolean(node) && edge.parts.some((part) => both.up.has(part));
    const down = Boolean(node) && edge.parts.some((part) => both.down.has(part));
    edge.element.classList.toggle("up", up);
    edge.element.classList.toggle("down", down);
    edge.element.classList.toggle("near", Boolean(node) && near(edge));
    if (up || down) {
      lit.add(edge.tail).add(edge.head);
      layers[1].append(edge.element); // above what is not lit
    }
  }
  for (const element of layers[2].children) {
    const at = nodes[element.dataset.node];
    // An open frame has no edges of its own: it stays lit.
    const on = node && (lit.has(at) || (node.items && contains(node, at)) || at.open);
    element.classList.toggle("lit", Boolean(on));
  }
}

function markSelected(node) {
  for (const element of layers[2].children) {
    const on = Boolean(node) && Number(element.dataset.node) === node.index;
    element.classList.toggle("selected", on);
    element.setAttribute("aria-selected", String(on));
  }
}

// Mark what was found, and the closed frames that it is in.
function markHits(hits) {
  const within = new Set(hits.map(seen));
  const own = new Set(hits);
  for (const element of layers[2].children) {
    const node = nodes[element.dataset.node];
    element.classList.toggle("hit", own.has(node));
    element.classList.toggle("holds-hit", !own.has(node) && within.has(node));
  }
}
