"""The page on which a user signs in at the stand-in."""

import html
from collections.abc import Mapping

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sign in (stand-in for Firefox Accounts)</title>
<style>
  body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 26rem; margin: 10vh auto; padding: 0 1rem }}
  input, button {{ font: inherit; padding: .5rem; width: 100%; margin: .25rem 0 1rem }}
  * {{ box-sizing: border-box }}
</style>
<main>
  <h1>Sign in</h1>
  <p>This is a stand-in for Firefox Accounts, for development and tests. There are no accounts and no
    passwords: whoever writes an e-mail address is its user.</p>
  <form method="post">
    <label for="email">E-mail address</label>
    <input id="email" name="email" type="email" value="{email}" autocomplete="email" required autofocus>
    <button>Sign in</button>
    <button name="cancel" value="yes" formnovalidate>Cancel</button>
  </form>
</main>
</html>
"""


def render_sign_in(params: Mapping[str, str]) -> str:
    """The page; its form comes back to the same address, so that the query keeps what the client asked."""
    return _PAGE.format(email=html.escape(params.get("email", "")))
