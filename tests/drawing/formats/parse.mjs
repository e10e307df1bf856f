// Reads {name: text} from the standard input and writes what Mermaid's own parser makes of each.
// The packages `mermaid` and `jsdom` are looked for as `require` does, in NODE_PATH too.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
let at;
try {
  at = [require.resolve("jsdom"), require.resolve("mermaid/dist/mermaid.esm.min.mjs")];
} catch {
  process.exit(3);
}
const { JSDOM } = require("jsdom");
const { window } = new JSDOM("<!DOCTYPE html><body></body>");
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import(pathToFileURL(at[1]));
mermaid.initialize({ startOnLoad: false });

const area = window.document.createElement("textarea");
function decoded(text) {
  // what Mermaid writes for `#` and `;` while it parses
  area.innerHTML = text.replaceAll("<br>", "\n").replaceAll("ﬂ°°", "&#").replaceAll("ﬂ°", "&")
    .replaceAll("¶ß", ";");
  return area.value;
}

const found = {};
for (const [name, text] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  try {
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    found[name] = {
      nodes: [...db.getVertices().values()].map((node) => [node.id, decoded(node.text)]),
      frames: db.getSubGraphs().map((frame) => [frame.id, decoded(frame.title)]),
      edges: db.getEdges().map((edge) => [edge.start, edge.end, edge.stroke, edge.style ?? []]),
    };
  } catch (error) {
    found[name] = { error: String(error.message ?? error) };
  }
}
console.log(JSON.stringify(found));
process.exit(0);
