"""The page as its command serves it, and a real headless Chromium."""

import os
import re
import shutil
import subprocess
import sys

import pytest

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars"),
)


@pytest.fixture(scope="session")
def address():
    """Of `stepcurve explore` on a free port."""
    command = "import sys; sys.argv[1:] = ['explore', '--port', '0', '--no-browser']\n"
    command += "from stepcurve.cli import main; main()"
    with subprocess.Popen([sys.executable, "-c", command], stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        yield re.search(r"http://127\.0\.0\.1:\d+/", line)[0]
        process.terminate()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not browser or not driver:
        missing = "chromium" if not browser else "chromedriver"
        pytest.skip(
            f"THE PAGE IS NOT TESTED IN A BROWSER: no {missing} here (Debian: chromium chromium-driver)"
        )
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    log = os.devnull
    with webdriver.Chrome(options=options, service=Service(driver, log_output=log)) as opened:
        opened.set_window_size(1400, 900)
        chrome = opened.execute_script("return window.innerHeight")
        opened.set_window_size(1400, 900 + (900 - chrome))
        yield opened
