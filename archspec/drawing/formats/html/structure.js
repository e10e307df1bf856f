// How the items of a frame hang together: series of elements, some of which are parallel.
//
// A series has elements `els` below each other: leaves (a box or a closed frame), series (an open
// frame) and parallels (series side by side, without a frame of their own). An edge is cut into
// segments, one for each series that it passes: from element `from` to element `to`, where -1 is the
// top of the series and its number of elements the bottom.

function structure(drawn) {
  const local = new Map(); // the edges of each open frame, between positions of its items
  const add = (frame, tail, head, edge) => {
    if (!local.has(frame)) local.set(frame, []);
    local.get(frame).push({ tail, head, kind: edge.kind });
  };
  for (const edge of drawn) {
    let tail = edge.tail;
    while (!contains(tail.parent, edge.head)) {
      add(tail.parent, tail.position, Infinity, edge);
      tail = tail.parent;
    }
    let head = edge.head;
    while (head.parent !== tail.parent) {
      add(head.parent, -1, head.position, edge);
      head = head.parent;
    }
    add(tail.parent, tail.position, head.position, edge);
  }
  const leaves = new Map();
  const top = ofFrame(root, local, leaves);
  for (const edge of drawn) cut(edge, leaves);
  return { top, leaves };
}

function series(frame, els) {
  const made = { type: "series", frame, els, asides: [], segments: [] };
  els.forEach((el, at) => Object.assign(el, { parent: made, at }));
  return made;
}

function ofFrame(frame, local, leaves) {
  const links = local.get(frame) ?? [];
  const element = (node) => {
    if (node.items && node.open) return ofFrame(node, local, leaves);
    const leaf = { type: "leaf", node };
    leaves.set(node, leaf);
    return leaf;
  };
  const { main, apart } = divide(frame, links);
  const make = (positions) => decompose(positions, links, -1, Infinity, (at) => element(frame.items[at]));
  const made = series(frame, make(main));
  const holds = (el) => el.type === "leaf" ? [el.node] : el.frame ? [el.frame]
    : (el.els ?? el.sides).flatMap(holds);
  const find = (position) => made.els.findIndex((el) => holds(el).some((node) => node.position === position));
  const between = links.filter((link) => apart.has(link.tail) && apart.has(link.head));
  for (const positions of components([...apart], between)) {
    const group = series(null, make(positions));
    const source = links.find((link) => positions.includes(link.head) && main.includes(link.tail));
    const heads = links.filter((link) => positions.includes(link.tail) && main.includes(link.head));
    group.after = source ? find(source.tail) : -1;
    group.before = source || !heads.length ? null : Math.min(...heads.map((link) => find(link.head)));
    made.asides.push(Object.assign(group, { parent: made, isAside: true }));
  }
  return made;
}

// The items of a frame that stand on its axis, and those aside: heads that run in training only
// with what takes from them, and tensors of the network's own that no input leads to.
function divide(frame, links) {
  const positions = frame.items.map((item) => item.position);
  const apart = new Set();
  if (!frame.trainOnly) for (const item of frame.items) if (item.trainOnly) apart.add(item.position);
  const fed = new Set([-1]);
  for (const item of frame.items) if (item.kind === "input") fed.add(item.position);
  for (const link of [...links].sort((a, b) => a.tail - b.tail)) if (fed.has(link.tail)) fed.add(link.head);
  for (const at of positions) if (!fed.has(at) && links.some((link) => link.tail === at)) apart.add(at);
  if (apart.size === positions.length) apart.clear();
  return { main: positions.filter((at) => !apart.has(at)), apart };
}

// The elements that items make between a tail and a head that all flow passes.
function decompose(items, links, tail, head, element) {
  const place = new Map(items.map((item, at) => [item, at]));
  const inside = links
    .map((link) => ({
      a: place.get(link.tail) ?? (link.tail <= tail ? -1 : NaN),
      b: place.get(link.head) ?? (link.head >= head ? items.length : NaN),
      link,
    }))
    .filter(({ a, b }) => a < b && !(a === -1 && b === items.length));
  const passed = new Array(items.length + 1).fill(0); // how many edges go past an item
  for (const { a, b } of inside) {
    passed[a + 1] += 1;
    passed[b] -= 1;
  }
  const els = [];
  let start = 0;
  let open = 0;
  const between = (from, to) => {
    if (from === to) return;
    const part = items.slice(from, to);
    const before = from ? items[from - 1] : tail;
    const after = to < items.length ? items[to] : head;
    els.push(...parallel(part, links, before, after, element, part.length === items.length));
  };
  for (let at = 0; at < items.length; at++) {
    open += passed[at];
    if (open === 0) {
      between(start, at);
      els.push(element(items[at]));
      start = at + 1;
    }
  }
  between(start, items.length);
  return els;
}

// What stands between two items that all flow passes: side by side where it falls apart.
function parallel(items, links, tail, head, element, stuck) {
  const own = links.filter((link) => items.includes(link.tail) && items.includes(link.head));
  const parts = components(items, own);
  if (parts.length > 1) {
    const sides = parts.map((part) => series(null, decompose(part, links, tail, head, element)));
    const dashed = parts.map((part) =>
      links.some((link) => link.kind === "projection" && part.includes(link.head)));
    const made = { type: "parallel", sides, beside: dashed.includes(true) && dashed.includes(false) };
    sides.forEach((side, at) => Object.assign(side, { parent: made, at, dashed: dashed[at] }));
    return [made];
  }
  if (!stuck) return decompose(items, links, tail, head, element);
  // Shortcuts and dense edges go past everything; without them there may be an order.
  const plain = links.filter((link) => link.kind === "flow" || link.kind === "projection");
  const crossing = (groups) => links.some((link) => {
    const a = groups.findIndex((group) => group.includes(link.tail));
    const b = groups.findIndex((group) => group.includes(link.head));
    return a >= 0 && b >= 0 && a !== b;
  });
  if (plain.length < links.length) {
    const ownPlain = plain.filter((link) => items.includes(link.tail) && items.includes(link.head));
    if (!crossing(components(items, ownPlain))) {
      return decompose(items, plain, tail, head, element);
    }
  }
  return items.map(element);
}

// The items that hang together, in order of their first.
function components(items, links) {
  const of = new Map(items.map((item) => [item, item]));
  const find = (item) => {
    while (of.get(item) !== item) {
      of.set(item, of.get(of.get(item)));
      item = of.get(item);
    }
    return item;
  };
  for (const link of links) {
    if (!of.has(link.tail) || !of.has(link.head)) continue;
    const [a, b] = [find(link.tail), find(link.head)];
    of.set(Math.max(a, b), Math.min(a, b));
  }
  const groups = new Map();
  for (const item of items) {
    const first = find(item);
    if (!groups.has(first)) groups.set(first, []);
    groups.get(first).push(item);
  }
  return [...groups.values()];
}

// Cut an edge into segments: `up` out of the series around its tail, one across, `down` to its head.
function cut(edge, leaves) {
  const tail = steps(leaves.get(edge.tail));
  const head = steps(leaves.get(edge.head));
  let shared = 0;
  while (
    tail[shared].el === head[shared].el && tail[shared + 1].series === head[shared + 1].series
  ) shared += 1;
  const segment = (step, from, to) => {
    const made = { edge, series: step.series, from, to };
    step.series.segments.push(made);
    return made;
  };
  const bottom = (step) => step.series.els.length;
  edge.up = tail.slice(shared + 1).reverse().map((step) => segment(step, step.el, bottom(step)));
  edge.across = segment(tail[shared], tail[shared].el, head[shared].el);
  edge.down = head.slice(shared + 1).map((step) => segment(step, -1, step.el));
}

// The series around a leaf from the outermost in, with the element of each that the leaf is in.
function steps(leaf) {
  const found = [];
  for (let el = leaf; el.parent; el = el.parent) {
    if (el.parent.type === "series") found.unshift({ series: el.parent, el });
  }
  return found;
}
