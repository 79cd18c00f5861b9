"""The page in a real Chromium: what a user does, and what is then to be seen."""

import os
from pathlib import Path
from time import sleep
from urllib.parse import quote

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

# Bokeh draws into shadow roots: the view of a model by its name, and an element inside.
INSIDE = """
const view = name => { const model = Bokeh.documents[0].get_model_by_name(name);
                       return Bokeh.index.find_one_by_id(model.id) };
"""

PIXELS = """
const whole = view(arguments[0]).export().canvas, part = document.createElement("canvas");
[part.width, part.height] = [whole.width, whole.height - 60];
part.getContext("2d").drawImage(whole, 0, 0);
return part.toDataURL();
"""


class Shown:
    """The page that an address opens."""

    def __init__(self, driver, url):
        self.driver = driver
        driver.get(url)
        self.wait(
            "return window.Bokeh !== undefined && Bokeh.documents.length == 1 && Bokeh.documents[0].is_idle"
        )

    def run(self, code, *arguments):
        return self.driver.execute_script(INSIDE + code, *arguments)

    def wait(self, code, *arguments):
        WebDriverWait(self.driver, 60).until(lambda _: self.run(code, *arguments))

    def inside(self, name, selector):
        return self.run("return view(arguments[0]).shadow_el.querySelector(arguments[1])", name, selector)

    def data(self, name, column):
        code = "return [...Bokeh.documents[0].get_model_by_name(arguments[0]).data[arguments[1]]]"
        return self.driver.execute_script(code, name, column)

    def text(self, name):
        return self.run("return view(arguments[0]).shadow_el.textContent", name)

    def changes(self, name, column, old):
        WebDriverWait(self.driver, 60).until(lambda _: self.data(name, column) != old)
        return self.data(name, column)

    def pixels(self, name):
        """The figure above its legend as it is drawn, when it has come to rest."""
        before = None
        while before != (now := self.run(PIXELS, name)):
            before = now
            sleep(0.3)
        return now

    def type(self, name, selector, text):
        box = self.inside(name, selector)
        box.clear()
        box.send_keys(text)
        ActionChains(self.driver).key_down(Keys.TAB).key_up(Keys.TAB).perform()


@pytest.fixture
def opened(chromium, address):
    def open_page(query=""):
        return Shown(chromium, address + query)

    yield open_page
    errors = [entry for entry in chromium.get_log("browser") if entry["level"] == "SEVERE"]
    assert not errors


def test_it_opens(opened, chromium):
    shown = opened()
    assert chromium.title == "stepcurve explore"
    for name in "ABC":
        assert len(shown.data(f"curve {name}", "step")) > 10
    sizes = shown.run("return ['learning rate', 'paths', 'losses', 'verdicts'].map(n => view(n).bbox.width)")
    assert min(sizes) > 300
    loaded = chromium.execute_script("return performance.getEntriesByType('resource').map(e => e.name)")
    assert loaded
    assert all(name.startswith(chromium.current_url.split("?")[0]) for name in loaded)


def test_a_slider_moves_a_curve(opened, chromium):
    shown = opened("?s=cosine:")
    before, drawn = shown.data("curve A", "lr"), shown.pixels("learning rate")
    handle = shown.inside("lr", ".noUi-handle")
    handle.send_keys(Keys.ARROW_LEFT * 10)
    after = shown.changes("curve A", "lr", before)
    assert after[0] < before[0] == 0.05
    WebDriverWait(chromium, 60).until(lambda _: shown.pixels("learning rate") != drawn)
    WebDriverWait(chromium, 60).until(lambda _: "lr%3D" in chromium.current_url)


def test_an_expression_and_a_wrong_one(opened, chromium):
    shown = opened("?s=cosine:&s=expression:" + quote("linear(0, 0.1, 500)") + "&picked=1")
    before = shown.data("curve B", "lr")
    shown.type("text", "textarea", "linear(0, 0.2, 1000)")
    good = shown.changes("curve B", "lr", before)
    assert good[500] == 0.1
    drawn = shown.pixels("learning rate")
    shown.type("text", "textarea", "linear(0, <img src=x onerror=alert(1)>")
    said = "cannot read '<img src=x onerror=a' at position 10"
    shown.wait("return view('problem').shadow_el.textContent.includes(arguments[0])", said)
    box, problem = (
        shown.inside("text", "textarea").rect,
        shown.run("return view('problem').el.getBoundingClientRect()"),
    )
    assert 0 <= problem["top"] - (box["y"] + box["height"]) < 60
    assert shown.data("curve B", "lr") == good
    assert shown.pixels("learning rate") == drawn
    shown.type("text", "textarea", "linear(0, 0.3, 1000)")
    assert shown.changes("curve B", "lr", good)[500] == 0.15
    shown.wait("return !view('problem').model.visible")


def test_a_link_restores_the_picture(opened, chromium):
    shown = opened("?s=cosine:&s=expression:" + quote("0.1 * cosine(1, 0, 600)") + "&surface=valley&seeds=20")
    before = shown.data("curve A", "lr")
    shown.inside("lr", ".noUi-handle").send_keys(Keys.ARROW_RIGHT * 5)
    shown.changes("curve A", "lr", before)
    WebDriverWait(chromium, 60).until(lambda _: "lr%3D0.056" in chromium.current_url)
    names = [
        ("curve A", "lr"),
        ("curve B", "lr"),
        ("loss A", "middle"),
        ("path B", "x"),
        ("fared", "settled"),
    ]
    seen = [shown.data(*name) for name in names]
    link = shown.inside("links", "a").get_attribute("href")
    assert link == chromium.current_url
    chromium.get("about:blank")
    again = Shown(chromium, link)
    assert [again.data(*name) for name in names] == seen
    assert chromium.current_url == link


def test_the_plateau_reacts_to_the_loss(opened, chromium):
    shown = opened("?s=plateau:")
    before = shown.data("curve A", "lr")
    assert before[0] == 0.05 > before[-1]
    shown.inside("noise", ".noUi-handle").send_keys(Keys.ARROW_RIGHT * 8)
    assert shown.changes("curve A", "lr", before) != before


def test_too_much_gets_a_message(opened, chromium):
    shown = opened("?s=cosine:")
    before = shown.data("curve A", "lr")
    for name, text in (("steps", "1e12"), ("seeds", "1000000")):
        shown.type(name, "input", text)
        shown.wait("return view('refused').shadow_el.textContent.includes(arguments[0])", text)
    assert shown.data("curve A", "lr") == before
    shown.type("steps", "input", "200")
    assert len(shown.changes("curve A", "lr", before)) == 200


def test_schedules_come_and_go(opened):
    shown = opened("?s=cosine:")
    shown.inside("add", "button").click()
    shown.wait("return Bokeh.documents[0].get_model_by_name('curve B').data.lr.length > 0")
    shown.inside("remove", "button").click()
    shown.wait("return Bokeh.documents[0].get_model_by_name('curve B').data.lr.length == 0")


def test_the_picture_of_the_docs(opened, chromium, tmp_path):
    """Taken anew by STEPCURVE_PICTURE=docs/pictures/explore.png."""
    query = "s=constant:lr=0.06&s=wsd:lr=0.09,cooldown=30&s=plateau:&surface=valley&with_momentum=no&picked=1"
    shown = opened("?" + query)
    shown.pixels("learning rate")
    picture = Path(os.environ.get("STEPCURVE_PICTURE", tmp_path / "explore.png"))
    chromium.save_screenshot(str(picture))
    assert 20_000 < picture.stat().st_size < 200_000
    overlaps = chromium.execute_script(INSIDE + OVERLAPS)
    assert overlaps == []


# Pairs of figures and words that share a place on the page, or leave it.
OVERLAPS = """
const names = ["learning rate", "paths", "losses", "verdicts", "findings", "code", "editor"], found = [];
const boxes = names.map(name => view(name).el.getBoundingClientRect());
boxes.forEach((a, i) => {
  if (a.left < 0 || a.top < 0 || a.right > innerWidth || a.bottom > innerHeight) found.push(names[i]);
  boxes.slice(i + 1).forEach((b, j) => {
    if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
      found.push([names[i], names[i + 1 + j]]);
  });
});
return found;
"""
