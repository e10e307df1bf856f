// The card: what there is to know of a node, beside it or, of the selected one, in the corner.

const card = document.getElementById("card");

function tag(name, text, kind) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function count(number) {
  return typeof number === "number" ? number.toLocaleString("en-US") : number;
}

function share(part, total) {
  if (typeof part !== "number" || typeof total !== "number" || !total || !part) return "";
  const percent = (100 * part) / total;
  return ` (${percent < 0.1 ? "< 0.1" : percent.toFixed(1)} %)`;
}

function short(number) {
  if (typeof number !== "number") return number;
  for (const [unit, size] of [["T", 1e12], ["G", 1e9], ["M", 1e6], ["k", 1e3]]) {
    if (number >= size) return `${Number((number / size).toPrecision(3))}${unit}`;
  }
  return String(number);
}

function fillCard(node) {
  const rows = [];
  const row = (name, value) => value && rows.push([name, value]);
  if (!node.items) row("op", node.op);
  else row("holds", `${node.op ? `${node.op}, ` : ""}${node.within.length} ops`);
  row("copies", node.count > 1 && `${node.count}${node.last ? `, to ${node.last}` : ""}`);
  row("in", shapeOf(node.in));
  row("out", shapeOf(node.out));
  row("parameters", `${count(node.params)}${share(node.params, data.params)}`);
  row("MACs", `${count(node.macs)}${share(node.macs, data.macs)}`);
  row("runs", node.trainOnly && "in training only");
  row("spec", node.place);
  const list = tag("dl");
  for (const [name, value] of rows) list.append(tag("dt", name), tag("dd", value));
  const title = tag("p", nameOf(node), "title");
  const path = node.path && node.path !== nameOf(node) ? [tag("p", node.path, "path")] : [];
  card.replaceChildren(title, ...path, list);
}

function showCard(node, pinned) {
  if (!node) {
    card.hidden = true;
    return;
  }
  fillCard(node);
  card.hidden = false;
  card.classList.toggle("pinned", pinned);
  card.style.left = card.style.top = "";
  if (pinned) return;
  const box = onScreen(node);
  const { clientWidth: width, clientHeight: height } = stage;
  const beside = box.right + 14 + card.offsetWidth < width;
  const left = beside ? box.right + 14 : box.left - 14 - card.offsetWidth;
  const most = (value, size, whole) => Math.max(8, Math.min(value, whole - size - 8));
  card.style.left = `${most(left, card.offsetWidth, width)}px`;
  card.style.top = `${most(box.top, card.offsetHeight, height)}px`;
}

function fillLegend() {
  const list = document.querySelector("#legend ul");
  const row = (picture, text) => {
    const made = tag("li");
    made.append(picture, tag("span", text));
    list.append(made);
  };
  const small = (...inner) => svg("svg", { viewBox: "-2 -2 24 20", width: 24, height: 20, "aria-hidden": "true" }, ...inner);
  const families = new Set(boxes.map((box) => box.family));
  for (const family of Object.keys(GLYPHS).filter((name) => families.has(name))) {
    row(small(svg("g", { class: `sample ${familyClass(family)}` },
      svg("rect", { class: "shape", width: 20, height: 16, rx: 4 }),
      svg("g", { transform: "translate(4.4 2.4) scale(.7)" }, glyph(family, 0, 0)))), family);
  }
  const kinds = new Set(edges.map((edge) => edge.kind));
  const said = { identity: "shortcut, identity", projection: "shortcut, projection", dense: "dense connection" };
  for (const kind of Object.keys(said).filter((name) => kinds.has(name))) {
    row(small(svg("g", { class: `sample ${kind}` }, svg("path", { class: "line", d: "M0 8h20" }))), said[kind]);
  }
}
