// The stepper: which values and gradients are known at a step, and what is said of it.

const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const WORD = { given: "Given", forward: "Forward", turn: "Turn", backward: "Backward", done: "Done",
  whole: "The whole picture" };
// Before the first step all is shown: a whole picture is what most come for.
const WHOLE = -1;
const state = { view: data.start, step: WHOLE, timer: 0 };

const steps = () => data.views[state.view].steps;
const find = (attribute, key) => stage.svg.querySelector(`[${attribute}="${CSS.escape(key)}"]`);

// --- what is known when ------------------------------------------------------------------------

let marks = []; // by the step at which they appear
let nodes = new Map();
let growing = []; // gradients that are sums: their marks, and what they come to step by step
let painted = -1; // the step that is shown; -1 if nothing is yet
let current; // the node where it happens

// Every mark with the step at which it appears, found once for each picture.
function gather() {
  const since = { values: new Map(), gradients: new Map(), nodes: new Map(), edges: new Map() };
  steps().forEach((step, at) => {
    for (const kind of Object.keys(since)) {
      for (const key of step[kind]) {
        if (!since[kind].has(key)) since[kind].set(key, at);
      }
    }
  });
  marks = steps().map(() => []);
  nodes = new Map([...stage.svg.querySelectorAll("[data-node]")].map((e) => [e.dataset.node, e]));
  growing = sumsSoFar(since.gradients);
  painted = -1;
  current = undefined;
  const add = (element, at, later, fresh) => {
    if (at === undefined) return;
    marks[at].push({ element, later, fresh });
    element.classList.add(later);
  };
  for (const [key, element] of nodes) {
    add(element, since.nodes.get(key), "is-later");
    element.classList.toggle("has-step", steps().some((step) => step.node === key));
  }
  for (const [kind, name] of [["values", "value"], ["gradients", "gradient"]]) {
    for (const element of stage.svg.querySelectorAll(`.${name}`)) {
      const edge = element.closest("[data-edge]")?.dataset.edge;
      add(element, since[kind].get(edge), "is-unknown", "is-new");
    }
  }
  for (const element of stage.svg.querySelectorAll(".edge[data-edge]")) {
    add(element, since.edges.get(element.dataset.edge), "is-later");
  }
}

function sumsSoFar(complete) {
  const found = new Map();
  steps().forEach((step, at) => step.partial.forEach(([edge, text]) => {
    if (!found.has(edge)) found.set(edge, []);
    found.get(edge).push([at, text]);
  }));
  return [...found].flatMap(([edge, sums]) => {
    const label = find("data-edge", edge)?.querySelector(".gradient");
    const text = label?.querySelector("text");
    if (!text) return [];
    text.dataset.whole ??= text.textContent; // a picture may come back as it was left
    return [{ label, text, sums, end: complete.get(edge) }];
  });
}

// Where some parts of a gradient have arrived, their sum stands where the whole will stand.
function grow() {
  for (const { label, text, sums, end } of growing) {
    const at = state.step < end ? sums.findLast(([step]) => step <= state.step) : undefined;
    label.classList.toggle("is-partial", at !== undefined);
    text.textContent = at ? `${at[1]} …` : text.dataset.whole;
  }
}

// Take back what marks the present step.
function forget() {
  marks[painted]?.forEach(({ element }) => element.classList.remove("is-new"));
  current?.classList.remove("is-now");
}

// Only what changes is touched: a large picture has thousands of marks.
function paint() {
  const at = Math.max(0, state.step);
  const [low, high] = [painted, at].sort((a, b) => a - b);
  for (const { element, later } of marks.slice(low + 1, high + 1).flat()) {
    element.classList.toggle(later, painted === high);
  }
  forget();
  if (at > 0) {
    marks[at].forEach(({ element, fresh }) => fresh && element.classList.add(fresh));
  }
  current = nodes.get(steps()[at].node);
  current?.classList.add("is-now");
  painted = at;
  stage.svg.classList.toggle("is-whole", state.step === WHOLE);
  grow();
  return current;
}

// --- what is said of it ------------------------------------------------------------------------

// What is said before the first step: how to begin, and what it all comes to.
function overview() {
  const { lines } = steps().at(-1);
  const back = steps().some((step) => step.phase === "backward" || step.phase === "turn");
  const ways = back ? ": forward, then backward." : ".";
  const how = `Start, or the key →, goes through it step by step${ways}`;
  return { phase: "whole", title: "", lines: [["text", how], ...lines] };
}

function tell() {
  const step = steps()[state.step] ?? overview();
  const title = document.createElement("h2");
  const phase = document.createElement("b");
  phase.textContent = step.part || WORD[step.phase];
  title.className = step.part || step.phase;
  title.append(phase, step.title ? ` ${step.title}` : "");
  $("told").replaceChildren(title);
  let before;
  for (const [kind, text] of step.lines) {
    // A rule and its numbers are one equation, in one line where there is room.
    const goesOn = kind === "numbers" && before?.className === "rule";
    const line = document.createElement(goesOn ? "span" : "p");
    line.className = kind;
    line.textContent = goesOn ? ` ${text}` : text;
    (goesOn ? before : $("told")).append(line);
    if (!goesOn) before = line;
  }
  $("told").scrollTop = 0;
}

function go(to, byHand = true) {
  show(Math.max(0, Math.min(steps().length - 1, to)), byHand);
}

function show(step, byHand = true) {
  const last = steps().length - 1;
  state.step = step;
  if (byHand) pause();
  const mark = paint();
  tell();
  stage.follow(mark);
  $("slider").max = last;
  $("slider").value = Math.max(0, step);
  $("slider").setAttribute("aria-valuetext", $("told").firstChild.textContent);
  $("count").textContent = step === WHOLE ? `${last} steps` : `${step} / ${last}`;
  $("first").disabled = step === 0;
  $("back").disabled = step <= 0;
  $("last").disabled = $("on").disabled = step === last;
}

// --- playing -----------------------------------------------------------------------------------

// A long computation plays faster: all of it in about a minute and a half.
function pace() {
  return Math.max(80, Math.min(1400, 90000 / steps().length));
}

function play() {
  if (state.step === WHOLE || state.step === steps().length - 1) go(0, false);
  const advance = () => {
    go(state.step + 1, false);
    if (state.step === steps().length - 1) pause();
    else state.timer = setTimeout(advance, pace());
  };
  state.timer = setTimeout(advance, pace() / 3);
  button(true);
}

function pause() {
  clearTimeout(state.timer);
  state.timer = 0;
  button(false);
}

function button(playing) {
  $("play-icon").setAttribute("d", playing ? "M3 3h4v10H3zM9 3h4v10H9z" : "M4 3v10l8-5z");
  const word = playing ? "Pause" : state.step === WHOLE ? "Start" : "Play";
  $("play-word").textContent = word;
  $("play").setAttribute("aria-label", word);
  $("play").classList.toggle("is-start", word === "Start");
}

const toggle = () => (state.timer ? pause() : play());

// --- modules -----------------------------------------------------------------------------------

// Show another picture at the same step; `key` is the mark there that the keyboard goes on from.
function turnTo(view, key) {
  const { phase, born } = steps()[state.step] ?? {};
  const within = stage.svg.contains(document.activeElement);
  const atEnd = state.step === steps().length - 1;
  pause();
  forget();
  store[state.view] = stage.svg;
  state.view = view;
  stage.show(store[view] ?? document.querySelector(`template[data-view="${view}"]`)
    .content.firstElementChild.cloneNode(true));
  $("fold").value = view;
  prepare();
  show(!phase ? WHOLE : atEnd ? steps().length - 1 : sameMoment(phase, born));
  if (!within) return;
  const mark = find("data-group", key)?.querySelector("text") ?? find("data-node", key);
  (mark ?? $("stage")).focus({ preventScroll: true });
}

// The step of this picture that has come as far as a step of another one.
function sameMoment(phase, born) {
  const all = steps();
  if (phase === "backward") {
    const at = all.findIndex((step) => step.phase === phase && step.born <= born);
    return at < 0 ? all.length - 1 : at;
  }
  return Math.max(0, all.findLastIndex((step) => step.phase === phase
    && (phase !== "forward" || step.born <= born)));
}

const store = [];

function prepare() {
  gather();
  const { opens, closes } = data.views[state.view];
  for (const [attribute, ways, word] of [
    ["data-node", opens, "Open"], ["data-group", closes, "Fold"]]) {
    for (const key of Object.keys(ways)) {
      const found = find(attribute, key);
      if (!found) continue;
      const mark = attribute === "data-group" ? found.querySelector("text") : found;
      becomeButton(mark, word);
    }
  }
  for (const [key, mark] of nodes) {
    if (mark.classList.contains("has-step") && !(key in opens)) becomeButton(mark, "Step of");
  }
  const counts = ["forward", "backward"].map((phase) =>
    [phase, steps().filter((step) => step.phase === phase || (phase === "backward"
      && step.phase === "turn")).length]);
  $("phases").replaceChildren(...counts.filter(([, count]) => count).map(([phase, count]) => {
    const part = document.createElement("i");
    part.className = phase;
    part.style.flex = count;
    return part;
  }));
}

// Reached and pressed by the keyboard too; the tooltip of a mark is not part of its name.
function becomeButton(mark, word) {
  const written = mark.matches("text") ? [mark] : [...mark.querySelectorAll("text")];
  mark.setAttribute("tabindex", "0");
  mark.setAttribute("role", "button");
  mark.setAttribute("aria-label", [word, ...written.map((text) => text.textContent)].join(" "));
}

// A module opens, a frame's name folds it, and any other node leads to its step.
function clicked(target) {
  const { opens, closes } = data.views[state.view];
  const node = target.closest("[data-node]")?.dataset.node;
  const group = target.closest("text")?.closest("[data-group]")?.dataset.group;
  if (node in opens) return turnTo(...opens[node]);
  if (node === undefined && group in closes) return turnTo(...closes[group]);
  if (node === undefined) return undefined;
  const half = steps()[state.step]?.phase === "backward" ? "backward" : "forward";
  const found = [half, "forward", "given", "turn"].map((phase) => steps().findIndex(
    (step) => step.phase === phase && step.node === node)).find((at) => at >= 0);
  return found === undefined ? undefined : go(found);
}

// --- buttons and keys --------------------------------------------------------------------------

const stage = new Stage($("stage"), clicked);

const KEYS = {
  ArrowRight: () => go(state.step + 1),
  ArrowLeft: () => go(state.step - 1),
  Home: () => go(0),
  End: () => go(steps().length - 1),
  " ": toggle,
  "+": () => stage.zoom(1.25),
  "=": () => stage.zoom(1.25),
  "-": () => stage.zoom(0.8),
  0: () => stage.fit(),
  Escape: () => pause(),
};
const PANS = {
  ArrowRight: [-60, 0], ArrowLeft: [60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60],
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target;
  const pressed = event.key === " " || event.key === "Enter";
  if (pressed && target.matches?.("#stage [role=button]")) {
    event.preventDefault();
    return void clicked(target);
  }
  if (target.matches?.("select") || (target.matches?.("button") && pressed)) return;
  const pan = event.shiftKey && PANS[event.key];
  const act = pan ? () => stage.pan(...pan) : KEYS[event.key];
  if (!act || (!pan && event.key !== "0" && !/^[-+=]$/.test(event.key) && $("panel").hidden)) return;
  event.preventDefault();
  act();
});

const PRESSED = {
  first: KEYS.Home, back: KEYS.ArrowLeft, play: toggle, on: KEYS.ArrowRight, last: KEYS.End,
  less: KEYS["-"], more: KEYS["+"], fit: KEYS[0],
  theme: () => {
    const root = document.documentElement;
    root.dataset.theme = getComputedStyle(root).colorScheme === "dark" ? "light" : "dark";
  },
};
for (const [id, act] of Object.entries(PRESSED)) {
  $(id).addEventListener("click", (event) => {
    act();
    // After the mouse, the keys are for the picture again.
    if (event.detail) $("stage").focus({ preventScroll: true });
  });
}
$("slider").addEventListener("input", () => go(Number($("slider").value)));
$("fold").addEventListener("change", () => turnTo(Number($("fold").value)));

data.views.forEach((view, at) => $("fold").append(new Option(view.label, at)));
$("fold").value = data.start;
$("fold").hidden = data.views.length < 2;
const still = ["given", "done"];
$("panel").hidden = data.views.every((view) =>
  view.steps.every((step) => still.includes(step.phase)));
prepare();
show(WHOLE);
