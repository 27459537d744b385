"use strict";
// The stage: one picture at a time, moved and zoomed through the viewBox so that text stays sharp.

const LEAST = 0.05, MOST = 8;
// Below the first scale labels are too small to read; the picture then begins at the second.
const LEGIBLE = 0.62, COMFORTABLE = 0.85;

class Stage {
  // `again` is what is done when the stage has got another size.
  constructor(element, onClick) {
    this.element = element;
    this.onClick = onClick;
    this.pointers = new Map();
    this.show(element.querySelector("svg"));
    element.addEventListener("pointerdown", (event) => this.down(event));
    element.addEventListener("pointermove", (event) => this.move(event));
    for (const kind of ["pointerup", "pointercancel"]) {
      element.addEventListener(kind, (event) => this.up(event));
    }
    element.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    new ResizeObserver(() => this.again()).observe(element);
  }

  show(svg) {
    const [x, y, width, height] = svg.getAttribute("viewBox").split(/[\s,]+/).map(Number);
    this.whole = { x, y, width, height };
    svg.removeAttribute("width");
    svg.removeAttribute("height");
    svg.style.removeProperty("max-width");
    svg.setAttribute("preserveAspectRatio", "xMinYMin meet");
    this.element.replaceChildren(svg);
    this.svg = svg;
    this.open();
  }

  get size() {
    return [Math.max(1, this.element.clientWidth), Math.max(1, this.element.clientHeight)];
  }

  // The first view: all of it, or where that would be too small to read, its beginning.
  open() {
    this.fit();
    this.again = () => this.open();
    if (this.scale >= LEGIBLE) return;
    const [width, height] = this.size;
    this.scale = COMFORTABLE;
    const room = { x: width / this.scale, y: height / this.scale };
    this.x = this.whole.width > room.x ? this.whole.x : this.x;
    this.y = this.whole.height > room.y
      ? this.whole.y : this.whole.y + (this.whole.height - room.y) / 2;
    this.apply();
  }

  get fitting() {
    const [width, height] = this.size;
    return Math.min(1.6, width / this.whole.width, height / this.whole.height);
  }

  fit() {
    const [width, height] = this.size;
    this.scale = this.fitting;
    this.x = this.whole.x + (this.whole.width - width / this.scale) / 2;
    this.y = this.whole.y + (this.whole.height - height / this.scale) / 2;
    this.again = () => this.fit();
    this.apply();
  }

  apply() {
    const [width, height] = this.size;
    this.svg.setAttribute(
      "viewBox", `${this.x} ${this.y} ${width / this.scale} ${height / this.scale}`);
  }

  // Zoom by a factor and leave what lies under the point of the screen where it is.
  zoom(factor, clientX, clientY) {
    const frame = this.element.getBoundingClientRect();
    const left = (clientX ?? frame.x + frame.width / 2) - frame.x;
    const top = (clientY ?? frame.y + frame.height / 2) - frame.y;
    const scale = Math.min(MOST, Math.max(LEAST, this.scale * factor));
    this.x += left / this.scale - left / scale;
    this.y += top / this.scale - top / scale;
    this.scale = scale;
    this.again = () => this.apply();
    this.apply();
  }

  pan(dx, dy) {
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
    this.again = () => this.apply();
    this.apply();
  }

  // Bring an element into sight if it is not; a picture that is seen whole stays as it is.
  follow(mark) {
    if (!mark || this.scale <= this.fitting) return;
    const frame = this.element.getBoundingClientRect(), box = mark.getBoundingClientRect();
    const edge = Math.min(160, frame.width * 0.35);
    const off = box.x < frame.x + edge || box.right > frame.right - edge
      || box.y < frame.y + 30 || box.bottom > frame.bottom - 30;
    if (off) {
      this.pan(frame.x + frame.width / 2 - box.x - box.width / 2,
        frame.y + frame.height / 2 - box.y - box.height / 2);
    }
  }

  down(event) {
    if (event.button !== 0) return;
    const at = { x: event.clientX, y: event.clientY };
    this.pointers.set(event.pointerId, at);
    this.start = { ...at, target: event.target, still: this.pointers.size === 1 };
    // With Alt held the text of the picture can be selected.
    this.selecting = event.altKey;
    this.element.classList.toggle("selecting", this.selecting);
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before || this.selecting) return;
    const now = { x: event.clientX, y: event.clientY };
    if (this.start.still && Math.hypot(now.x - this.start.x, now.y - this.start.y) < 5) return;
    if (this.start.still) {
      this.start.still = false;
      this.element.setPointerCapture(event.pointerId);
      this.element.classList.add("dragging");
    }
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const far = (a) => Math.max(1, Math.hypot(a.x - other.x, a.y - other.y));
      this.zoom(far(now) / far(before), (now.x + other.x) / 2, (now.y + other.y) / 2);
      this.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
    } else {
      this.pan(now.x - before.x, now.y - before.y);
    }
    this.pointers.set(event.pointerId, now);
  }

  up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    this.element.classList.remove("dragging");
    if (event.type === "pointerup" && this.start.still && !this.selecting) {
      this.onClick(this.start.target);
    }
  }

  // In a frame on another page the wheel belongs to that page, unless Ctrl is held.
  wheel(event) {
    if (window.top !== window && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 30 : 1;
    const turn = Math.max(-200, Math.min(200, event.deltaY * lines));
    this.zoom(Math.exp(-turn * (event.ctrlKey ? 0.01 : 0.002)), event.clientX, event.clientY);
  }
}
