// Where everything is: elements of a series on one axis, shortcuts in lanes to its right, to its left
// heads that run in training only and tensors that no input leads to. Sizes and lanes are found from the inside out, in coordinates of
// the series (x from its axis, y from its top); then everything gets its place from the outside in.

const PITCH = 10; // between lanes
const TRACK = 8; // between level runs of different tensors in one gap
const ARROW = 16; // room above a box for the head of an arrow
const PADDING = 14; // in a frame
const HEADER = 26; // of a frame
const FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif";

const measure = document.createElement("canvas").getContext("2d");
const widths = new Map();

function textWidth(text, bold) {
  const key = bold ? `b${text}` : text;
  let width = widths.get(key);
  if (width === undefined) {
    measure.font = bold ? `600 12px ${FONT}` : `11px ${FONT}`;
    width = measure.measureText(text).width;
    widths.set(key, width);
  }
  return width;
}

// Text that a box has room for; the card says all of it.
function shorten(text, most = 44) {
  const letters = [...text.replace(/\s+/g, " ")];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : letters.join("");
}

function layout(drawn) {
  const { top, leaves } = structure(drawn);
  sizeSeries(top);
  place(top, 0, 0);
  for (const edge of drawn) edge.points = route(edge, leaves);
  return { top, leaves };
}

// -- sizes -----------------------------------------------------------------------------------------

function sizeLeaf(leaf) {
  const { node } = leaf;
  leaf.title = shorten(nameOf(node));
  leaf.notes = notesOf(node).map((line) => shorten(line));
  if (node.kind === "join") {
    leaf.round = [...leaf.title].length < 3 && !leaf.notes.length;
    const words = Math.max(textWidth(leaf.title, true), ...leaf.notes.map((line) => textWidth(line)));
    leaf.width = leaf.round ? 24 : words + 24;
    leaf.height = leaf.notes.length ? 38 : 24;
  } else {
    const words = Math.max(textWidth(leaf.title, true), ...leaf.notes.map((line) => textWidth(line)));
    leaf.width = Math.max(104, words + 46 + (node.around ? 14 : 0));
    leaf.height = 14 + 15 * (1 + leaf.notes.length);
  }
  leaf.left = leaf.right = leaf.width / 2;
}

function sizeSeries(made) {
  const { els, asides, frame } = made;
  for (const el of els) sizeElement(el);
  asides.forEach(sizeSeries);
  const alike = els.filter((el) => el.type === "leaf" && el.node.kind !== "join");
  const width = Math.max(...alike.map((el) => el.width));
  for (const leaf of alike) {
    leaf.width = width;
    leaf.left = leaf.right = width / 2;
  }
  chooseWays(made);
  stack(made);
  chooseLanes(made);
  placeAsides(made);
  made.left = Math.max(0, ...els.map((el) => el.left), ...asides.map((el) => el.left - el.x));
  made.right = Math.max(0, ...els.map((el) => el.right), ...made.lanes.map((lane) => lane.x));
  if (frame && frame !== root) {
    const header = textWidth(shorten(nameOf(frame), 60), true) + 44;
    const short = Math.max(0, header - made.left - made.right - 2 * PADDING);
    made.left += PADDING + short / 2;
    made.right += PADDING + short / 2;
    made.height += HEADER;
  }
}

function sizeElement(el) {
  if (el.type === "leaf") return sizeLeaf(el);
  if (el.type === "series") return sizeSeries(el);
  el.sides.forEach(sizeSeries);
  const gap = 26;
  const total = el.sides.reduce((sum, side) => sum + side.left + side.right, gap * (el.sides.length - 1));
  // A projection stands to the right of what it goes around; branches share the middle.
  const order = el.beside ? [...el.sides].sort((a, b) => a.dashed - b.dashed) : el.sides;
  let x = el.beside ? 0 : -total / 2;
  order.forEach((side, at) => {
    side.x = el.beside && at === 0 ? 0 : x + side.left;
    x = side.x + side.right + gap;
  });
  const near = order.find((side) => Math.abs(side.x) < 14);
  if (near) {
    const shift = near.x;
    for (const side of order) side.x -= shift;
  }
  el.left = Math.max(...order.map((side) => side.left - side.x));
  el.right = Math.max(...order.map((side) => side.right + side.x));
  el.height = Math.max(...order.map((side) => side.height));
}

// -- ways through a series -------------------------------------------------------------------------

// Where an edge enters or leaves an element, from the axis of the element's series.
function port(el, edge, end) {
  if (el.type === "leaf") return 0;
  if (el.type === "series") return (el.isAside ? el.x : 0) + (el[end].get(edge) ?? 0);
  for (const side of el.sides) {
    const x = side[end].get(edge);
    if (x !== undefined) return side.x + x;
  }
  return 0;
}

// Which segments go straight on, which are arcs in a lane, and what level runs each gap has.
function chooseWays(made) {
  const { els, segments } = made;
  const bottom = els.length;
  made.gaps = Array.from({ length: bottom + 1 }, () => new Map());
  made.into = new Map(); // x by edge, where it enters the series
  made.out = new Map();
  const entering = segments.filter((segment) => segment.from === -1);
  const first = entering.filter((segment) => segment.to === els[0]);
  const newest = (list) => list.reduce((best, { edge }) => Math.max(best, edge.tail.index), -1);
  const axis = newest(first.length ? first : entering); // the tensor that comes down the axis
  for (const segment of segments) {
    const { edge, from, to } = segment;
    segment.own = from === -1 && edge.tail.index !== axis; // it comes down its lane
    if (from === -1 && !segment.own) made.into.set(edge, 0);
    segment.start = from === -1 ? 0 : from.isAside ? bottom : from.at + 1; // the gap it begins in
    segment.stop = to === bottom ? bottom : to.isAside ? to.after + 1 : to.at;
    segment.lane = null;
    if ((to !== bottom && to.isAside) || (from !== -1 && from.isAside)) segment.way = "aside";
    else if (segment.own || segment.start !== segment.stop) segment.way = "arc";
    else segment.way = "straight";
    const above = from !== -1 && from.isAside && to !== bottom; // down from what stands aside
    if (above) segment.start = segment.stop;
    segment.level = to !== bottom && to.type === "leaf" && (segment.way === "arc" || above
      || (segment.way === "straight" && from !== -1 && from.beside && port(from, edge, "out") > 0));
    const run = (gap, key) => {
      const tracks = made.gaps[gap];
      if (!tracks.has(key)) tracks.set(key, tracks.size);
      return key;
    };
    const leaving = from === -1 ? 0 : port(from, edge, "out");
    const arriving = to === bottom ? 0 : port(to, edge, "into");
    if (segment.way === "straight") {
      if (to === bottom) made.out.set(edge, leaving);
      else if (leaving !== arriving && !segment.level) {
        segment.turn = run(segment.start, arriving === 0 ? "head" : `tail${edge.tail.index}`);
      }
    } else {
      if (!segment.own && segment.way === "arc") segment.fork = run(segment.start, `tail${edge.tail.index}`);
      if (segment.way === "aside" && !segment.level) segment.fork = run(segment.start, `tail${edge.tail.index}`);
      if (segment.way === "arc" && to !== bottom && !segment.level) {
        segment.turn = run(segment.stop, arriving === 0 ? "head" : `end${edge.tail.index}`);
      }
    }
  }
}

// Elements below each other, with gaps for the level runs between them.
function stack(made) {
  const { els, gaps, frame } = made;
  const edgePad = frame && frame !== root ? 12 : 0;
  made.gapTop = [];
  let y = 0;
  gaps.forEach((tracks, at) => {
    made.gapTop.push(y);
    const runs = tracks.size ? 12 + TRACK * (tracks.size - 1) : 0;
    if (at === 0) y += runs ? runs + ARROW : edgePad;
    else if (at === els.length) y += runs ? runs + 10 : edgePad;
    else y += Math.max(28, runs + ARROW);
    if (at < els.length) {
      for (const aside of made.asides) if (aside.before === at) y = Math.max(y, aside.height + 34);
      els[at].x = 0;
      els[at].y = y;
      y += els[at].height;
    }
  });
  made.height = y;
}

function trackY(made, gap, key) {
  return made.gapTop[gap] + 11 + TRACK * made.gaps[gap].get(key);
}

// A lane for each tensor that goes past elements, the short ways inside the long ones.
function chooseLanes(made) {
  const { els, segments } = made;
  const bottom = els.length;
  const lanes = new Map();
  for (const segment of segments) {
    if (segment.way !== "arc") continue;
    const tail = segment.edge.tail.index;
    const begin = segment.own ? -1 : Math.min(segment.start, segment.stop) * 2;
    const end = segment.level ? segment.stop * 2 + 1 : Math.max(segment.start, segment.stop) * 2;
    const lane = lanes.get(tail) ?? { begin, end, segments: [], tail };
    lane.begin = Math.min(lane.begin, begin);
    lane.end = Math.max(lane.end, end);
    lane.segments.push(segment);
    lanes.set(tail, lane);
  }
  made.lanes = [...lanes.values()].sort(
    (a, b) => a.end - a.begin - (b.end - b.begin) || b.begin - a.begin || b.tail - a.tail);
  const placed = [];
  for (const lane of made.lanes) {
    let x = 0;
    for (let at = Math.max(0, lane.begin >> 1); at < bottom && 2 * at + 1 <= lane.end; at++) {
      x = Math.max(x, els[at].right);
    }
    x = Math.ceil(x + 16);
    for (const other of placed) { // by x
      if (other.begin <= lane.end && lane.begin <= other.end && Math.abs(other.x - x) < PITCH) {
        x = other.x + PITCH;
      }
    }
    lane.x = x;
    placed.push(lane);
    placed.sort((a, b) => a.x - b.x);
    for (const segment of lane.segments) {
      segment.lane = x;
      if (segment.own) made.into.set(segment.edge, x);
      if (segment.to === bottom) made.out.set(segment.edge, x);
    }
  }
}

function placeAsides(made) {
  const { els, asides } = made;
  const done = [];
  for (const aside of [...asides].sort((a, b) => b.after - a.after)) {
    aside.y = aside.before === null ? made.gapTop[aside.after + 1] + 34
      : els[aside.before].y - aside.height - 34;
    const foot = aside.y + aside.height;
    let x = 0;
    for (const el of els) {
      if (el.y < foot + 16 && el.y + el.height > aside.y - 16) x = Math.min(x, -el.left);
    }
    x -= 34 + aside.right;
    for (const other of done) {
      if (other.y < foot + 20 && other.y + other.height > aside.y - 34) {
        x = Math.min(x, other.x - other.left - 24 - aside.right);
      }
    }
    aside.x = x;
    done.push(aside);
    made.height = Math.max(made.height, foot + 12);
    for (const { from, to, edge } of made.segments) {
      if (from === aside && to === els.length) made.out.set(edge, port(aside, edge, "out"));
    }
  }
}

// -- places ----------------------------------------------------------------------------------------

// Give a series and everything in it its axis and top on the page.
function place(made, axis, y) {
  made.axis = axis;
  made.top = y;
  made.body = y + (made.frame && made.frame !== root ? HEADER : 0);
  for (const el of [...made.els, ...made.asides]) {
    const x = axis + el.x;
    const top = made.body + el.y;
    if (el.type === "leaf") Object.assign(el, { axis: x, top });
    else if (el.type === "series") place(el, x, top);
    else for (const side of el.sides) {
      place(side, x + side.x, top + (el.height - side.height) / 2);
    }
  }
}

// The corners of an edge, level and upright pieces in turn.
function route(edge, leaves) {
  const tail = leaves.get(edge.tail);
  const head = leaves.get(edge.head);
  let x = tail.axis;
  const points = [[x, tail.top + tail.height]];
  const level = (to, y) => {
    if (Math.abs(to - x) < 0.01) return;
    points.push([x, y], [to, y]);
    x = to;
  };
  for (const segment of [...edge.up, edge.across, ...edge.down]) {
    const { series: made, to } = segment;
    const y = (gap, key) => made.body + trackY(made, gap, key);
    const entry = typeof to === "number" ? 0 : port(to, edge, "into");
    if (segment.lane !== null) {
      if (segment.fork) level(made.axis + segment.lane, y(segment.start, segment.fork));
    } else if (segment.way === "aside" && segment.fork) {
      level(made.axis + (typeof to === "number" ? made.out.get(edge) : entry), y(segment.start, segment.fork));
    }
    if (segment.level) {
      const side = x < to.axis ? -to.width / 2 : to.width / 2;
      points.push([x, to.top + to.height / 2], [to.axis + side, to.top + to.height / 2]);
      return points;
    }
    if (segment.turn) level(made.axis + entry, y(segment.stop, segment.turn));
  }
  points.push([x, head.top]);
  return points;
}
