"""Each package of a language has the bytes of its own files, not those of what lies in its folder beside."""

from __future__ import annotations

import pytest

from sandbox.container.language_metadata import own_sizes

SITE = "/opt/pip/httpie/lib/python3.11/site-packages"
NODE = "/usr/local/lib/node_modules"
GEMS = "/var/lib/gems/3.1.0"


@pytest.mark.parametrize(
    ("contents", "sizes", "own"),
    [
        (
            {
                f"{SITE}/httpie-3.2.2.dist-info/METADATA": b"Name: httpie\nVersion: 3.2.2\n",
                f"{SITE}/httpie-3.2.2.dist-info/RECORD": b"../../../bin/http,sha256=x,9\nhttpie/a.py,,\n",
                f"{SITE}/rich-13.dist-info/METADATA": b"Name: rich\nVersion: 13\n",
                f"{SITE}/rich-13.dist-info/RECORD": b'rich/a.py,sha256=y,1\n"rich/b,c.py",sha256=y,1\nno row\n',
            },
            {
                "/opt/pip/httpie/bin/http": 100,
                f"{SITE}/httpie/a.py": 20,
                f"{SITE}/rich/a.py": 3,
                f"{SITE}/rich/b,c.py": 4,
                "/opt/pip/httpie/bin/python": 1000,
            },
            {("pip:httpie", "3.2.2"): 120, ("pip:rich", "13"): 7},
        ),
        (
            {
                f"{NODE}/a/package.json": b'{"name": "a", "version": "1.0.0"}',
                f"{NODE}/a/node_modules/@s/b/package.json": b'{"name": "@s/b", "version": "2.0.0"}',
            },
            {f"{NODE}/a/index.js": 10, f"{NODE}/a/lib/x.js": 20, f"{NODE}/a/node_modules/@s/b/lib/y.js": 300},
            {("npm:a", "1.0.0"): 30, ("npm:@s/b", "2.0.0"): 300},
        ),
        (
            {f"{GEMS}/specifications/rake-13.gemspec": b's.name = "rake"\n s.version = "13"\n'},
            {f"{GEMS}/gems/rake-13/lib/r.rb": 10, f"{GEMS}/specifications/rake-13.gemspec": 5, f"{GEMS}/gems/x/y": 7},
            {("gem:rake", "13"): 15},
        ),
    ],
)
def test_a_packages_size_is_that_of_its_own_files(
    contents: dict[str, bytes], sizes: dict[str, int], own: dict[tuple[str, str], int]
) -> None:
    assert own_sizes(contents, sizes) == own
