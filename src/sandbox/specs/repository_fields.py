"""The keys of a spec's repositories, in the words of the managers' own files.

Sources: sources.list(5) (deb822), dnf.conf(5), zypper(8), apk-repositories(5), pacman.conf(5), xbps.d(5). A value has
no line break and no control character, so that none can open a line of its own in the manager's file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.specs.kinds import SCALAR_TYPES, InvalidValue, Kind, boolean, choice, integer, matching, quote
from sandbox.specs.model import Repository, SigningKey
from sandbox.specs.public_keys import KEY
from sandbox.specs.shapes import Checked, Field, ObjectOf, OneOf, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sandbox.specs.model import RepositoryFormat

OWN_NAMES: Final = (
    *("debian", "ubuntu", "fedora", "fedora-updates", "alpine", "core", "extra"),
    *("main", "options", "local"),
)
"""Names of distros' own files and sections."""

_SITE: Final = r"(?:https?://[A-Za-z0-9\[][A-Za-z0-9.:\]-]*|file://?)"
_URL: Final = rf"{_SITE}(?:/[A-Za-z0-9._~:/?#@!$&()*+,;=%-]*)?"
_WORDS: Final = r"[A-Za-z0-9._~:/+@!*$()-]+(?: [A-Za-z0-9._~:/+@!*$()-]+)*"


def _urls(text: str) -> str:
    found = text.split(" ")
    for url in found:
        if re.match(r"[a-z0-9+]+://[^/\s]*@", url):
            raise InvalidValue("a repository's user and password would be in the spec, the lock and the journal")
        if not re.fullmatch(_URL, url) or len(url) > 500:  # noqa: PLR2004
            raise InvalidValue(f"expected {URLS.expected}, got {quote(url)}")
    return text


URLS: Final = Kind(
    expected="an address such as https://packages.example/debian",
    convert=_urls,
    schema={"type": SCALAR_TYPES, "maxLength": 2000, "pattern": f"^{_URL}( {_URL})*$"},
)


def _url(text: str) -> str:
    if " " in text:
        raise InvalidValue(f"expected one address, got {quote(text)}")
    return _urls(text)


URL: Final = Kind(
    expected=URLS.expected,
    convert=_url,
    schema={"type": SCALAR_TYPES, "maxLength": 500, "pattern": f"^{_URL}$"},
)
WORDS: Final = matching(_WORDS, "words", longest=1000)
NAME: Final = matching("[A-Za-z0-9][A-Za-z0-9._-]{0,60}", "a name such as docker", longest=61)
TYPES: Final = choice({"deb": "deb", "deb-src": "deb-src", "deb deb-src": "deb deb-src"})
NUMBER: Final = integer(1, 999, "a number from 1 to 999")
SIG_LEVEL: Final = matching(
    "(?:Package|Database)?(?:Never|Optional|Required|TrustedOnly|TrustAll)"
    "(?: (?:Package|Database)?(?:Never|Optional|Required|TrustedOnly|TrustAll))*",
    "pacman's words such as Required DatabaseOptional",
)
_KEY_NAME: Final = "[A-Za-z0-9][A-Za-z0-9._@+:-]{0,100}"
KEY_NAME: Final = matching(_KEY_NAME, "the name of a key file", longest=101)


def _truth(yes: str, no: str) -> Kind[str]:
    """Return the kind of a manager's booleans, in YAML's words or its own."""
    known = boolean()

    def convert(text: str) -> str:
        if text in (yes, no):
            return text
        return yes if known.parse(text) else no

    numbers = [int(word) for word in (yes, no) if word.isdigit()]
    schema = {"anyOf": [known.schema, {"enum": [yes, no, *numbers]}]}
    return Kind(expected=known.expected, convert=convert, schema=schema)


DEB_TRUTH: Final = _truth("yes", "no")
RPM_TRUTH: Final = _truth("1", "0")
_NAME: Final = Field(
    key="name", shape=Word(kind=NAME), doc="Its name, and that of its files.", default="made from its address"
)


def _field(key: str, kind: Kind[str], doc: str, *, required: bool = False) -> Field:
    return Field(key=key, shape=Word(kind=kind), doc=doc, required=required)


def _key_field(key: str) -> Field:
    return Field(key=key, shape=Word(kind=KEY), doc=f"The key that signs it: {KEY.expected}.")


DEB: Final = (
    _NAME,
    _field("Types", TYPES, "deb, deb-src or both. Default deb."),
    _field("URIs", URLS, "Its addresses.", required=True),
    _field("Suites", WORDS, "Its releases, or a path that ends in a slash.", required=True),
    _field("Components", WORDS, "Parts of the release; none where Suites is a path."),
    _field("Architectures", WORDS, "Architectures to fetch the index of."),
    _field("Languages", WORDS, "Languages to fetch descriptions of."),
    _field("Targets", WORDS, "Indexes to fetch."),
    _field("PDiffs", DEB_TRUTH, "Whether to fetch differences of indexes."),
    _field("By-Hash", DEB_TRUTH, "Whether to fetch indexes by their checksums."),
    _field("Check-Valid-Until", DEB_TRUTH, "Whether an index may have expired."),
    _field("Enabled", DEB_TRUTH, "Whether it is in use."),
    _field("Trusted", DEB_TRUTH, "Take it without a signature; not over http."),
    _key_field("Signed-By"),
)
RPM: Final = (
    _NAME,
    _field("baseurl", URLS, "Its addresses; this, mirrorlist or metalink."),
    _field("mirrorlist", URL, "The address of a list of mirrors."),
    _field("metalink", URL, "The address of a metalink."),
    _key_field("gpgkey"),
    _field("gpgcheck", RPM_TRUTH, "Whether its packages must be signed. Default true if there is a key."),
    _field("repo_gpgcheck", RPM_TRUTH, "Whether its index must be signed."),
    _field("enabled", RPM_TRUTH, "Whether it is in use. Default true."),
    Field(key="priority", shape=Word(kind=NUMBER), doc="Its priority; the lowest number comes first."),
    Field(key="cost", shape=Word(kind=NUMBER), doc="What it costs, among those of a priority; dnf's."),
    _field("excludepkgs", WORDS, "Packages that are not taken from it; dnf's."),
    _field("includepkgs", WORDS, "The only packages that are taken from it; dnf's."),
    _field("module_hotfixes", RPM_TRUTH, "Whether its packages come before those of modules; dnf's."),
    _field("autorefresh", RPM_TRUTH, "Whether its index is refreshed by itself; zypper's."),
)
APK: Final = (
    _NAME,
    _field("url", URL, "Its address, without the architecture.", required=True),
    _field("tag", matching("[A-Za-z0-9_.-]{1,40}", "a tag"), "Take packages from it only as NAME@TAG."),
    _key_field("key"),
    _field("key-name", KEY_NAME, "The key file's name, by which indexes name it. Default the name of the file."),
)
PACMAN: Final = (
    _NAME,
    _field("Server", URL, "Its address; $repo and $arch stand for name and architecture.", required=True),
    _field("SigLevel", SIG_LEVEL, "Which signatures are needed."),
    _key_field("key"),
)
XBPS: Final = (
    _NAME,
    _field("repository", URL, "Its address.", required=True),
    _key_field("key"),
    _field("key-name", KEY_NAME, "The key file's name, its fingerprint. Default the name of the file."),
)
FORMATS: Final[Mapping[RepositoryFormat, tuple[Field, ...]]] = {
    "deb822": DEB,
    "repo": RPM,
    "apk.list": APK,
    "pacman.conf": PACMAN,
    "xbps.d": XBPS,
}
KEYS: Final[Mapping[RepositoryFormat, str]] = {
    "deb822": "Signed-By",
    "repo": "gpgkey",
    "apk.list": "key",
    "pacman.conf": "key",
    "xbps.d": "key",
}
"""The field of each format that names the key."""


_ADDRESSES: Final = ("URIs", "baseurl", "mirrorlist", "metalink", "url", "Server", "repository")


def _repository(form: RepositoryFormat) -> Callable[..., Repository]:
    def make(**found: object) -> Repository:
        key = found.get(KEYS[form])
        order = [entry.key for entry in FORMATS[form] if entry.key not in ("name", KEYS[form])]
        values = tuple((name, str(found[name])) for name in order if name in found)
        made = Repository(format=form, name="", fields=values, key=key if isinstance(key, SigningKey) else None)
        return Repository(
            format=form, name=str(found.get("name") or _usual_name(made)), fields=made.fields, key=made.key
        )

    return make


def _usual_name(repository: Repository) -> str:
    """Return the name that a repository has where none is said: its address and release, as words."""
    text = f"{re.sub('^[a-z]+://', '', repository.url)} {repository.field('Suites')}"
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")[:60].strip("-") or "repository"


def _problem(repository: Repository) -> str:
    """Return what is wrong with a repository as a whole, or ""."""
    key = KEYS[repository.format]
    if repository.name.lower() in OWN_NAMES:
        return f"the name {repository.name} is that of a distro's own repository: set another name"
    places = [text for name, text in repository.fields if name in _ADDRESSES]
    is_http = any(url.startswith("http://") for text in places for url in text.split())
    if is_http and repository.is_unsigned:
        return f"nobody signs what comes over http, so anybody on the way could change it: use https, or name the {key}"
    if is_http and repository.key is None:
        return f"an http address needs the key that signs it: set {key}, or use https"
    suites = repository.field("Suites").split()
    if repository.format == "deb822" and any(suite.endswith("/") for suite in suites) == bool(
        repository.field("Components")
    ):
        return "expected Components, or Suites that end in a slash, and not both"
    return _key_problem(repository)


def _key_problem(repository: Repository) -> str:
    found = repository.key
    if found is None or found.path:
        return ""
    if has_named_key(repository) and not repository.field("key-name") and found.content and not found.file:
        return "key-name is missing: indexes name the key that signs them by its file's name"
    named = (found.file or found.url).partition("?")[0].rpartition("/")[2]
    if has_named_key(repository) and not repository.field("key-name") and not re.fullmatch(_KEY_NAME, named):
        return f"key-name is missing: {quote(named)} can't be the name of a key file"
    return key_format_problem(repository)


def has_named_key(repository: Repository) -> bool:
    """Return whether indexes name the key that signs them by its file's name."""
    return any(entry.key == "key-name" for entry in FORMATS[repository.format])


def key_format_problem(repository: Repository) -> str:
    """Return why a key's content is none for the repository's format, or ""."""
    data = (repository.key.content if repository.key else b"").lstrip()
    if not data:
        return ""
    is_pem, is_list = data.startswith(b"-----BEGIN PUBLIC KEY-----"), data.startswith(b"<?xml")
    fits = {"apk.list": is_pem, "xbps.d": is_list}.get(repository.format, not is_pem and not is_list)
    kind = {"apk.list": "an RSA key in PEM", "xbps.d": "a property list"}.get(repository.format, "an OpenPGP key")
    return "" if fits else f"the key of such a repository is {kind}"


def _object(form: RepositoryFormat) -> ObjectOf[Repository]:
    return ObjectOf(make=_repository(form), fields=FORMATS[form])


REPOSITORY: Final = Checked(
    shape=OneOf(
        variants={
            "URIs": _object("deb822"),
            **{key: _object("repo") for key in ("baseurl", "mirrorlist", "metalink")},
            "url": _object("apk.list"),
            "Server": _object("pacman.conf"),
            "repository": _object("xbps.d"),
        }
    ),
    problem=_problem,
)


def same_repository(found: tuple[Repository, ...]) -> Iterator[tuple[int, int, str]]:
    """Yield pairs of repositories of which only one can be, by their places, and why."""
    names: dict[str, int] = {}
    places: dict[object, int] = {}
    for number, row in enumerate(found):
        where = (row.format, row.url, row.field("Suites"), row.field("Components"), row.field("tag"))
        if row.name in names and found[names[row.name]] != row:
            yield number, names[row.name], f"has the name {row.name} too: set another name"
        elif where in places and found[places[where]] != row:
            yield number, places[where], "is the same repository"
        names.setdefault(row.name, number)
        places.setdefault(where, number)
