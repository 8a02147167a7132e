"""The same service on other frameworks, each as its documentation would have one write it."""
