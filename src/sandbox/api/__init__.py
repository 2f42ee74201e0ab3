"""The program as a Python library: `Sandbox`, and the pytest plugin. Import it as `from sandbox import Sandbox`."""
