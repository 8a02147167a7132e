"""Views of the plugin: no facade, they are found by a scan."""
