// Signs in through the service, then lists and adds bookmarks with the token that comes back.

// Beside this script, wherever the application is mounted.
const API = new URL("v1", import.meta.url).pathname;
const TOKEN = "bookmarks.token";
const LEAVING = "bookmarks.signing-in";

const element = (id) => document.getElementById(id);

class Problem extends Error {}

// The service appends the token to the address that it was given. It must not stay in the address bar, nor in
// the history. It is kept for this tab alone, and only when it comes back with what this tab left with: a link
// with a token in it would sign people in as somebody else. Whatever else stands there is none (RFC 6750,
// section 2.1).
function receiveToken() {
  const answer = new URLSearchParams(location.hash.slice(1));
  const [token, error] = [answer.get("token"), answer.get("error")];
  if (token === null) return;
  history.replaceState(null, "", location.pathname);
  const left = sessionStorage.getItem(LEAVING);
  if (left === null || left !== answer.get("left")) return;
  sessionStorage.removeItem(LEAVING);
  if (/^[\w.~+/-]+=*$/.test(token)) sessionStorage.setItem(TOKEN, token);
  if (error) {
    const cancelled = error === "access_denied";
    element("problem").textContent = cancelled ? "You did not sign in." : `Signing in did not work (${error}).`;
  }
}

function signIn() {
  const left = Array.from(crypto.getRandomValues(new Uint32Array(4)), (number) => number.toString(36)).join("");
  sessionStorage.setItem(LEAVING, left);
  const back = encodeURIComponent(`${location.origin}${location.pathname}#left=${left}&token=`);
  location.assign(`${API}/fxa-oauth/login?redirect=${back}`);
}

// Forgets the token here; the accounts server lets it end by itself.
function signOut() {
  sessionStorage.removeItem(TOKEN);
  element("bookmarks").replaceChildren();
  element("news").textContent = "";
  showSections();
}

function showSections() {
  const signedIn = sessionStorage.getItem(TOKEN) !== null;
  element("signed-in").hidden = !signedIn;
  element("signed-out").hidden = signedIn;
  return signedIn;
}

async function ask(path, options = {}) {
  const headers = { Authorization: `Bearer ${sessionStorage.getItem(TOKEN)}`, "Content-Type": "application/json" };
  const response = await fetch(API + path, { ...options, headers }).catch(() => {
    throw new Problem("The service cannot be reached. Try again later.");
  });
  if (response.ok) return { status: response.status, data: (await response.json()).data };
  if (response.status === 401) {
    signOut();
    throw new Problem("Your session has ended. Please sign in again.");
  }
  const wait = response.headers.get("Retry-After");
  const body = await response.json().catch(() => ({}));
  throw new Problem(wait ? `The service is busy. Try again in ${wait} seconds.` : body.message ?? "It did not work.");
}

// What others wrote is text, and a link only when it leads to the web.
function itemOf(bookmark) {
  const item = document.createElement("li");
  const isLink = /^https?:\/\//i.test(bookmark.url);
  const shown = document.createElement(isLink ? "a" : "span");
  shown.textContent = bookmark.title || bookmark.url;
  if (isLink) shown.href = bookmark.url;
  item.append(shown);
  return item;
}

async function showBookmarks() {
  const { data } = await ask("/bookmarks?_sort=-last_modified");
  element("bookmarks").replaceChildren(...data.map(itemOf));
  element("news").textContent = data.length ? "" : "You have no bookmarks yet.";
}

async function addBookmark() {
  const data = { url: element("url").value, title: element("title").value };
  const { status } = await ask("/bookmarks", { method: "POST", body: JSON.stringify({ data }) });
  await showBookmarks();
  element("news").textContent = status === 201 ? "Added." : "You have this one already.";
  element("new").reset();
  element("url").focus();
}

// The page says what went wrong; anything but a problem of the service is a mistake of this script.
async function attempt(action) {
  element("problem").textContent = "";
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    element("problem").textContent = error.message;
  }
}

element("sign-in").addEventListener("click", signIn);
element("sign-out").addEventListener("click", signOut);
element("new").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(addBookmark);
});

// A token may come into a page that is open already: only the fragment changes then.
function start() {
  receiveToken();
  if (showSections()) attempt(showBookmarks);
}

window.addEventListener("hashchange", start);
start();
