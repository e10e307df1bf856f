// The camera: pan and zoom by wheel, drag, pinch, and the page's buttons.

const stage = document.getElementById("stage");
const camera = { x: 0, y: 0, scale: 1 };
const SMALLEST = 0.02;
const LARGEST = 4;
let moved = () => {}; // called after each move

function applyCamera() {
  const { x, y, scale } = camera;
  world.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
  moved();
}

function zoomAt(x, y, factor) {
  const scale = Math.min(LARGEST, Math.max(SMALLEST, camera.scale * factor));
  camera.x = x - ((x - camera.x) * scale) / camera.scale;
  camera.y = y - ((y - camera.y) * scale) / camera.scale;
  camera.scale = scale;
  applyCamera();
}

function zoomMiddle(factor) {
  zoomAt(stage.clientWidth / 2, stage.clientHeight / 2, factor);
}

// Show everything, or as much from the top as can be read.
function fit(least = 0) {
  const [left, top, right, bottom] = shown.bounds;
  const margin = 24;
  const across = (stage.clientWidth - 2 * margin) / (right - left);
  const down = (stage.clientHeight - 2 * margin) / (bottom - top);
  const scale = Math.max(SMALLEST, Math.min(1.25, across, Math.max(down, least)));
  camera.scale = scale;
  camera.x = (stage.clientWidth - scale * (left + right)) / 2;
  camera.y = Math.max(margin, (stage.clientHeight - scale * (bottom - top)) / 2) - scale * top;
  applyCamera();
}

function onScreen(node) {
  const { x, y, scale } = camera;
  return {
    left: x + scale * node.x,
    top: y + scale * node.y,
    right: x + scale * (node.x + node.width),
    bottom: y + scale * (node.y + node.height),
  };
}

// Move only as far as a node needs to be seen; `middle` puts it there at a size that can be read.
function bringIntoView(node, middle) {
  if (middle) {
    camera.scale = Math.max(camera.scale, 0.8);
    camera.x = stage.clientWidth / 2 - camera.scale * (node.x + node.width / 2);
    camera.y = stage.clientHeight / 2 - camera.scale * (node.y + node.height / 2);
  } else {
    const box = onScreen(node);
    const margin = 40;
    const shift = (low, high, size) => {
      if (low < margin) return margin - low;
      return high > size - margin ? Math.max(size - margin - high, margin - low) : 0;
    };
    camera.x += shift(box.left, box.right, stage.clientWidth);
    camera.y += shift(box.top, box.bottom, stage.clientHeight);
  }
  applyCamera();
}

stage.addEventListener("wheel", (event) => {
  event.preventDefault();
  const unit = event.deltaMode === 1 ? 16 : 1;
  if (event.shiftKey) {
    camera.x -= (event.deltaX || event.deltaY) * unit;
    applyCamera();
    return;
  }
  // A pinch on a touchpad comes as a wheel with the control key, in small steps.
  const speed = event.ctrlKey ? 0.01 : 0.0016;
  zoomAt(event.offsetX, event.offsetY, Math.exp(-event.deltaY * unit * speed));
}, { passive: false });

const pointers = new Map();
let travelled = 0; // of the pointer since it went down; a click stays in place

stage.addEventListener("pointerdown", (event) => {
  if (event.button > 1) return;
  if (!pointers.size) travelled = 0;
  pointers.set(event.pointerId, [event.clientX, event.clientY]);
});

stage.addEventListener("pointermove", (event) => {
  const before = pointers.get(event.pointerId);
  if (!before) return;
  const now = [event.clientX, event.clientY];
  const others = [...pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
  pointers.set(event.pointerId, now);
  travelled += Math.hypot(now[0] - before[0], now[1] - before[1]);
  if (travelled < 4) return;
  if (!stage.hasPointerCapture(event.pointerId)) stage.setPointerCapture(event.pointerId);
  stage.classList.add("dragging");
  const share = others.length ? 0.5 : 1;
  camera.x += (now[0] - before[0]) * share;
  camera.y += (now[1] - before[1]) * share;
  if (others.length) {
    const [other] = others;
    const apart = (at) => Math.hypot(at[0] - other[0], at[1] - other[1]) || 1;
    const area = stage.getBoundingClientRect();
    zoomAt((now[0] + other[0]) / 2 - area.left, (now[1] + other[1]) / 2 - area.top, apart(now) / apart(before));
  } else applyCamera();
});

for (const name of ["pointerup", "pointercancel"]) {
  stage.addEventListener(name, (event) => {
    pointers.delete(event.pointerId);
    if (!pointers.size) stage.classList.remove("dragging");
  });
}

// Print all of it on one page, whatever is on the screen.
addEventListener("beforeprint", () => {
  const [left, top, right, bottom] = shown.bounds;
  stage.setAttribute("viewBox", `${left - 8} ${top - 8} ${right - left + 16} ${bottom - top + 16}`);
  world.removeAttribute("transform");
});
addEventListener("afterprint", () => {
  stage.removeAttribute("viewBox");
  applyCamera();
});
