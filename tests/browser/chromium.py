"""Chromium without a window, told what to do through a pipe: no package is needed for it.

The browser speaks its DevTools protocol, JSON between zero bytes, on the file descriptors 3 and 4.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import select
import shutil
import signal
import time

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--remote-debugging-pipe",
)
PATIENCE_SECONDS = 60


def executable():
    """Where the browser is, or None; pipes on chosen numbers are a thing of POSIX."""
    return None if os.name == "nt" else next(filter(None, map(shutil.which, NAMES)), None)


class Chromium:
    """A browser that lives as long as the tests do."""

    def __init__(self, program, folder):
        import fcntl  # not on Windows, where `executable` finds nothing

        commands, self._out = os.pipe()
        self._in, answers = os.pipe()
        # High numbers first, so that neither end of a pipe stands where the other must go.
        ends = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in (commands, answers)]
        quiet = os.open(os.devnull, os.O_WRONLY)
        self._pid = os.posix_spawn(
            program,
            [program, *FLAGS, f"--user-data-dir={folder}"],
            {**os.environ, "HOME": str(folder)},
            file_actions=[
                (os.POSIX_SPAWN_DUP2, ends[0], 3),
                (os.POSIX_SPAWN_DUP2, ends[1], 4),
                (os.POSIX_SPAWN_DUP2, quiet, 1),
                (os.POSIX_SPAWN_DUP2, quiet, 2),
            ],
            setsid=True,
        )
        for fd in (commands, answers, *ends, quiet):
            os.close(fd)
        self._numbers = itertools.count(1)
        self._waiting = b""
        self.events = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]

    def call(self, method, session=None, **parameters):
        """Send one command and return its result; what happens meanwhile is kept as events."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = self._next(until)
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def wait(self, method):
        """Return the first event of that name since the events were last cleared."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            for event in self.events:
                if event["method"] == method:
                    return event
            self.events.append(self._next(until))

    def _next(self, until):
        while b"\0" not in self._waiting:
            ready, _, _ = select.select([self._in], [], [], max(0, until - time.monotonic()))
            more = os.read(self._in, 1 << 20) if ready else b""
            if not more:
                raise RuntimeError("the browser does not answer")
            self._waiting += more
        text, _, self._waiting = self._waiting.partition(b"\0")
        return json.loads(text)

    def close(self):
        """End the browser and all processes that it has started."""
        os.close(self._out)
        os.close(self._in)
        os.killpg(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


NEXT_FRAME = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Sizes are observed when a frame is made: only then does all stand where it stays."""


class Page:
    """One page in the browser, opened from a file."""

    def __init__(self, browser, path, *, width=1280, height=800, dark=False, touch=False):
        self._browser = browser
        browser.events.clear()
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme, STILL])
        self._call("Emulation.setTouchEmulationEnabled", enabled=touch, maxTouchPoints=5)
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=touch,
        )
        self._call("Page.navigate", url=path.resolve().as_uri())
        browser.wait("Page.loadEventFired")
        self.evaluate(NEXT_FRAME)
        self.evaluate("document.fonts.ready.then(() => true)")

    def _call(self, method, **parameters):
        return self._browser.call(method, self._browser.session, **parameters)

    def evaluate(self, expression):
        """Return the value of an expression of JavaScript, waiting if it is a promise."""
        answer = self._call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    def text(self, selector):
        """Return the visible text of the first element that fits."""
        return self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText")

    def box(self, selector):
        """Return left, top, width and height of the first element that fits."""
        return self.evaluate(
            f"(b => [b.x, b.y, b.width, b.height])"
            f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
        )

    def click(self, selector):
        """Click in the middle of an element, as a mouse does."""
        left, top, width, height = self.box(selector)
        self.drag([(left + width / 2, top + height / 2)])

    def drag(self, points):
        """Press the mouse at the first point, move it along the others, let it go."""
        for kind, (x, y) in (
            ("mouseMoved", points[0]),
            ("mousePressed", points[0]),
            *(("mouseMoved", point) for point in points[1:]),
            ("mouseReleased", points[-1]),
        ):
            pressed = {} if kind == "mouseMoved" and (x, y) == points[0] else {"button": "left"}
            self._call(
                "Input.dispatchMouseEvent",
                **{"type": kind, "x": x, "y": y, "clickCount": 1, "buttons": 1, **pressed},
            )

    def wheel(self, x, y, delta):
        """Turn the wheel of the mouse."""
        self._call("Input.dispatchMouseEvent", type="mouseWheel", x=x, y=y, deltaX=0, deltaY=delta)

    def touch(self, *positions):
        """Touch with one or more fingers and move them: each position is a list of points."""
        for kind, points in (
            ("touchStart", positions[0]),
            *(("touchMove", points) for points in positions[1:]),
            ("touchEnd", []),
        ):
            fingers = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
            self._call("Input.dispatchTouchEvent", type=kind, touchPoints=fingers)

    def press(self, key):
        """Press one key and let it go."""
        code, number, text = KEYS.get(key, (key, ord(key[0].upper()), key))
        fields = {"key": key, "code": code, "windowsVirtualKeyCode": number}
        down = {"type": "keyDown", "text": text} if text else {"type": "rawKeyDown"}
        self._call("Input.dispatchKeyEvent", **down, **fields)
        self._call("Input.dispatchKeyEvent", type="keyUp", **fields)

    def screenshot(self, path):
        """Save what is seen as a PNG file."""
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot")["data"]))

    def complaints(self):
        """Return what the console says: errors, warnings, and anything fetched from elsewhere."""
        self.evaluate("0")
        found = []
        for event in self._browser.events:
            method, told = event["method"], event["params"]
            if method == "Runtime.exceptionThrown":
                found.append(told["exceptionDetails"]["exception"].get("description", "thrown"))
            elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning"):
                found.append(str([each.get("value") for each in told["args"]]))
            elif method == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
                found.append(told["entry"]["text"])
            elif method == "Network.requestWillBeSent":
                url = told["request"]["url"]
                if not url.startswith(("file:", "data:")):
                    found.append(f"fetched {url}")
        return found


STILL = {"name": "prefers-reduced-motion", "value": "reduce"}
KEYS = {
    "ArrowLeft": ("ArrowLeft", 37, ""),
    "ArrowUp": ("ArrowUp", 38, ""),
    "ArrowRight": ("ArrowRight", 39, ""),
    "ArrowDown": ("ArrowDown", 40, ""),
    "Home": ("Home", 36, ""),
    "End": ("End", 35, ""),
    "Tab": ("Tab", 9, ""),
    "Enter": ("Enter", 13, "\r"),
    "Escape": ("Escape", 27, ""),
    " ": ("Space", 32, " "),
}
