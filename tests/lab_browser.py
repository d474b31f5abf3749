"""The lab's page in a browser, from its file and with the network off."""

import time
from contextlib import contextmanager


def until(page, condition, seconds=20):
    """Wait for a condition; the page's own policy forbids what playwright does for that."""
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        shown = page.evaluate("window.lab?.state?.() ? { ...window.lab.state(), weights: null } : null")
        assert time.monotonic() < end, f"{condition} did not come true: {shown}"
        page.wait_for_timeout(20)


@contextmanager
def pages(browser, path, width=1280, height=900):
    """A function that opens the page at ``path`` with a state; at the end there must be no complaint of the browser."""
    context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
    context.set_offline(True)
    complaints = []

    def opened(state="", path=path):
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
        page.goto(f"{path.as_uri()}#{state}" if state else path.as_uri())
        until(page, "window.lab && window.lab.state().ready")
        return page

    yield opened
    context.close()
    assert complaints == []
