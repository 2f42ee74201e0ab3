"""Any image, one that is built first, companions, rows of the user: each is tried, and nothing of it stays."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import signal
import tarfile
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.running import Program, ended, owned, running, wait_for, wait_for_text
from tests.matrix import first

from sandbox.engine import labels
from sandbox.lifecycle.owner import current_owner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from subprocess import Popen

    from sandbox.engine.docker.client import DockerEngine

NAME = f"distros-{os.getpid()}"


@pytest.fixture
def program(tmp_path: Path, engine_url: str) -> Program:
    return Program(folder=tmp_path, engine=engine_url)


@pytest.fixture(autouse=True)
def _no_image_left(client: Any) -> Iterator[None]:
    """Prove that no image of a session of this test is left."""
    before = built(client)
    yield
    assert built(client) <= before


def built(client: Any) -> set[str]:
    # one label: Podman 4.3 finds no image by two
    rows = client.api.images(all=True, filters={"label": [f"{labels.HOST}={current_owner().host}"]})
    return {row["Id"] for row in rows if row["Labels"].get(labels.SESSION)}


def volume(client: Any, container: str) -> str:
    """Return the name of the one volume that a container has."""
    (found,) = [mount for mount in client.api.inspect_container(container)["Mounts"] if mount["Type"] == "volume"]
    assert not found["RW"]
    return str(found["Name"])


def is_gone(client: Any, name: str) -> bool:
    return name not in {row["Name"] for row in client.api.volumes()["Volumes"] or []}


def image_of(client: Any, dockerfile: str, tag: str) -> Any:
    return client.images.build(fileobj=io.BytesIO(dockerfile.encode()), rm=True, forcerm=True, tag=f"{NAME}-{tag}")[0]


@pytest.fixture
def tagged(client: Any, base: str) -> Iterator[str]:
    """Give an image of another name that says it is a Debian."""
    image = image_of(client, f"FROM {base}\nRUN echo mine >/mine\n", "mine")
    yield f"{NAME}-mine"
    client.images.remove(image.id, force=True)


def test_an_image_says_itself_which_distro_it_is(program: Program, tagged: str) -> None:
    done = program.run("try", "--image", tagged, "--", "cat", "/mine")
    assert (done.returncode, done.stdout) == (0, b"mine\n"), done.stderr
    assert b"debian bookworm, by the image's os-release" in done.stderr
    assert b'"distro":"debian","release":"bookworm"' in program.journal.read_bytes()
    assert f'"image":"{tagged}"'.encode() in program.journal.read_bytes()


def test_a_distro_that_is_named_is_taken_at_its_word(program: Program, tagged: str) -> None:
    done = program.run("try", "--image", tagged, "--distro", "debian:trixie", "--", "true")
    assert done.returncode == 0, done.stderr
    assert b"os-release" not in done.stderr
    assert b'"release":"trixie"' in program.journal.read_bytes()


def test_an_image_of_no_known_distro_is_told_what_to_do(program: Program, client: Any, base: str) -> None:
    text = f"FROM {base}\nRUN rm -f /etc/os-release && printf 'ID=plan9\\nPRETTY_NAME=\"Plan 9\"\\n' >/etc/os-release\n"
    image = image_of(client, text, "odd")
    try:
        done = program.run("try", "--image", f"{NAME}-odd")
    finally:
        client.images.remove(image.id, force=True)
    assert done.returncode == 2
    assert b"is unknown" in done.stderr
    assert b"Plan 9" in done.stderr
    assert b"--distro DISTRO" in done.stderr


def test_a_spec_names_an_image(program: Program, tagged: str) -> None:
    (program.work / "mine.yaml").write_text(f"image: {tagged}\nsetup: [echo made >/made]\n")
    done = program.run("try", "--spec", "mine.yaml", "--", "cat", "/made")
    assert (done.returncode, done.stdout) == (0, b"made\n"), done.stderr


def test_a_row_of_the_user_is_tried_and_promoted(program: Program, tagged: str) -> None:
    (program.work / "rows.yaml").write_text(
        f"mine: {{like: debian, title: Mine, image: '{tagged}', releases: ['1']}}\n"
    )
    done = program.run("try", "--distros", "rows.yaml", "--distro", "mine", "--", "cat", "/mine")
    assert (done.returncode, done.stdout) == (0, b"mine\n"), done.stderr
    listed = program.run("distros", "--distros", "rows.yaml")
    assert re.search(rb"mine:1 +apt +- +present +your own row", listed.stdout)
    assert program.run("promote").returncode == 2


DOCKERFILE = """\
FROM {base} AS one
RUN echo built >/built
FROM {base}
COPY --from=one /built /built
COPY kept /kept
RUN test ! -e /secret && test ! -e /folder/secret
"""


@pytest.fixture
def dockerfile(program: Program, base: str) -> Path:
    folder = program.work / "context"
    (folder / "folder").mkdir(parents=True)
    for name in ("kept", "secret", "folder/secret"):
        (folder / name).write_text("x\n")
    (folder / ".dockerignore").write_text("# not these\n**/secret\n")
    (folder / "Dockerfile").write_text(DOCKERFILE.format(base=base))
    return folder / "Dockerfile"


def test_a_dockerfile_is_built_without_what_is_ignored_and_goes_with_the_sandbox(
    program: Program, dockerfile: Path
) -> None:
    done = program.run("try", "--dockerfile", "context/Dockerfile", "--", "cat", "/built")
    assert (done.returncode, done.stdout) == (0, b"built\n"), done.stderr
    assert dockerfile.exists()
    assert b"and the built image; nothing else of this session is left" in done.stderr
    assert b"stays     one line in sandbox history" in done.stderr


def test_a_command_starts_where_the_image_says_as_root_with_bounds_and_a_name_of_its_own(
    program: Program, dockerfile: Path, base: str
) -> None:
    dockerfile.write_text(f"FROM {base}\nWORKDIR /there\nUSER nobody\n")
    line = "pwd; id -u; ulimit -Hn; df -B1 --output=size /dev/shm | tail -1; getent hosts $HOSTNAME"
    options = ("--network", "none", "--shm-size", "4096000", "--name", f"{NAME}-there")
    done = program.run("try", "--dockerfile", "context/Dockerfile", *options, "--", "bash", "-c", line)
    assert done.returncode == 0, done.stderr
    folder, user, files, shared, address, name = done.stdout.decode().split()
    assert (folder, user, shared, address, name) == ("/there", "0", "4096000", "127.0.0.1", f"{NAME}-there")
    assert int(files) <= 1 << 20
    assert b"root, though the image says USER nobody" in done.stderr


@pytest.mark.usefixtures("dockerfile")
def test_a_dockerfile_of_a_spec_is_granted_by_the_user(program: Program) -> None:
    (program.work / "context/spec.yaml").write_text("dockerfile: Dockerfile\n")
    assert program.run("try", "--spec", "context/spec.yaml").returncode == 2
    done = program.run("try", "--spec", "context/spec.yaml", "--allow", "build", "--", "cat", "/built")
    assert (done.returncode, done.stdout) == (0, b"built\n"), done.stderr


def test_a_step_that_fails_is_told_with_its_last_lines(program: Program, dockerfile: Path, base: str) -> None:
    dockerfile.write_text(f"FROM {base}\nRUN echo first\nRUN echo almost; echo \x1b[31mbroken >&2; exit 7\n")
    done = program.run("try", "--dockerfile", "context/Dockerfile")
    assert done.returncode == 4
    assert b"the Dockerfile could not be built" in done.stderr
    assert b"almost" in done.stderr
    assert b"broken" in done.stderr
    assert re.search(rb"returned a non-zero code: 7|exit status 7", done.stderr)  # Docker's words, and Podman's
    assert b"first" not in done.stderr
    assert b"\x1b" not in done.stderr


def test_a_dockerfile_that_is_not_there_is_a_usage_error(program: Program) -> None:
    done = program.run("try", "--dockerfile", "none/Dockerfile")
    assert done.returncode == 2
    assert b"does not exist on this host" in done.stderr


PODMANS = "sleep 8"
"""A step that Podman does not end with its build: what it stands on is in use for longer than we wait for it."""


@pytest.fixture
def slow(engine: DockerEngine, base: str) -> str:
    """Return a Dockerfile whose last step takes long."""
    return f"FROM {base}\nRUN echo one >/one\nRUN {PODMANS if engine.about().name == 'podman' else 'sleep 30'}\n"


def wait_for_step(process: Popen[bytes], dockerfile: str, client: Any) -> None:
    """Wait until the slow step runs: Docker names it before it makes its container, Podman lists none."""
    wait_for_text(process, b"RUN sleep", stream="stderr")
    wait_for(lambda: PODMANS in dockerfile or running(client, process.pid))


def clean(program: Program) -> None:
    """Remove what was left, once Podman has ended the step that ran."""
    wait_for(lambda: program.run("clean").returncode == 0)


@pytest.mark.parametrize("moment", first(["in a step", "in the shell"]))
def test_what_a_killed_build_left_is_swept_by_the_next_command(
    program: Program, dockerfile: Path, slow: str, client: Any, moment: str
) -> None:
    dockerfile.write_text(slow if moment == "in a step" else slow.replace("sleep", "echo"))
    before = built(client)
    process = program.start("try", "--verbose", "--dockerfile", "context/Dockerfile", "--", "sh", "-c", "echo in; cat")
    if moment == "in a step":
        wait_for_step(process, slow, client)
        wait_for(lambda: built(client) - before)
    else:
        wait_for_text(process, b"in\n")
    process.send_signal(signal.SIGKILL)
    ended(process)
    assert built(client) - before
    wait_for(lambda: not owned(client, process.pid))  # the engine ends what it was doing by itself
    clean(program)
    assert built(client) <= before
    assert not owned(client, process.pid)


def test_an_interrupted_build_leaves_nothing_or_says_what(
    program: Program, dockerfile: Path, slow: str, client: Any
) -> None:
    before = built(client)
    dockerfile.write_text(slow)
    process = program.start("try", "--verbose", "--dockerfile", "context/Dockerfile")
    wait_for_step(process, slow, client)
    process.send_signal(signal.SIGTERM)
    status, _, err = ended(process)
    assert status == 143
    assert not owned(client, process.pid)
    if PODMANS in slow and built(client) - before:
        assert b"the engine is busy with the build" in err
        clean(program)
    assert built(client) <= before


@pytest.fixture
def companion(client: Any, base: str) -> Iterator[str]:
    """Give an image with a volume, as gentoo/portage has one."""
    text = f"FROM {base}\nRUN mkdir -p /var/db/repos/gentoo && echo tree >/var/db/repos/gentoo/tree\n"
    image = image_of(client, f"{text}VOLUME /var/db/repos/gentoo\n", "companion")
    yield f"{NAME}-companion:latest"
    client.images.remove(image.id, force=True)


LOOK = "cat /var/db/repos/gentoo/tree; echo x >/var/db/repos/gentoo/x || echo read-only"


def rows_with(companion: str, base: str) -> str:
    place = f"{{image: '{companion}', path: /var/db/repos/gentoo}}"
    return f"mine: {{like: debian, image: '{base}', companions: [{place}]}}\n"


@pytest.mark.parametrize("end", first([signal.SIGKILL, None, signal.SIGTERM], 2))
def test_a_companion_is_seen_read_only_and_goes_with_the_sandbox_however_that_ends(
    program: Program, companion: str, base: str, client: Any, end: signal.Signals | None
) -> None:
    (program.work / "rows.yaml").write_text(rows_with(companion, base))
    words = ("try", "--distros", "rows.yaml", "--distro", "mine", "--", "sh", "-c", f"{LOOK}; cat")
    process = program.start(*words)
    wait_for_text(process, b"tree\nread-only\n")
    (container,) = owned(client, process.pid)
    name = volume(client, container["Id"])
    if end is not None:
        process.send_signal(end)
    status, _, _ = ended(process)
    assert status == {None: 0, signal.SIGTERM: 143, signal.SIGKILL: -9}[end]
    wait_for(lambda: is_gone(client, name))
    assert not owned(client, process.pid)


def test_a_kept_sandbox_keeps_its_companions_volume_until_it_is_removed(
    program: Program, companion: str, base: str, client: Any
) -> None:
    (program.work / "rows.yaml").write_text(rows_with(companion, base))
    kept = f"{NAME}-kept"
    words = ("try", "--keep", "--name", kept, "--distros", "rows.yaml", "--distro", "mine", "--", "true")
    try:
        assert program.run(*words).returncode == 0
        name = volume(client, kept)
        done = program.run("enter", kept, "--", "cat", "/var/db/repos/gentoo/tree")
        assert done.stdout == b"tree\n", done.stderr
    finally:
        assert program.run("rm", kept).returncode == 0
    assert is_gone(client, name)


def test_a_companion_that_can_not_be_had_stops_before_a_container_is_made(program: Program, base: str) -> None:
    (program.work / "rows.yaml").write_text(rows_with("127.0.0.1:1/none:1", base))
    done = program.run("try", "--distros", "rows.yaml", "--distro", "mine")
    assert done.returncode == 3
    assert b"could not pull 127.0.0.1:1/none:1" in done.stderr
    assert b"start" not in done.stderr


def tar_of(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            tar.addfile(member, io.BytesIO(content))
    return file.getvalue()


@pytest.fixture
def alien(client: Any) -> Iterator[str]:
    """Give an image for another machine, as `docker save` writes one."""
    layer = tar_of({"bin/sh": b"\x7fELF for another one", "etc/os-release": b"ID=debian\nVERSION_CODENAME=trixie\n"})
    layers = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]}
    config = json.dumps({"architecture": "s390x", "os": "linux", "config": {}, "rootfs": layers}).encode()
    manifest = json.dumps([{"Config": "c.json", "RepoTags": [f"{NAME}-alien:1"], "Layers": ["l.tar"]}]).encode()
    client.images.load(tar_of({"c.json": config, "l.tar": layer, "manifest.json": manifest}))
    yield f"{NAME}-alien:1"
    client.images.remove(f"{NAME}-alien:1", force=True)


@pytest.mark.parametrize("more", first([(), ("--platform", "linux/s390x")]))
def test_an_image_that_the_engine_can_not_run_is_said_with_what_it_takes(
    program: Program, alien: str, more: tuple[str, ...]
) -> None:
    done = program.run("try", "--image", alien, *more)
    assert done.returncode == 3, done.stderr
    assert b"could not run an image for linux/s390x" in done.stderr
    assert b"binfmt" in done.stderr


def test_an_image_of_another_platform_is_not_taken_for_the_one_that_is_wanted(program: Program, tagged: str) -> None:
    done = program.run("try", "--image", tagged, "--platform", "linux/s390x")
    assert done.returncode == 3
    assert b"could not pull" in done.stderr
