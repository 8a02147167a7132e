"""The whole login in a browser: the page of the example, the service, and the stand-in for the accounts."""

import os
import shutil
from urllib.parse import quote

import pytest
import requests

from cliquet_like_fxa.testing import OAuthServer
from cliquet_like_fxa.testing.hosting import hosted
from example.fxa import main

pytestmark = pytest.mark.once
webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
waiting = pytest.importorskip("selenium.webdriver.support.wait")
expected = pytest.importorskip("selenium.webdriver.support.expected_conditions")

WAIT_S = 20
MOUNT = "/a b;c"
SETTINGS = {
    "cliquet_like.includes": "cliquet_like_fxa",
    "cliquet_like.storage_backend": "cliquet_like.storage.memory",
    "cliquet_like.cache_backend": "cliquet_like.cache.memory",
    "multiauth.policies": "fxa",
    "multiauth.policy.fxa.use": "cliquet_like_fxa.authentication.FxAOAuthAuthenticationPolicy",
}


class Service:
    """The example behind a real socket; ``returns`` are the URLs by which browsers came back to it."""

    def __init__(self):
        self.url = ""
        self.app = None
        self.returns = []

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"].startswith(MOUNT + "/"):
            environ["SCRIPT_NAME"] = MOUNT
            environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(MOUNT)
        if environ["PATH_INFO"] == "/v1/fxa-oauth/token":
            self.returns.append(f"{self.url}{environ['PATH_INFO']}?{environ['QUERY_STRING']}")
        return self.app(environ, start_response)


class Page:
    """What a person does on the page, and sees there."""

    def __init__(self, driver, url):
        self.driver = driver
        self.url = url

    def open(self, path="/"):
        self.driver.get(self.url + path)

    def find(self, css):
        """The first visible element, for which it waits."""
        seen = expected.visibility_of_element_located(("css selector", css))
        return self._wait().until(seen, f"no visible {css}")

    def click(self, css):
        self.find(css).click()

    def wait_for_text(self, css, text):
        seen = expected.text_to_be_present_in_element(("css selector", css), text)
        self._wait().until(seen, f"{css} does not say {text!r}")

    def wait_for_address(self, path):
        self._wait().until(lambda driver: driver.current_url == self.url + path)

    def sign_in(self, email):
        self.click("#sign-in")
        self.find("#email").send_keys(email)
        self.click("form button")
        self.find("#signed-in")

    def add(self, url, title):
        self.find("#url").send_keys(url)
        self.find("#title").send_keys(title)
        self.click("#new button")

    @property
    def titles(self):
        return [item.text for item in self.driver.find_elements("css selector", "#bookmarks li")]

    @property
    def address(self):
        return self.driver.current_url

    def _wait(self):
        return waiting.WebDriverWait(self.driver, WAIT_S)


@pytest.fixture(scope="module")
def driver():
    """Headless Chromium, as the system has it; nothing is downloaded."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    chromedriver = shutil.which("chromedriver")
    if not chromium or not chromedriver:
        pytest.skip("no chromium and chromedriver on the path (Debian: packages chromium, chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for argument in ("--headless=new", "--disable-dev-shm-usage", "--no-proxy-server"):
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    # With the path of the driver given, Selenium Manager is not asked.
    service = webdriver.ChromeService(executable_path=chromedriver)
    with webdriver.Chrome(options=options, service=service) as driver:
        yield driver


@pytest.fixture
def accounts():
    with OAuthServer() as server:
        yield server


@pytest.fixture
def service(accounts):
    service = Service()
    with hosted(service) as port:
        service.url = f"http://127.0.0.1:{port}"
        accounts.redirect_uri = f"{service.url}/v1/fxa-oauth/token"
        own = {
            "fxa-oauth.oauth_uri": accounts.url,
            "fxa-oauth.client_id": accounts.client_id,
            "fxa-oauth.client_secret": accounts.client_secret,
            "fxa-oauth.webapp.authorized_domains": service.url,
        }
        service.app = main({}, **SETTINGS, **own)
        yield service


@pytest.fixture
def page(driver, service):
    """The page, of which the browser knows nothing yet; at the end nothing may have gone wrong unseen."""
    driver.delete_all_cookies()
    driver.get_log("browser")
    page = Page(driver, service.url)
    page.open()
    yield page
    driver.get("about:blank")
    uncaught = [entry for entry in driver.get_log("browser") if entry["source"] in ("javascript", "security")]
    assert uncaught == []


def test_who_is_signed_in_lists_and_adds_bookmarks(page):
    page.sign_in("ada@example.org")
    page.wait_for_text("#news", "You have no bookmarks yet.")
    before = page.titles

    page.add("https://example.org/", "Example <b>")
    page.wait_for_text("#news", "Added.")

    assert (before, page.titles) == ([], ["Example <b>"])
    assert page.find("#bookmarks a").get_attribute("href") == "https://example.org/"


@pytest.mark.parametrize("kind", ["opaque", "jwt"])
def test_bookmarks_are_still_there_after_a_reload(page, accounts, kind):
    accounts.token_kind = kind
    page.sign_in("ada@example.org")
    page.add("https://example.org/", "Example")
    page.wait_for_text("#news", "Added.")

    page.driver.refresh()
    page.find("#bookmarks li")

    assert page.titles == ["Example"]


def test_another_user_has_a_list_of_their_own(page):
    page.sign_in("ada@example.org")
    page.add("https://example.org/", "Example")
    page.wait_for_text("#news", "Added.")
    page.click("#sign-out")

    page.sign_in("bob@example.org")
    page.wait_for_text("#news", "You have no bookmarks yet.")

    assert page.titles == []


def test_the_same_bookmark_is_there_once(page):
    page.sign_in("ada@example.org")
    page.add("https://example.org/", "Example")
    page.wait_for_text("#news", "Added.")

    page.add("https://example.org/", "Another title")
    page.wait_for_text("#news", "You have this one already.")

    assert page.titles == ["Example"]


def test_no_token_stays_in_the_address_nor_in_the_history(page):
    page.sign_in("ada@example.org")
    token = page.driver.execute_script("return sessionStorage.getItem('bookmarks.token')")
    history = page.driver.execute_cdp_cmd("Page.getNavigationHistory", {})

    assert len(token) == 64
    assert page.address == page.url + "/"
    assert token not in str(history)


def test_who_cancels_is_back_on_the_page_and_may_sign_in_after_all(page):
    page.click("#sign-in")
    page.click("button[name=cancel]")
    page.wait_for_text("#problem", "You did not sign in.")
    address = page.address

    page.sign_in("ada@example.org")

    assert address == page.url + "/"
    assert page.find("#sign-out").is_enabled()


@pytest.mark.parametrize(
    ("asked", "told"),
    [(True, "Signing in did not work (<b>)."), (False, "")],
    ids=["who asked for a token", "who did not"],
)
def test_an_error_is_told_to_who_wanted_to_sign_in(page, asked, told):
    if asked:
        page.driver.execute_script("sessionStorage.setItem('bookmarks.signing-in', 'yes')")

    page.driver.execute_script("location.hash = arguments[0]", "left=yes&token=&error=%3Cb%3E")
    page.wait_for_address("/")

    assert page.driver.find_element("id", "problem").text == told


def test_the_way_back_works_once(page, service):
    page.sign_in("ada@example.org")
    (way_back,) = service.returns

    page.open(way_back.removeprefix(page.url))

    again = page.find("body").text
    assert "The OAuth session was not found, please re-authenticate." in again
    assert '"errno":104' in again


def test_a_login_that_another_browser_began_is_not_ended_here(page, service, accounts):
    login = f"{service.url}/v1/fxa-oauth/login?redirect={quote(service.url + '/#token=', safe='')}"
    asked = requests.get(login, allow_redirects=False, timeout=10).headers["Location"]
    form = requests.post(asked, data={"email": "mallory@example.org"}, allow_redirects=False, timeout=10)

    page.open(form.headers["Location"].removeprefix(page.url))

    assert "The OAuth session was not found" in page.find("body").text
    assert ("POST", "/v1/token") not in accounts.calls


@pytest.mark.parametrize("has_left", [True, False], ids=["who left to sign in", "who did not"])
def test_a_link_with_a_token_in_it_signs_nobody_in(page, accounts, has_left):
    if has_left:
        page.click("#sign-in")
        page.find("button[name=cancel]")
        page.driver.back()
        page.find("#signed-out")

    page.open("/#token=" + accounts.issue_token("mallory@example.org"))
    page.wait_for_address("/")
    page.find("#signed-out")

    assert page.address == page.url + "/"
    assert not page.driver.find_element("id", "signed-in").is_displayed()


@pytest.mark.parametrize("asked", [True, False], ids=["who asked for one", "who did not"])
@pytest.mark.parametrize("fragment", ["token=%", "token=%ff", "token="])
def test_a_token_that_is_none_leaves_a_page_to_sign_in(page, fragment, asked):
    if asked:
        page.driver.execute_script("sessionStorage.setItem('bookmarks.signing-in', 'yes')")

    page.driver.execute_script("location.hash = arguments[0]", f"left=yes&{fragment}")
    page.wait_for_address("/")

    assert page.find("#sign-in").is_enabled()


def test_the_page_signs_in_wherever_it_is_mounted(page, accounts):
    accounts.redirect_uri = f"{page.url}{quote(MOUNT)}/v1/fxa-oauth/token"
    page.open(f"{MOUNT}/")

    page.sign_in("ada@example.org")
    page.add("https://example.org/", "Example")
    page.wait_for_text("#news", "Added.")

    assert page.titles == ["Example"]
    assert ("POST", "/v1/token") in accounts.calls


def test_who_is_refused_is_asked_to_sign_in_again(page, accounts):
    page.sign_in("ada@example.org")
    page.driver.execute_script("sessionStorage.setItem('bookmarks.token', arguments[0])", "f" * 64)

    page.driver.refresh()
    page.wait_for_text("#problem", "Your session has ended. Please sign in again.")

    assert page.find("#sign-in").is_enabled()


def test_a_server_in_trouble_is_told_on_the_page(page, accounts):
    page.sign_in("ada@example.org")
    page.driver.execute_script("sessionStorage.setItem('bookmarks.token', arguments[0])", "f" * 64)
    accounts.fail_next("/verify", 500)

    page.driver.refresh()
    page.wait_for_text("#problem", "The service is busy. Try again in ")

    assert page.find("#sign-out").is_enabled()
